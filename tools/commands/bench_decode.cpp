#include <chrono>

#include "data/batches.hpp"
#include "tools/commands/bench.hpp"
#include "tools/commands/bench_flags.hpp"
#include "tools/flags/search.hpp"
#include "tools/measure/machine.hpp"
#include "tools/measure/random_pairs.hpp"
#include "tools/terminal/output.hpp"

// `weft bench decode`: how many random sentences a new model translates per second.
namespace weft::tools {
namespace {

struct DecodeFlags {
  std::int64_t steps = steps_option(&steps, "batches to time, after one for warm-up");
  ProgramFlags program;
  models::DecodeOptions search;
};

struct Result {
  double sentences_per_second;
  double tokens_per_second;
};

/// The median over batches of new sentences.
Result measure(const BenchFlags& flags, std::int64_t steps, const models::Seq2Seq& model,
               const models::DecodeOptions& search) {
  using Clock = std::chrono::steady_clock;
  std::vector<double> seconds;
  double tokens = 0;
  for (std::int64_t step = -1; step < steps; ++step) {  // the first one is a warm-up
    std::vector<std::vector<std::int64_t>> sources;
    for (data::SentencePair& pair : random_pairs(model.config(), flags.batch, flags.length)) {
      sources.push_back(std::move(pair.source));
    }
    const data::SourceBatch batch = data::make_source_batch(sources, all_rows(flags.batch));
    const Clock::time_point begin = Clock::now();
    const auto found = models::decode(model, batch, search);
    const std::chrono::duration<double> time = Clock::now() - begin;
    if (step >= 0) {
      seconds.push_back(time.count());
      for (const std::vector<models::Hypothesis>& translations : found) {
        tokens += static_cast<double>(translations.front().tokens.size() + 1);
      }
    }
  }
  const double second = median(seconds);
  return {static_cast<double>(flags.batch) / second, tokens / static_cast<double>(steps) / second};
}

}  // namespace

int bench_decode(const Arguments& arguments) {
  BenchFlags flags;
  DecodeFlags own;
  Options options("bench decode",
                  "Measures how fast a new model translates random sentences. Its random weights "
                  "hardly ever end a translation: it has --max-length tokens, or --length.");
  declare(options, flags, arguments);
  options.add(own);
  options.parse(arguments);
  check_model(options, flags.model);
  check_search(options, own.search);
  use_threads(own.program.threads);
  models::DecodeOptions search = own.search;
  if (!options.given("max-length")) {
    search.max_length = flags.length;
  }

  const std::unique_ptr<models::Seq2Seq> model = make_model(flags);
  model->eval();
  const Result result = measure(flags, own.steps, *model, search);
  Output output;
  if (!own.program.quiet) {
    output.line(describe(flags, *model));
    output.line(fmt::format("beam               {}", search.beam));
    output.line(fmt::format("sentences          {:.1f} per second, the median of {} batches",
                            result.sentences_per_second, own.steps));
    output.line(fmt::format("tokens             {:.0f} per second, of the translations",
                            result.tokens_per_second));
  }
  if (own.program.json) {
    output.json({{"sentences_per_second", result.sentences_per_second},
                 {"tokens_per_second", result.tokens_per_second},
                 {"beam", search.beam}});
  }
  output.close();
  return 0;
}

}  // namespace weft::tools
