#include <optional>
#include <utility>

#include "data/corpus.hpp"
#include "data/scores/bleu.hpp"
#include "data/scores/chrf.hpp"
#include "data/text/style.hpp"
#include "tools/commands/commands.hpp"
#include "tools/flags/options.hpp"
#include "tools/measure/machine.hpp"
#include "tools/terminal/output.hpp"
#include "tools/terminal/progress.hpp"

// `weft score`: BLEU and chrF of translations in a file.
namespace weft::tools {
namespace {

struct TextFlags {
  std::string hyp =
      data::option(&hyp, "hyp", "", "translations to score, one per line", {.placeholder = "FILE"});
  std::string ref =
      data::option(&ref, "ref", "", "references, one per line", {.placeholder = "FILE"});
  data::BleuTokenization tokenize =
      data::option(&tokenize, "tokenize", data::BleuTokenization::v13a, "tokenizer of BLEU");
  bool lowercase = data::option(&lowercase, "lowercase", false, "ignore case");
  std::int64_t bootstrap =
      data::option(&bootstrap, "bootstrap", 0, {0, 1'000'000},
                   "bootstrap resamples for 95 % confidence intervals (0: none)");
  std::uint64_t seed = data::option(&seed, "seed", 1, {0, 1'000'000'000}, "seed of the resampling");
};

struct ScoreFlags : TextFlags, ProgramFlags {};

struct Texts {
  std::vector<std::string> hypotheses;
  std::vector<std::string> references;
};

Texts read_texts(const ScoreFlags& flags) {
  Texts texts;
  for (data::TextPair& pair : data::read_parallel(flags.hyp, flags.ref)) {
    texts.hypotheses.push_back(std::move(pair.source));
    texts.references.push_back(std::move(pair.target));
  }
  return texts;
}

/// Warns if the texts differ in casing or tokenization: their scores mean little.
void warn(const ScoreFlags& flags, const Texts& texts) {
  const data::TextStyle hyp = data::text_style(texts.hypotheses);
  const data::TextStyle ref = data::text_style(texts.references);
  const auto warning = [&flags](bool is_hyp, std::string_view habit, std::string_view hint) {
    Progress(flags.quiet)
        .message(fmt::format("weft: warning: {} {}, unlike {}; hint: {}",
                             models::printable(is_hyp ? flags.hyp : flags.ref), habit,
                             models::printable(is_hyp ? flags.ref : flags.hyp), hint));
  };
  if (!flags.lowercase && data::case_differs(hyp, ref)) {
    const bool is_hyp = hyp.all_lower() || hyp.all_upper();
    const bool lower = is_hyp ? hyp.all_lower() : ref.all_lower();
    warning(is_hyp, lower ? "is all lower case" : "is all upper case", "--lowercase true");
  }
  if (data::tokenization_differs(hyp, ref)) {
    warning(hyp.looks_tokenized(), "looks tokenized", "score detokenized text");
  }
}

struct Intervals {
  data::Interval bleu;
  data::Interval chrf;
};

struct Scores {
  data::BleuScore bleu;
  data::ChrfScore chrf;
  std::optional<Intervals> intervals;
};

Scores score_texts(const ScoreFlags& flags, const Texts& texts) {
  const auto letter_case = flags.lowercase ? data::LetterCase::lower : data::LetterCase::mixed;
  Scores scores;
  scores.bleu = data::corpus_bleu(texts.hypotheses, texts.references, flags.tokenize, letter_case);
  scores.chrf = data::corpus_chrf(texts.hypotheses, texts.references, letter_case);
  if (flags.bootstrap > 0) {
    const data::Bootstrap bootstrap{flags.bootstrap, flags.seed};
    scores.intervals = {
        data::bleu_interval(texts.hypotheses, texts.references, flags.tokenize, letter_case,
                            bootstrap),
        data::chrf_interval(texts.hypotheses, texts.references, letter_case, bootstrap)};
  }
  return scores;
}

models::Json to_json(const Scores& scores) {
  models::Json json = {
      {"bleu", scores.bleu.bleu}, {"chrf", scores.chrf.chrf}, {"signature", scores.bleu.signature}};
  if (scores.intervals) {
    json["bleu_interval"] = {scores.intervals->bleu.low, scores.intervals->bleu.high};
    json["chrf_interval"] = {scores.intervals->chrf.low, scores.intervals->chrf.high};
  }
  return json;
}

std::string count(std::int64_t number) { return format_count(static_cast<double>(number)); }

void report(const Scores& scores, bool json) {
  Output output;
  const auto row = [&output](std::string_view figure, const std::string& value) {
    output.line(fmt::format("{:<20} {}", figure, value));
  };
  const auto interval = [&row](const data::Interval& x) {
    row("  95 % interval", fmt::format("{:.2f} to {:.2f}", x.low, x.high));
  };
  const data::BleuScore& bleu = scores.bleu;
  row("BLEU", fmt::format("{:.2f}", bleu.bleu));
  if (scores.intervals) {
    interval(scores.intervals->bleu);
  }
  row("  precisions", fmt::format("{:.1f}", fmt::join(bleu.precisions, " ")));
  row("  brevity penalty", fmt::format("{:.3f}", bleu.brevity_penalty));
  row("  words", fmt::format("{}, in the references {}", count(bleu.hypothesis_length),
                             count(bleu.reference_length)));
  row("  signature", bleu.signature);
  row("chrF2", fmt::format("{:.2f}", scores.chrf.chrf));
  if (scores.intervals) {
    interval(scores.intervals->chrf);
  }
  row("  signature", scores.chrf.signature);
  if (json) {
    output.json(to_json(scores));
  }
  output.close();
}

}  // namespace

int score(const Arguments& arguments) {
  ScoreFlags flags;
  Options options("score",
                  "Scores translations against references with BLEU and chrF, as sacreBLEU does.");
  options.add(flags);
  options.parse(arguments);
  options.require("hyp");
  options.require("ref");
  use_threads(flags.threads);
  const Texts texts = read_texts(flags);
  warn(flags, texts);
  report(score_texts(flags, texts), flags.json);
  return 0;
}

}  // namespace weft::tools
