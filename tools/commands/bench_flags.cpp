#include "tools/commands/bench_flags.hpp"

#include <algorithm>

#include "autograd/kernels/gemm.hpp"
#include "autograd/kernels/vector.hpp"
#include "autograd/random.hpp"
#include "autograd/threads.hpp"
#include "tools/measure/machine.hpp"
#include "tools/terminal/progress.hpp"

namespace weft::tools {

void declare(Options& options, BenchFlags& flags, const std::string& steps) {
  declare_model(options, flags.model);
  options.group("Sentences of random words");
  options.integer("src-vocab", flags.src_vocab, 4, 10'000'000,
                  "source words, special ones included");
  options.integer("trg-vocab", flags.trg_vocab, 4, 10'000'000,
                  "target words, special ones included");
  options.integer("length", flags.length, 2, 10'000,
                  "tokens of each sentence, the target's end token included");
  options.integer("batch", flags.batch, 1, 65536, "sentences at once");
  options.group("Program");
  options.integer("steps", flags.steps, 1, 1'000'000, steps);
  options.common(flags.threads, flags.quiet);
  options.toggle("json", flags.json, "results as a JSON object, the last line of stdout");
}

void settle(Options& options, BenchFlags& flags, const std::vector<std::string>& arguments) {
  options.parse(arguments);
  settle_model(options, flags.model);
  use_threads(flags.threads);
}

std::unique_ptr<models::Seq2Seq> make_model(const BenchFlags& flags) {
  models::ModelConfig config = model_config(flags.model);
  config.source_vocab = flags.src_vocab;
  config.target_vocab = flags.trg_vocab;
  default_generator() = Generator(static_cast<std::uint64_t>(flags.model.seed));
  return models::make_model(config);
}

std::string describe(const BenchFlags& flags, const models::Seq2Seq& model) {
  return fmt::format("{}, {} parameters; {} sentences of {} tokens; {} threads, OpenBLAS {}, {}",
                     flags.model.preset, format_count(static_cast<double>(model.num_parameters())),
                     flags.batch, flags.length, num_threads(), blas_core(),
                     kernels::name(kernels::best_isa()));
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

}  // namespace weft::tools
