#include <algorithm>

#include "autograd/kernels/elementwise.hpp"
#include "autograd/kernels/formula.hpp"
#include "autograd/kernels/vector.hpp"

// Evaluation of a formula, block by block.
namespace weft::kernels {
namespace {

/// Elements per block. The blocks of all slots together fit into an L1 cache of 32 KiB.
constexpr std::int64_t kBlock = 512;

/// How the elements of an operand are found.
template <class T>
struct Source {
  enum class Kind : std::uint8_t { unused, whole, number, broadcast } kind = Kind::unused;
  const T* data = nullptr;
  std::optional<BroadcastPlan<1>> plan;

  Source() = default;
  Source(const Operand<T>& operand, const Shape& shape, std::int64_t total) : data(operand.data) {
    const std::int64_t size = numel(*operand.shape);
    kind = size == total ? Kind::whole : (size == 1 ? Kind::number : Kind::broadcast);
    if (kind == Kind::broadcast) {
      plan.emplace(shape, std::array{*operand.shape});
    }
  }

  /// The elements for the results begin, begin + 1, ...; copied to `to` unless they are contiguous.
  const T* read(std::int64_t begin, std::int64_t n, T* to) const {
    const std::int64_t inner = plan->inner();
    const bool steps = plan->step()[0] == 1;
    std::int64_t row = begin / inner;
    std::int64_t column = begin % inner;
    if (steps && column + n <= inner) {
      return data + plan->offsets(row)[0] + column;
    }
    for (T* next = to; next < to + n; ++row, column = 0) {
      const std::int64_t count = std::min(inner - column, to + n - next);
      const T* const from = data + plan->offsets(row)[0];
      if (steps) {
        std::copy_n(from + column, count, next);
      } else {
        std::fill_n(next, count, *from);
      }
      next += count;
    }
    return to;
  }
};

}  // namespace

template <class T>
class Formula::Evaluation {
 public:
  Evaluation(const Formula& formula, std::span<const Operand<T>> operands, const Shape& shape, T* y)
      : formula_(formula), y_(y), total_(numel(shape)) {
    for (std::size_t i = 0; i < operands.size(); ++i) {
      if (formula.uses(i)) {
        sources_[i] = Source<T>(operands[i], shape, total_);
        whole_ = whole_ && sources_[i].kind == Source<T>::Kind::whole;
      }
    }
  }

  void run() const {
    parallel_for(total_, total_, [this](std::int64_t begin, std::int64_t end) {
      if (formula_.instructions_.size() == 1 && whole_ && formula_.constants_.empty()) {
        Slots at{};
        for (std::size_t i = 0; i < formula_.inputs_; ++i) {
          at[i] = sources_[i].data + begin;
        }
        apply(formula_.instructions_[0], at, y_ + begin, end - begin);
      } else {
        run_blocks(begin, end);
      }
    });
  }

 private:
  /// Where the block of each slot is.
  using Slots = std::array<const T*, kMostSlots>;

  void apply(const Instruction& instruction, const Slots& at, T* to, std::int64_t n) const {
    const auto& [a, b, c] = instruction.from;
    kernels_.primitives[static_cast<std::size_t>(instruction.primitive)](at[a], at[b], at[c], to,
                                                                         n);
  }

  void run_blocks(std::int64_t begin, std::int64_t end) const {
    alignas(64) std::array<T, kMostSlots * kBlock> scratch;  // not initialized: written before read
    const auto block = [&scratch](std::size_t slot) {
      return scratch.data() + static_cast<std::int64_t>(slot) * kBlock;
    };
    Slots at{};
    fill_numbers(at, block, std::min(kBlock, end - begin));
    for (std::int64_t i = begin; i < end; i += kBlock) {
      const std::int64_t n = std::min(kBlock, end - i);
      for (std::size_t k = 0; k < formula_.inputs_; ++k) {
        if (sources_[k].kind == Source<T>::Kind::whole) {
          at[k] = sources_[k].data + i;
        } else if (sources_[k].kind == Source<T>::Kind::broadcast) {
          at[k] = sources_[k].read(i, n, block(k));
        }
      }
      const std::size_t last = formula_.instructions_.size() - 1;
      for (std::size_t k = 0; k < last; ++k) {
        const Instruction& instruction = formula_.instructions_[k];
        T* const to = block(instruction.to);
        apply(instruction, at, to, n);
        at[instruction.to] = to;
      }
      apply(formula_.instructions_[last], at, y_ + i, n);
    }
  }

  /// Fills the blocks of constants and of operands with a single element.
  template <class Block>
  void fill_numbers(Slots& at, Block block, std::int64_t n) const {
    const auto fill = [&](std::size_t slot, T number) {
      std::fill_n(block(slot), n, number);
      at[slot] = block(slot);
    };
    for (std::size_t k = 0; k < formula_.inputs_; ++k) {
      if (sources_[k].kind == Source<T>::Kind::number) {
        fill(k, *sources_[k].data);
      }
    }
    for (std::size_t k = 0; k < formula_.constants_.size(); ++k) {
      fill(formula_.inputs_ + k, static_cast<T>(formula_.constants_[k]));
    }
  }

  const Formula& formula_;
  const VectorKernels<T>& kernels_ = vector_kernels<T>();
  std::array<Source<T>, kMostSlots> sources_;
  T* y_;
  std::int64_t total_;
  bool whole_ = true;  // every operand has as many elements as the result
};

template <class T>
void Formula::evaluate(std::span<const Operand<T>> operands, const Shape& shape, T* y) const {
  Evaluation<T>(*this, operands, shape, y).run();
}

template void Formula::evaluate(std::span<const Operand<float>>, const Shape&, float*) const;
template void Formula::evaluate(std::span<const Operand<double>>, const Shape&, double*) const;

}  // namespace weft::kernels
