#include "autograd/kernels/formula.hpp"

#include <algorithm>

#include "autograd/error.hpp"

// From terms to a list of primitives.
namespace weft::kernels {

FormulaBuilder::FormulaBuilder(std::size_t inputs) : inputs_(inputs) {
  values_.assign(inputs, {Value::Kind::input});
}

std::size_t FormulaBuilder::index_of(const Term& term) {
  return term.builder_ != nullptr ? term.index_
                                  : add({.kind = Value::Kind::number, .number = term.number_});
}

/// The index of a value, which is added unless it is there already.
std::size_t FormulaBuilder::add(const Value& value) {
  const auto begin = values_.begin() + static_cast<std::ptrdiff_t>(inputs_);
  const auto found = std::find(begin, values_.end(), value);
  if (found == values_.end()) {
    values_.push_back(value);
    return values_.size() - 1;
  }
  return static_cast<std::size_t>(found - values_.begin());
}

/// a b + c and c - a b as one step. A product that nothing else uses then drops out of the formula.
FormulaBuilder::Value FormulaBuilder::contracted(Value value) const {
  const auto product = [this](std::size_t index) {
    return values_[index].kind == Value::Kind::step && values_[index].primitive == Primitive::mul;
  };
  const auto [a, b, c] = value.from;
  if (value.primitive == Primitive::add && (product(a) || product(b))) {
    const auto& [left, right, none] = values_[product(a) ? a : b].from;
    value.primitive = Primitive::fma;
    value.from = {left, right, product(a) ? b : a};
  } else if (value.primitive == Primitive::sub && product(b)) {
    value.primitive = Primitive::fnma;
    value.from = {values_[b].from[0], values_[b].from[1], a};
  }
  return value;
}

Term FormulaBuilder::step(Primitive primitive, const Term& a, const Term& b, const Term& c) {
  FormulaBuilder* const builder = a.builder_ != nullptr   ? a.builder_
                                  : b.builder_ != nullptr ? b.builder_
                                                          : c.builder_;
  if (builder == nullptr) {
    fail("formula: a step of numbers alone; expected an operand that depends on an input");
  }
  Value value{.kind = Value::Kind::step,
              .primitive = primitive,
              .from = {builder->index_of(a), builder->index_of(b), builder->index_of(c)}};
  return {builder, builder->add(builder->contracted(value))};
}

namespace {

/// The number of operands a primitive reads.
std::size_t operands(Primitive primitive) {
  switch (primitive) {
    case Primitive::fma:
    case Primitive::fnma:
    case Primitive::if_positive:
      return 3;
    case Primitive::add:
    case Primitive::sub:
    case Primitive::mul:
    case Primitive::div:
    case Primitive::maximum:
    case Primitive::minimum:
    case Primitive::greater:
    case Primitive::equal:
    case Primitive::pow:
      return 2;
    default:
      return 1;
  }
}

}  // namespace

/// Assigns slots to the values that the result depends on.
class FormulaCompiler {
 public:
  FormulaCompiler(const FormulaBuilder& builder, std::size_t result)
      : values_(builder.values_), last_use_(values_.size()), formula_(builder.inputs_) {
    last_use_[result] = values_.size();  // never overwritten
    for (std::size_t i = values_.size(); i-- > 0;) {
      if (last_use_[i] != 0 && values_[i].kind == Kind::step) {
        for (std::size_t k = 0; k < operands(values_[i].primitive); ++k) {
          last_use_[values_[i].from[k]] = std::max(last_use_[values_[i].from[k]], i);
        }
      }
    }
  }

  Formula compile(std::size_t result) && {
    std::vector<Formula::Slot> slot(values_.size());
    for (std::size_t i = 0; i < formula_.inputs_; ++i) {
      slot[i] = fresh();
    }
    for (std::size_t i = 0; i < values_.size(); ++i) {
      if (last_use_[i] != 0 && values_[i].kind == Kind::number) {
        slot[i] = fresh();
        formula_.constants_.push_back(values_[i].number);
      }
    }
    for (std::size_t i = 0; i < values_.size(); ++i) {
      if (last_use_[i] != 0 && values_[i].kind == Kind::step) {
        slot[i] = emit(i, slot);
      }
    }
    formula_.result_ = slot[result];
    return std::move(formula_);
  }

 private:
  using Kind = FormulaBuilder::Value::Kind;

