#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "models/translation/translator.hpp"
#include "tools/pictures/attention_pictures.hpp"
#include "tools/terminal/output.hpp"

namespace weft::tools {

/// Commands at the prompt of `weft translate`: `:candidates`, `:attention`, `:help`, `:quit`.
class PromptCommands {
 public:
  /// The commands search with these options, like the translations.
  PromptCommands(const models::Translator& translator, const models::DecodeOptions& search,
                 bool copy_unknown);

  /// Whether a line is a command: it begins with a colon.
  static bool is_command(std::string_view typed) { return typed.starts_with(':'); }

  /// Sets the sentence that the following commands refer to.
  void about(const models::SourceLine& line) { line_ = line; }

  /// Executes a command and writes its output. Returns false if the command is to quit. Throws
  /// Error if the command does not exist, if there is no sentence yet, or if there is no attention
  /// to show.
  bool run(const std::string& command, Output& output);

 private:
  void candidates(const std::string& count, Output& output);
  void attention(Output& output);
  const models::SourceLine& line() const;

  const models::Translator& translator_;
  models::DecodeOptions search_;
  bool copy_unknown_;
  std::optional<models::SourceLine> line_;
  std::optional<AttentionPictures> pictures_;  // created on first use
};

}  // namespace weft::tools
