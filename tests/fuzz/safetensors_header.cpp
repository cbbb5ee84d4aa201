#include "nn/safetensors_header.hpp"

#include "tests/fuzz/target.hpp"

// The header of a safetensors file with 1,024 bytes of data. What can be read is written and read
// again.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using weft::nn::parse_safetensors_header;
  return weft::fuzz::read_or_refuse([&] {
    const auto header = parse_safetensors_header(weft::fuzz::text(data, size), 1024, "header");
    parse_safetensors_header(weft::nn::to_text(header), 1024, "header written anew");
  });
}
