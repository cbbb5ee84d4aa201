#include <algorithm>

#include "autograd/error.hpp"
#include "autograd/kernels/thread_pool.hpp"
#include "autograd/products.hpp"
#include "data/text/line.hpp"
#include "models/interruption.hpp"
#include "models/not_finite.hpp"
#include "models/translation/translator.hpp"

// How text passes through a translator: lines are tokenized, sorted by length, searched in batches,
// and the results put back into the original order. Sentences of equal length finish at about the
// same step. So it is faster to run each batch to its end than to add sentences as others finish:
// the encoder runs on the whole batch at once. Threads take one batch after the other: the ops of a
// step are too small to be shared.
namespace weft::models {
namespace {

using Rows = std::vector<std::int64_t>;

template <class T>
const T& at(const std::vector<T>& all, std::int64_t row) {
  return all[static_cast<std::size_t>(row)];
}

/// Truncates to the first `limit` tokens, unless `limit` is 0. Returns the number of tokens
/// removed.
std::int64_t cut(std::vector<std::string>& tokens, std::int64_t limit) {
  const std::int64_t unread = limit > 0 ? std::max<std::int64_t>(std::ssize(tokens) - limit, 0) : 0;
  tokens.resize(tokens.size() - static_cast<std::size_t>(unread));
  tokens.shrink_to_fit();  // a long line would keep its memory until all lines are translated
  return unread;
}

/// The rows whose sentences have tokens, longest first.
Rows by_length(const std::vector<std::vector<std::string>>& sentences) {
  Rows order;
  for (std::int64_t row = 0; row < std::ssize(sentences); ++row) {
    if (!at(sentences, row).empty()) {
      order.push_back(row);
    }
  }
  std::ranges::stable_sort(order, std::greater{},
                           [&](std::int64_t row) { return at(sentences, row).size(); });
  return order;
}

/// Replaces each `<unk>` by the source token with the largest attention weight.
void copy_unknown_tokens(Translation& translation, const std::vector<std::int64_t>& ids) {
  if (translation.attention.size() != ids.size()) {
    fail("translate: copying unknown words needs attention; got a model without attention");
  }
  for (std::size_t t = 0; t < ids.size(); ++t) {
    if (ids[t] == data::kUnk) {
      const std::vector<float>& weights = translation.attention[t];
      const auto best = std::ranges::max_element(weights) - weights.begin();
      translation.target[t] = at(translation.source, best);
    }
  }
}

/// The tokens for the given ids, including copied words (session.hpp).
std::vector<std::string> tokens_of(const std::vector<std::int64_t>& ids,
                                   const std::vector<std::string>& source,
                                   const data::Vocabulary& target) {
  std::vector<std::string> tokens;
  for (const std::int64_t id : ids) {
    tokens.push_back(id < target.size() ? target.token(id) : at(source, id - target.size()));
  }
  return tokens;
}

/// The text of a hypothesis in the target language.
Translation written(const std::vector<std::string>& source, Hypothesis hypothesis,
                    const data::Language& target, bool copy_unknown) {
  Translation translation{{},
                          hypothesis.score,
                          source,
                          tokens_of(hypothesis.tokens, source, target.vocabulary),
                          std::move(hypothesis.attention)};
  if (copy_unknown) {
    copy_unknown_tokens(translation, hypothesis.tokens);
  }
  // The search generates no token that ends a line, but a copied or forced token may end one.
  translation.text = data::one_line(target.tokenizer.detokenize(translation.target));
  return translation;
}

/// The search options for the sentences of a batch.
SentenceOptions sentence_options(const std::vector<SourceLine>& lines, const Rows& rows,
                                 const data::Language& target) {
  SentenceOptions options;
  const bool prefixed =
      std::ranges::any_of(lines, [](const SourceLine& line) { return !line.prefix.empty(); });
  for (const std::int64_t row : rows) {
    options.keys.push_back(at(lines, row).number);
    if (prefixed) {
      options.prefixes.push_back(target.encode(at(lines, row).prefix));
    }
  }
  return options;
}

/// Calls work(i) for i < count, on several threads if there are several pieces; each computes a
/// piece alone, and like this thread.
template <class F>
void share(std::int64_t count, F work) {
  if (count == 1) {
    work(0);  // whose ops may use all threads
    return;
  }
  const Products chosen = products();
  const std::function<bool()> check = interruption_check();
  run_chunks(
      count,
      [&](std::int64_t i) {
        const ProductsGuard guard(chosen);
        const InterruptionScope scope(check);
        work(i);
      },
      Sharing::always);
}

/// Searches for translations of the sentences at `rows` of all. So an error counts them.
std::vector<std::vector<Hypothesis>> search(const Translator& translator,
                                            const std::vector<std::vector<std::int64_t>>& sentences,
                                            const Rows& rows, const DecodeOptions& options,
                                            const SentenceOptions& of_sentences) {
  try {
    return decode(*translator.model, data::make_source_batch(sentences, rows), options,
                  of_sentences, translator.rules);
  } catch (const NotFinitePrediction& error) {
    throw NotFinitePrediction(error.what(), at(rows, error.sentence()));
  }
}

}  // namespace

std::vector<std::vector<Translation>> Translator::translate_lines(
    const std::vector<SourceLine>& lines, std::int64_t batch_size, DecodeOptions options,
    bool copy_unknown) const {
  options.attention = options.attention || copy_unknown;
  std::vector<std::vector<std::string>> tokens;
  std::vector<std::vector<std::int64_t>> ids;
  std::vector<std::int64_t> unread;
  for (const SourceLine& line : lines) {
    interruption_point();
    tokens.push_back(source.tokenizer.tokenize(line.text));
    unread.push_back(cut(tokens.back(), max_source_length));
    ids.push_back(source.vocabulary.encode(tokens.back()));
  }
  std::vector<std::vector<Translation>> results(lines.size(), std::vector<Translation>(1));
  const Rows order = by_length(tokens);
  share((std::ssize(order) + batch_size - 1) / batch_size, [&](std::int64_t batch) {
    const std::int64_t begin = batch * batch_size;
    const std::int64_t end = std::min(begin + batch_size, std::ssize(order));
    const Rows rows(order.begin() + begin, order.begin() + end);
    std::vector<std::vector<Hypothesis>> found =
        search(*this, ids, rows, options, sentence_options(lines, rows, target));
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const auto row = static_cast<std::size_t>(rows[i]);
      results[row].clear();
      for (Hypothesis& hypothesis : found[i]) {
        results[row].push_back(written(tokens[row], std::move(hypothesis), target, copy_unknown));
        results[row].back().unread = unread[row];
      }
    }
  });
  return results;
}

std::vector<std::string> Translator::translate(const std::vector<std::string>& lines,
                                               std::int64_t batch_size,
                                               const DecodeOptions& options) const {
  std::vector<SourceLine> sources;
  for (const std::string& line : lines) {
    sources.push_back({line, {}, sources.size() + 1});
  }
  std::vector<std::string> results;
  for (std::vector<Translation>& list : translate_lines(sources, batch_size, options)) {
    results.push_back(std::move(list.front().text));
  }
  return results;
}

}  // namespace weft::models
