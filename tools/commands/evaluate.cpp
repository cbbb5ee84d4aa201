#include "models/translation/evaluate.hpp"

#include <algorithm>
#include <iterator>
#include <optional>

#include "data/text/style.hpp"
#include "tools/commands/commands.hpp"
#include "tools/flags/corpora.hpp"
#include "tools/flags/models.hpp"
#include "tools/flags/search.hpp"
#include "tools/measure/corpus_messages.hpp"
#include "tools/measure/machine.hpp"
#include "tools/terminal/output.hpp"
#include "tools/terminal/progress.hpp"

// `weft evaluate`: translates a test set and prints BLEU, chrF, loss and speed.
namespace weft::tools {
namespace {

struct EvaluateFlags {
  std::string model =
      data::option(&model, "model", "",
                   "run directory (uses its best/) or model directory; several form an ensemble",
                   {.placeholder = "DIR[,DIR...]"});
  PairFiles test{"test", "test pairs"};
  data::BleuTokenization tokenize =
      data::option(&tokenize, "tokenize", data::BleuTokenization::v13a, "tokenizer of BLEU");
  std::string output = data::option(&output, "output", "", "also write the translations to a file",
                                    {.placeholder = "FILE"});
  std::int64_t batch =
      data::option(&batch, "batch", 64, {1, 65536}, "sentences decoded at once by each thread");
  LineFlags lines;
  models::DecodeOptions search;
  ProgramFlags program;
};

void write_hypotheses(const std::vector<std::string>& hypotheses, Output& file) {
  for (const std::string& hypothesis : hypotheses) {
    file.line(hypothesis);
  }
  file.close();
}

/// References are compared verbatim, so a lower-casing model cannot match those with capitals.
void warn_of_case(const EvaluateFlags& flags, const models::Translator& translator,
                  const std::vector<data::TextPair>& pairs) {
  std::vector<std::string> references;
  references.reserve(pairs.size());
  std::ranges::transform(pairs, std::back_inserter(references), &data::TextPair::target);
  if (translator.target.tokenizer.config().lowercase &&
      data::text_style(references).upper_lines > 0) {
    Progress(flags.program.quiet)
        .message(
            "weft: warning: the model outputs only lower case, but the references do not; hint: "
            "--output FILE, then weft score --lowercase true");
  }
}

void warn_of_length(const EvaluateFlags& flags, const data::Findings& pairs) {
  if (pairs.count > 0) {
    Progress(flags.program.quiet)
        .message(fmt::format(
            "weft: warning: {} more than {} tokens on a side{}; a source is translated up to "
            "there, and the loss skips the pair; hint: --max-source-length",
            pairs.count == 1 ? "1 pair has" : fmt::format("{} pairs have", pairs.count),
            format_count(static_cast<double>(flags.lines.max_source_length)), lines_of(pairs)));
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
  row("sentences per second", format_count(result.sentences_per_second));
  row("tokens per second", format_count(result.tokens_per_second));
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
                 {"long_pairs", result.long_pairs.count},
                 {"signature", result.signature}});
  }
  output.close();
}

}  // namespace

int evaluate(const Arguments& arguments) {
  EvaluateFlags flags;
  Options options("evaluate", "Translates a test set and scores the result.");
  options.add(flags);
  options.parse(arguments);
  options.require("model");
  check_pair_files(options, "test", flags.test);
  if (!flags.test.given()) {
    misuse("evaluate: no test set; expected --test-tsv, or --test-src and --test-trg");
  }
  for (const std::string& input :
       {flags.test.tsv, flags.test.src, flags.test.trg, flags.program.config}) {
    refuse_same_file("evaluate", input, flags.output);
  }
  refuse_model_file("evaluate", flags.output);
  check_search(options, flags.search);
  use_threads(flags.program.threads);
  std::optional<Output> file;  // opened first, to fail before translating
  if (!flags.output.empty()) {
    file.emplace(flags.output);
  }
  const std::vector<data::TextPair> pairs = read_pairs(flags.test);
  const models::Translator translator = load_translator(flags.model, flags.lines);
  for (const std::string& warning : model_warnings(flags.model)) {
    Progress(flags.program.quiet).message(warning);
  }
  Progress(flags.program.quiet)
      .message(
          fmt::format("translating {} sentences", format_count(static_cast<double>(pairs.size()))));
  const models::Evaluation result = models::evaluate(translator, pairs, flags.batch, flags.tokenize,
                                                     flags.search, flags.test.names());
  warn_of_length(flags, result.long_pairs);
  warn_of_case(flags, translator, pairs);
  if (file) {
    write_hypotheses(result.hypotheses, *file);
  }
  report(result, flags.program.json);
  return 0;
}

}  // namespace weft::tools
