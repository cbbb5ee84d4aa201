#include "models/translation/evaluate.hpp"

#include <algorithm>
#include <iterator>
#include <optional>

#include "data/text/style.hpp"
#include "tools/commands/commands.hpp"
#include "tools/flags/corpora.hpp"
#include "tools/flags/models.hpp"
#include "tools/flags/search.hpp"
#include "tools/measure/machine.hpp"
#include "tools/terminal/output.hpp"
#include "tools/terminal/progress.hpp"

namespace weft::tools {
namespace {

struct EvaluateFlags {
  std::string model;
  PairFiles test;
  std::string tokenize = "13a";
  std::string output;
  std::int64_t batch = 64;
  SearchFlags search;
  std::int64_t threads = 0;
  bool quiet = false;
  bool json = false;
};

void declare(Options& options, EvaluateFlags& flags) {
  options.text("model", flags.model, "DIR[,DIR...]",
               "a run directory (its best/) or a model directory; several translate together");
  declare_pair_files(options, "test", flags.test, "test pairs");
  const auto tokenizations = data::bleu_tokenization_names();
  options.choice("tokenize", flags.tokenize, {tokenizations.begin(), tokenizations.end()},
                 "how BLEU cuts text into words");
  options.text("output", flags.output, "FILE", "also writes the translations, one a line");
  options.integer("batch", flags.batch, 1, 65536, "sentences translated at once");
  declare_search(options, flags.search);
  options.common(flags.threads, flags.quiet);
  options.toggle("json", flags.json, "results as a JSON object, the last line of stdout");
}

void write_hypotheses(const std::vector<std::string>& hypotheses, Output& file) {
  for (const std::string& hypothesis : hypotheses) {
    file.line(hypothesis);
  }
  file.close();
}

/// References are compared as they stand, so a model of lower case can match none with capitals.
void warn_of_case(const EvaluateFlags& flags, const models::Translator& translator,
                  const std::vector<data::TextPair>& pairs) {
  std::vector<std::string> references;
  references.reserve(pairs.size());
  std::ranges::transform(pairs, std::back_inserter(references), &data::TextPair::target);
  if (translator.target.tokenizer.config().lowercase &&
      data::text_style(references).upper_lines > 0) {
    Progress(flags.quiet)
        .message(
            "weft: warning: the model writes lower case alone and the references do not; hint: "
            "--output FILE, then weft score --lowercase true");
  }
}

void report(const models::Evaluation& result, bool json) {
  Output output;
  const auto row = [&output](std::string_view figure, const std::string& value) {
    output.line(fmt::format("{:<20} {:>12}", figure, value));
  };
  row("BLEU", fmt::format("{:.2f}", result.bleu));
  row("chrF2", fmt::format("{:.2f}", result.chrf));
  row("exact match", fmt::format("{:.2f} %", 100 * result.exact_match));
  row("loss", fmt::format("{:.4f}", result.loss));
  row("perplexity", fmt::format("{:.3f}", result.perplexity));
  row("sentences a second", format_count(result.sentences_per_second));
  row("tokens a second", format_count(result.tokens_per_second));
  output.line(fmt::format("{:<20} {}", "BLEU's signature", result.signature));
  output.line(fmt::format("{:<20} {}", "chrF2's signature", result.chrf_signature));
  if (json) {
    output.json({{"bleu", result.bleu},
                 {"chrf", result.chrf},
                 {"exact_match", result.exact_match},
                 {"loss", result.loss},
                 {"perplexity", result.perplexity},
                 {"sentences_per_second", result.sentences_per_second},
                 {"tokens_per_second", result.tokens_per_second},
                 {"signature", result.signature}});
  }
  output.close();
}

}  // namespace

int evaluate(const Arguments& arguments) {
  EvaluateFlags flags;
  Options options("evaluate", "Translates a test set and scores the result.");
  declare(options, flags);
  options.parse(arguments);
  options.require("model");
  check_pair_files(options, "test", flags.test);
  if (!flags.test.given()) {
    misuse("evaluate: no test set; expected --test-tsv, or --test-src and --test-trg");
  }
  for (const std::string& input : {flags.test.tsv, flags.test.src, flags.test.trg}) {
    refuse_same_file("evaluate", input, flags.output);
  }
  const models::DecodeOptions search = search_options(options, flags.search);
  use_threads(flags.threads);
  std::optional<Output> file;  // first: a path that cannot be written costs no translation
  if (!flags.output.empty()) {
    file.emplace(flags.output);
  }
  const std::vector<data::TextPair> pairs = read_pairs(flags.test);
  const models::Translator translator = load_translator(flags.model);
  Progress(flags.quiet)
      .message(
          fmt::format("translating {} sentences", format_count(static_cast<double>(pairs.size()))));
  const models::Evaluation result = models::evaluate(
      translator, pairs, flags.batch, data::bleu_tokenization_named(flags.tokenize), search);
  warn_of_case(flags, translator, pairs);
  if (file) {
    write_hypotheses(result.hypotheses, *file);
  }
  report(result, flags.json);
  return 0;
}

}  // namespace weft::tools
