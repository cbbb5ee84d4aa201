#include "tools/terminal/output.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "autograd/printable.hpp"
#include "data/text/line.hpp"
#include "models/files/manifest.hpp"
#include "models/training/run_directory.hpp"
#include "tools/flags/options.hpp"
#include "tools/terminal/signals.hpp"

namespace weft::tools {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBufferBytes = std::size_t{1} << 16;
constexpr std::array<std::string_view, 3> kDescriptors = {"/dev/std", "/dev/fd/", "/proc/"};

/// Whether the path names a descriptor that is already open, or something other than a regular
/// file.
bool is_special(const std::string& path) {
  std::error_code ignored;
  return std::ranges::any_of(kDescriptors, [&](auto prefix) { return path.starts_with(prefix); }) ||
         (fs::exists(path, ignored) && !fs::is_regular_file(path, ignored));
}

/// Whether the path names the file or device that standard output is. Opened again, it would have
/// an offset of its own, and one text would overwrite the other.
bool is_standard_output(const std::string& path) {
  struct stat file {};
  struct stat output {};
  return ::stat(path.c_str(), &file) == 0 && ::fstat(STDOUT_FILENO, &output) == 0 &&
         file.st_dev == output.st_dev && file.st_ino == output.st_ino;
}

/// The text made printable, except for its tabs.
std::string escaped_columns(std::string_view text) {
  std::string result;
  for (std::size_t tab = 0; (tab = text.find('\t')) != std::string_view::npos;) {
    result += escaped(text.substr(0, tab)) + '\t';
    text.remove_prefix(tab + 1);
  }
  return result + escaped(text);
}

}  // namespace

Output::Output() : Output("") {}

Output::Output(const std::string& path) {
  if (path.empty() || is_standard_output(path)) {
    stream_.emplace(nn::File::standard_output());
  } else if (is_special(path)) {
    // Append: /dev/stderr may be a file with content.
    stream_.emplace(nn::File::append(path));
  } else {
    whole_.emplace(path);
    remove_on_signal(whole_->temporary().c_str());
  }
  terminal_ = isatty(file().descriptor()) == 1;
}

Output::~Output() {
  if (whole_) {
    whole_.reset();
    remove_on_signal(nullptr);
  }
}

void Output::line(std::string_view text) {
  verbatim(terminal_ ? escaped_columns(text) : data::one_line(text));
}

void Output::verbatim(std::string_view text) {
  pending_.append(text);
  pending_.push_back('\n');
  if (pending_.size() >= kBufferBytes) {
    flush();
  }
}

void Output::flush() {
  file().write(pending_);
  pending_.clear();
}

void Output::close() {
  flush();
  if (whole_) {
    whole_->commit();
  } else {
    stream_->close();
  }
}

void refuse_same_file(const std::string& command, const std::string& input,
                      const std::string& output) {
  std::error_code ignored;
  if (fs::is_regular_file(input, ignored) && fs::equivalent(input, output, ignored)) {
    misuse("{}: input {} and output {} are the same file; expected another output file", command,
           models::printable(input), models::printable(output));
  }
}

void refuse_model_file(const std::string& command, const std::string& output) {
  const auto is_model = [](const fs::path& folder) {
    std::error_code ignored;
    return fs::exists(folder / models::kManifestName, ignored);
  };
  const fs::path folder = fs::path(output).parent_path();
  const bool of_run = fs::path(output).filename() == models::kLogName &&
                      (is_model(folder / "best") || is_model(folder / "last"));
  std::error_code ignored;
  if (fs::is_regular_file(output, ignored) && (of_run || is_model(folder))) {
    misuse("{}: {} is part of a {}; expected another output file", command,
           models::printable(output), of_run ? "run" : "model");
  }
}

}  // namespace weft::tools
