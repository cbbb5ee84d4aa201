#include "tools/pictures/attention_picture.hpp"

#include <algorithm>
#include <limits>

#include "data/tasks/toy_tasks.hpp"

namespace weft::tools {

std::string AttentionPicture::part() const {
  return layer == 0 ? "" : fmt::format("layer {}, head {}", layer, head);
}

Alignment hard_alignment(const AttentionPicture& picture) {
  Alignment links;
  for (std::size_t t = 0; t < picture.weights.size(); ++t) {
    const std::vector<float>& row = picture.weights[t];
    links.emplace(std::ranges::max_element(row) - row.begin(), static_cast<std::int64_t>(t));
  }
  return links;
}

double alignment_error_rate(const std::vector<AttentionPicture>& pictures) {
  std::size_t common = 0;
  std::size_t total = 0;
  for (const AttentionPicture& picture : pictures) {
    if (picture.truth.empty()) {
      continue;
    }
    const Alignment found = hard_alignment(picture);
    common += static_cast<std::size_t>(std::ranges::count_if(
        found, [&](const auto& link) { return picture.truth.contains(link); }));
    total += found.size() + picture.truth.size();
  }
  return total == 0 ? std::numeric_limits<double>::quiet_NaN()
                    : 1 - 2 * static_cast<double>(common) / static_cast<double>(total);
}

TrueAlignments::TrueAlignments(const models::Translator& translator) {
  constexpr const char* kTask = "en-fr";
  const models::Json& training = translator.training;
  if (!training.is_object() || training.value("task", "") != kTask) {
    return;
  }
  data::ToySplits splits = data::make_toy_task(kTask);
  for (auto* split : {&splits.train, &splits.valid, &splits.test, &splits.test_composition,
                      &splits.test_length}) {
    for (data::ToyPair& pair : *split) {
      known_.emplace(pair.source, std::move(pair));
    }
  }
}

Alignment TrueAlignments::find(const std::vector<std::string>& source,
                               const std::vector<std::string>& target) const {
  const auto found = known_.find(source);
  if (found == known_.end() || found->second.target != target) {
    return {};
  }
  return {found->second.alignment.begin(), found->second.alignment.end()};
}

}  // namespace weft::tools