  Formula::Slot fresh() {
    if (formula_.slots_ == Formula::kMostSlots) {
      fail("formula: too many values at once; expected at most {}", Formula::kMostSlots);
    }
    return static_cast<Formula::Slot>(formula_.slots_++);
  }

  /// Appends step i; returns its slot, which may be that of an operand used here for the last time.
  Formula::Slot emit(std::size_t i, const std::vector<Formula::Slot>& slot) {
    Formula::Instruction instruction{values_[i].primitive, {}, 0};
    for (std::size_t k = 0; k < operands(values_[i].primitive); ++k) {
      const std::size_t from = values_[i].from[k];
      instruction.from[k] = slot[from];
      if (values_[from].kind == Kind::step && last_use_[from] == i &&
          std::ranges::find(free_, slot[from]) == free_.end()) {
        free_.push_back(slot[from]);
      }
    }
    if (free_.empty()) {
      free_.push_back(fresh());
    }
    instruction.to = free_.back();
    free_.pop_back();
    formula_.instructions_.push_back(instruction);
    return instruction.to;
  }

  const std::vector<FormulaBuilder::Value>& values_;
  std::vector<std::size_t> last_use_;  // of each value: the step; 0 if the result needs it not
  std::vector<Formula::Slot> free_;    // slots whose value is no longer needed
  Formula formula_;
};

Formula FormulaBuilder::finish(const Term& result) {
  const std::size_t index = index_of(result);
  return FormulaCompiler(*this, index).compile(index);
}

bool Formula::uses(std::size_t input) const {
  return result_ == input ||
         std::ranges::any_of(instructions_, [input](const Instruction& instruction) {
           const auto read = std::span(instruction.from).first(operands(instruction.primitive));
           return std::ranges::find(read, input) != read.end();
         });
}

std::optional<std::size_t> Formula::same_as_input() const {
  return instructions_.empty() && result_ < inputs_ ? std::optional<std::size_t>(result_)
                                                    : std::nullopt;
}

Term operator+(const Term& a, const Term& b) {
  return FormulaBuilder::step(Primitive::add, a, b, a);
}
Term operator-(const Term& a, const Term& b) {
  return FormulaBuilder::step(Primitive::sub, a, b, a);
}
Term operator*(const Term& a, const Term& b) {
  return FormulaBuilder::step(Primitive::mul, a, b, a);
}
Term operator/(const Term& a, const Term& b) {
  return FormulaBuilder::step(Primitive::div, a, b, a);
}
Term operator-(const Term& a) { return FormulaBuilder::step(Primitive::neg, a, a, a); }
Term abs(const Term& a) { return FormulaBuilder::step(Primitive::abs, a, a, a); }
Term sqrt(const Term& a) { return FormulaBuilder::step(Primitive::sqrt, a, a, a); }
Term maximum(const Term& a, const Term& b) {
  return FormulaBuilder::step(Primitive::maximum, a, b, a);
}
Term minimum(const Term& a, const Term& b) {
  return FormulaBuilder::step(Primitive::minimum, a, b, a);
}
Term greater(const Term& a, const Term& b) {
  return FormulaBuilder::step(Primitive::greater, a, b, a);
}
Term equal(const Term& a, const Term& b) { return FormulaBuilder::step(Primitive::equal, a, b, a); }
Term if_positive(const Term& a, const Term& b, const Term& c) {
  return FormulaBuilder::step(Primitive::if_positive, a, b, c);
}
Term exp(const Term& a) { return FormulaBuilder::step(Primitive::exp, a, a, a); }
Term log(const Term& a) { return FormulaBuilder::step(Primitive::log, a, a, a); }
Term log1p(const Term& a) { return FormulaBuilder::step(Primitive::log1p, a, a, a); }
Term pow(const Term& a, const Term& b) { return FormulaBuilder::step(Primitive::pow, a, b, a); }
Term tanh(const Term& a) { return FormulaBuilder::step(Primitive::tanh, a, a, a); }
Term sigmoid(const Term& a) { return FormulaBuilder::step(Primitive::sigmoid, a, a, a); }
Term erf(const Term& a) { return FormulaBuilder::step(Primitive::erf, a, a, a); }
Term sin(const Term& a) { return FormulaBuilder::step(Primitive::sin, a, a, a); }
Term cos(const Term& a) { return FormulaBuilder::step(Primitive::cos, a, a, a); }

}  // namespace weft::kernels
