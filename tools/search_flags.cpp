#include "tools/search_flags.hpp"

namespace weft::tools {

void declare_search(Options& options, models::DecodeOptions& search) {
  options.integer("beam", search.beam, 1, 1000, "sentences kept at each step; 1: greedy search");
  options.number("length-penalty", search.length_penalty, -10, 10,
                 "a of a beam's score log p / length^a");
  options.integer("max-length", search.max_length, 0, 100'000,
                  "most tokens of a translation; 0: twice the source's and 10");
}

}  // namespace weft::tools
