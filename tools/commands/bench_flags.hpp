#pragma once

#include "models/seq2seq.hpp"
#include "tools/flags/new_model.hpp"
#include "tools/flags/options.hpp"

namespace weft::tools {

/// The random sentences that a new model reads.
struct RandomPairFlags {
  std::int64_t src_vocab = data::option(
      &src_vocab, "src-vocab", 5921, {data::kSpecials, models::kMaxVocab},
      "source vocabulary size, special tokens included", {.group = "Random sentences"});
  std::int64_t trg_vocab =
      data::option(&trg_vocab, "trg-vocab", 7859, {data::kSpecials, models::kMaxVocab},
                   "target vocabulary size, special tokens included");
  std::int64_t length = data::option(&length, "length", 15, {2, 10'000},
                                     "tokens per sentence, including the end token of the target");
  std::int64_t batch = data::option(&batch, "batch", 64, {1, 65536}, "sentences at once");
};

/// The flags that all benchmarks share. A benchmark adds its own, starting with the number of
/// measurements.
struct BenchFlags : RandomPairFlags {
  NewModelFlags model;
};

/// Declares --steps in the group Program; its help says that `what` is repeated.
std::int64_t steps_option(std::int64_t* field, std::string_view what);

/// Declares the flags, bound to `flags`. The model's flags are those of the preset in the
/// arguments.
void declare(Options& options, BenchFlags& flags, const std::vector<std::string>& arguments);

/// Makes the model.
std::unique_ptr<models::Seq2Seq> make_model(const BenchFlags& flags);

/// "bahdanau2015, 12,439,731 parameters; 64 sentences of 15 tokens; 2 threads, OpenBLAS Haswell,
/// avx2".
std::string describe(const BenchFlags& flags, const models::Seq2Seq& model);

/// The middle value; for an even number of values, the mean of the two in the middle. There must be
/// at least one value.
double median(std::vector<double> values);

}  // namespace weft::tools
