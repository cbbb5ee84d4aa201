#include "nn/safetensors.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <set>

#include "autograd/printable.hpp"
#include "nn/atomic_file.hpp"
#include "nn/safetensors_header.hpp"

namespace weft::nn {
namespace {

static_assert(std::endian::native == std::endian::little,
              "safetensors needs a little-endian machine");

using NamedTensor = NamedTensors::value_type;

std::span<const std::byte> bytes_of(const Tensor& tensor) {
  std::span<const std::byte> bytes;
  dispatch_all("safetensors", tensor.dtype(),
               [&]<class T>() { bytes = std::as_bytes(tensor.data<T>()); });
  return bytes;
}

std::span<std::byte> writable_bytes_of(Tensor& tensor) {
  std::span<std::byte> bytes;
  dispatch_all("safetensors", tensor.dtype(),
               [&]<class T>() { bytes = std::as_writable_bytes(tensor.mutable_data<T>()); });
  return bytes;
}

void check_writable(const NamedTensors& tensors, const std::string& where) {
  std::set<std::string_view> names;
  for (const auto& [name, tensor] : tensors) {
    const bool is_good = name != "__metadata__" && !find_invalid_utf8(name);
    if (!is_good || !names.insert(name).second) {
      fail("{}: tensor '{}': cannot be written; expected a name of its own in UTF-8", where,
           printable(name));
    }
    if (!tensor.defined()) {
      fail("{}: tensor '{}': cannot be written; got an undefined tensor", where, name);
    }
  }
}

void check_writable(const Metadata& metadata, const std::string& where) {
  for (const auto& [key, value] : metadata) {
    if (find_invalid_utf8(key) || find_invalid_utf8(value)) {
      fail("{}: __metadata__: {}: cannot be written; expected UTF-8", where, printable(key));
    }
  }
}

// Reading any other byte as a bool would be undefined behavior.
void check_booleans(std::span<const std::byte> bytes, const std::string& where,
                    const std::string& name) {
  const auto bad = std::ranges::find_if(bytes, [](std::byte byte) { return byte > std::byte{1}; });
  if (bad != bytes.end()) {
    fail("{}: tensor '{}': element {} is not a boolean; got {}; expected 0 or 1", where,
         printable(name), bad - bytes.begin(), std::to_integer<int>(*bad));
  }
}

Tensor read_tensor(File& file, const SafetensorsEntry& entry) {
  Tensor tensor = empty(entry.shape, entry.dtype);
  const std::span<std::byte> bytes = writable_bytes_of(tensor);
  file.read(bytes);
  if (entry.dtype == DType::boolean) {
    check_booleans(bytes, file.name(), entry.name);
  }
  return tensor;
}

}  // namespace

void write_safetensors(File& file, const NamedTensors& tensors, const Metadata& metadata) {
  check_writable(tensors, file.name());
  check_writable(metadata, file.name());
  NamedTensors ordered = tensors;
  std::ranges::stable_sort(ordered, std::ranges::greater(), [](const NamedTensor& tensor) {
    return size_of(tensor.second.dtype());
  });
  SafetensorsHeader header{.entries = {}, .metadata = metadata};
  std::uint64_t end = 0;
  for (const auto& [name, tensor] : ordered) {
    const std::uint64_t begin = std::exchange(end, end + bytes_of(tensor).size());
    header.entries.push_back({name, tensor.dtype(), tensor.shape(), begin, end});
  }
  const std::string text = to_text(header);
  const std::array<std::uint64_t, 1> header_bytes = {text.size()};
  file.write(std::as_bytes(std::span(header_bytes)));
  file.write(text);
  for (const auto& [name, tensor] : ordered) {
    file.write(bytes_of(tensor));
  }
}

Safetensors read_safetensors(const std::filesystem::path& path) {
  File file = File::open(path);
  const std::uint64_t file_bytes = file.size();
  std::array<std::uint64_t, 1> header_bytes = {};
  if (file_bytes < sizeof(header_bytes)) {
    fail("{}: the file is too short; got {} bytes; expected at least {}", file.name(), file_bytes,
         sizeof(header_bytes));
  }
  file.read(std::as_writable_bytes(std::span(header_bytes)));
  const std::uint64_t rest = file_bytes - sizeof(header_bytes);
  if (header_bytes[0] > std::min(rest, kMaxSafetensorsHeader)) {
    fail(
        "{}: header length out of range; got {}; expected at most {}; hint: the file is cut off "
        "or not a safetensors file",
        file.name(), header_bytes[0], std::min(rest, kMaxSafetensorsHeader));
  }
  std::string text(header_bytes[0], '\0');
  file.read(std::as_writable_bytes(std::span(text)));
  SafetensorsHeader header = parse_safetensors_header(text, rest - text.size(), file.name());

  Safetensors result{.tensors = {}, .metadata = std::move(header.metadata)};
  for (const SafetensorsEntry& entry : header.entries) {
    result.tensors.emplace_back(entry.name, read_tensor(file, entry));
  }
  return result;
}

void save(const std::filesystem::path& path, const NamedTensors& tensors,
          const Metadata& metadata) {
  AtomicFile output(path);
  write_safetensors(output.file(), tensors, metadata);
  output.commit();
}

void save(const std::filesystem::path& path, const Module& module) {
  save(path, module.state(), {{"format", "pt"}});
}

void load(const std::filesystem::path& path, Module& module) {
  load_state(module, read_safetensors(path), path);
}

}  // namespace weft::nn
