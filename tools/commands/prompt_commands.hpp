#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "models/translation/translator.hpp"
#include "tools/pictures/attention_pictures.hpp"
#include "tools/terminal/output.hpp"

namespace weft::tools {

/// What can be typed at the prompt of `weft translate` besides sentences: `:candidates`,
/// `:attention`, `:help`, `:quit`.
class PromptCommands {
 public:
  /// The commands search as the translations do, with these options.
  PromptCommands(const models::Translator& translator, const models::DecodeOptions& search,
                 bool copy_unknown);

  /// Whether what was typed is a command: it begins with a colon.
  static bool is_command(std::string_view typed) { return typed.starts_with(':'); }

  /// The sentence that the commands are about from now on.
  void about(const models::SourceLine& line) { line_ = line; }

  /// Does what a command says, and writes its answer; false if it says to leave. Throws Error for
  /// a command that does not exist, or that has no sentence yet or no attention to show.
  bool run(const std::string& command, Output& output);

 private:
  void candidates(const std::string& count, Output& output);
  void attention(Output& output);
  const models::SourceLine& line() const;

  const models::Translator& translator_;
  models::DecodeOptions search_;
  bool copy_unknown_;
  std::optional<models::SourceLine> line_;
  std::optional<AttentionPictures> pictures_;  // once there is one
};

}  // namespace weft::tools
