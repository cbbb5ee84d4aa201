#include "tools/commands/bench_flags.hpp"

#include <algorithm>

#include "autograd/kernels/gemm.hpp"
#include "autograd/kernels/vector.hpp"
#include "autograd/random.hpp"
#include "autograd/threads.hpp"
#include "tools/measure/machine.hpp"
#include "tools/terminal/progress.hpp"

namespace weft::tools {

std::int64_t steps_option(std::int64_t* field, std::string_view what) {
  return data::option(field, "steps", 20, {1, 1'000'000}, what, {.group = "Program"});
}

void declare(Options& options, BenchFlags& flags, const std::vector<std::string>& arguments) {
  flags.model.preset = preset_in(arguments, flags.model.preset);
  declare_model(options, flags.model);
  options.add(static_cast<RandomPairFlags&>(flags));
}

std::unique_ptr<models::Seq2Seq> make_model(const BenchFlags& flags) {
  const std::unique_ptr<models::ModelConfig> config = flags.model.config->clone();
  config->source_vocab = flags.src_vocab;
  config->target_vocab = flags.trg_vocab;
  default_generator() = Generator(1);
  return models::make_model(*config);
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
