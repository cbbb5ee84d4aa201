#include "models/search/next_tokens.hpp"

#include <algorithm>

#include "data/text/vocabulary.hpp"

namespace weft::models {
namespace {

constexpr std::int64_t kFirst = data::kEos;  // <pad> and <bos> are never generated

std::size_t place(std::int64_t row, std::int64_t width, std::int64_t i) {
  return static_cast<std::size_t>(row * width + i);
}

}  // namespace

void NextTokens::find_best() { best_ = argmax(narrow(log_p_, 1, kFirst, log_p_.size(1) - kFirst)); }

void NextTokens::find_top(std::int64_t count) {
  const std::int64_t choices = log_p_.size(1) - kFirst;
  count_ = std::min(count, choices);
  top_ = topk(narrow(log_p_, 1, kFirst, choices), count_);
}

std::int64_t NextTokens::best(std::int64_t row) const {
  return best_.data<std::int64_t>()[static_cast<std::size_t>(row)] + kFirst;
}

std::int64_t NextTokens::candidate(std::int64_t row, std::int64_t i) const {
  return top_.ids.data<std::int64_t>()[place(row, count_, i)] + kFirst;
}

double NextTokens::candidate_log_p(std::int64_t row, std::int64_t i) const {
  return static_cast<double>(top_.values.data<float>()[place(row, count_, i)]) - normalizer(row);
}

// argmax treats NaN as the largest value, and a NaN propagates through the sum in a normalizer.
double NextTokens::level(std::int64_t row) const {
  return normalized() ? normalizer(row)
                      : static_cast<double>(this->row(row)[static_cast<std::size_t>(best(row))]);
}

std::span<const float> NextTokens::row(std::int64_t row) const {
  const std::int64_t V = log_p_.size(1);
  return log_p_.data<float>().subspan(place(row, V, 0), static_cast<std::size_t>(V));
}

double NextTokens::log_p(std::int64_t row, std::int64_t token) const {
  return static_cast<double>(this->row(row)[static_cast<std::size_t>(token)]) - normalizer(row);
}

std::vector<float> NextTokens::attention(std::int64_t row, std::int64_t length) const {
  std::vector<float> weights;
  for (std::int64_t s = 0; s < length; ++s) {
    weights.push_back(attention_.data<float>()[place(s, attention_.size(1), row)]);
  }
  return weights;
}

double NextTokens::normalizer(std::int64_t row) const {
  return static_cast<double>(normalizers_.data<float>()[static_cast<std::size_t>(row)]);
}

}  // namespace weft::models
