#pragma once

#include "models/seq2seq.hpp"
#include "tools/flags/options.hpp"
#include "tools/flags/train.hpp"

namespace weft::tools {

/// The flags of every `weft bench`: a new model and the random sentences that it gets.
struct BenchFlags {
  TrainFlags model;  ///< its flags of the model alone
  std::int64_t src_vocab = 5921;
  std::int64_t trg_vocab = 7859;
  std::int64_t length = 15;
  std::int64_t batch = 64;
  std::int64_t steps = 20;
  std::string trace;
  std::int64_t threads = 0;
  bool quiet = false;
  bool json = false;
};

/// Declares them, bound to `flags`; `steps` says what is repeated.
void declare(Options& options, BenchFlags& flags, const std::string& steps);

/// Reads the arguments, starts the threads. Throws UsageError.
void settle(Options& options, BenchFlags& flags, const std::vector<std::string>& arguments);

/// Makes the model.
std::unique_ptr<models::Seq2Seq> make_model(const BenchFlags& flags);

/// "bahdanau2015, 12,439,731 parameters; 64 sentences of 15 tokens; 2 threads, OpenBLAS Haswell,
/// avx2".
std::string describe(const BenchFlags& flags, const models::Seq2Seq& model);

/// The middle one; of an even number the mean of the two in the middle. There must be one.
double median(std::vector<double> values);

}  // namespace weft::tools
