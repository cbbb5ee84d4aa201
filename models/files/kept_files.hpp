#pragma once

#include <filesystem>

namespace weft::models {

/// Gives the folder `to`, which will replace `from`, what somebody else has put into `from`: what
/// its manifest does not list and `to` does not have. Files are linked, or copied where the file
/// system has no hard links, so that `from` stays whole; symbolic links and folders with all they
/// contain are kept, too. What cannot be kept, such as a pipe, is an Error that names it.
void keep_other_files(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace weft::models
