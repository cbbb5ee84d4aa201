#pragma once

#include <functional>
#include <vector>

#include "autograd/op.hpp"

/// Products with Jacobian and Hessian matrices, by the names of torch.autograd.functional. The
/// function is called with leaves that share the elements of `inputs`, which have to be floating;
/// whatever else it uses counts as a constant. Results are outside any graph.
namespace weft::functional {

/// A function's value and a product with one of its derivatives.
struct Product {
  std::vector<Tensor> outputs;  ///< what the function returned
  std::vector<Tensor> product;  ///< see each function
};

/// Vector times Jacobian: sum_i v[i]^T d outputs[i] / d inputs[j] for each j; v has the shapes of
/// the outputs, the product those of the inputs. One backward.
Product vjp(const TensorFunction& function, const std::vector<Tensor>& inputs,
            const std::vector<Tensor>& v);

/// Jacobian times vector: sum_j d outputs[i] / d inputs[j] v[j] for each i, the derivative of the
/// outputs in the direction v; v has the shapes of the inputs, the product those of the outputs.
/// Two backwards.
Product jvp(const TensorFunction& function, const std::vector<Tensor>& inputs,
            const std::vector<Tensor>& v);

/// Hessian times vector, for a function whose only output is a scalar: v and the product have the
/// shapes of the inputs. Two backwards, whatever the size. Throws Error if it returns no scalar.
Product hvp(const TensorFunction& function, const std::vector<Tensor>& inputs,
            const std::vector<Tensor>& v);

/// All derivatives of f(x) by x, of shape [shape of f(x)..., shape of x...]. One backward an
/// element of f(x).
Tensor jacobian(const std::function<Tensor(const Tensor&)>& function, const Tensor& x);

/// All second derivatives of a scalar f(x), of shape [shape of x..., shape of x...]. Throws Error
/// if f(x) is no scalar.
Tensor hessian(const std::function<Tensor(const Tensor&)>& function, const Tensor& x);

}  // namespace weft::functional
