#pragma once

#include <string>
#include <vector>

namespace weft::tools {

/// The arguments behind a subcommand's name.
using Arguments = std::vector<std::string>;

// The subcommands. Each returns the program's exit status: 0, 1 if what it checked is wrong, or
// 128 + signal. Each throws UsageError, HelpRequest or Error.
int train(const Arguments& arguments);
int translate(const Arguments& arguments);
int evaluate(const Arguments& arguments);
int score(const Arguments& arguments);
int gradcheck(const Arguments& arguments);
int leakcheck(const Arguments& arguments);
int bench(const Arguments& arguments);
int info(const Arguments& arguments);
int tasks(const Arguments& arguments);
int graph(const Arguments& arguments);

}  // namespace weft::tools
