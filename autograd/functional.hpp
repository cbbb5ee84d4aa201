#pragma once

#include <functional>
#include <vector>

#include "autograd/op.hpp"

/// Products with Jacobian and Hessian matrices, named as in torch.autograd.functional. The function
/// is called with leaves that share the elements of `inputs`, which must be floating; everything
/// else it uses counts as a constant. Throws Error if that is all it uses. Results are not part of
/// any graph.
namespace weft::functional {

/// The value of a function and a product with one of its derivatives.
struct Product {
  std::vector<Tensor> outputs;  ///< what the function returned
  std::vector<Tensor> product;  ///< see each function
};

/// Vector-Jacobian product: sum_i v[i]^T d outputs[i] / d inputs[j] for each j; v has the shapes of
/// the outputs, the product those of the inputs. Takes one backward pass.
Product vjp(const TensorFunction& function, const std::vector<Tensor>& inputs,
            const std::vector<Tensor>& v);

/// Jacobian-vector product: sum_j d outputs[i] / d inputs[j] v[j] for each i, the derivative of the
/// outputs in the direction v; v has the shapes of the inputs, the product those of the outputs.
/// Takes two backward passes.
Product jvp(const TensorFunction& function, const std::vector<Tensor>& inputs,
            const std::vector<Tensor>& v);

/// Hessian-vector product of a function whose only output is a scalar: v and the product have the
/// shapes of the inputs. Takes two backward passes at any size. Throws Error if the function does
/// not return a scalar.
Product hvp(const TensorFunction& function, const std::vector<Tensor>& inputs,
            const std::vector<Tensor>& v);

/// The Jacobian of f at x, of shape [shape of f(x)..., shape of x...]. Takes one backward pass per
/// element of f(x).
Tensor jacobian(const std::function<Tensor(const Tensor&)>& function, const Tensor& x);

/// The Hessian of a scalar f at x, of shape [shape of x..., shape of x...]. Throws Error if f(x) is
/// not a scalar.
Tensor hessian(const std::function<Tensor(const Tensor&)>& function, const Tensor& x);

}  // namespace weft::functional
