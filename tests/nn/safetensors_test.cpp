#include "nn/safetensors.hpp"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>
#include <limits>

#include "nn/linear.hpp"
#include "tests/catch.hpp"
#include "tests/data/temporary_folder.hpp"
#include "tests/models/message_of.hpp"

namespace weft::nn {
namespace {

using data::TemporaryFolder;
using models::contains;
using models::message_of;

NamedTensors some_tensors() {
  return {{"mask", bool_tensor({true, false, true}, {3})},
          {"weight", tensor<float>({1, -2, 0.5F, std::numeric_limits<float>::quiet_NaN()}, {2, 2})},
          {"ids", tensor<std::int64_t>({-1, std::int64_t{1} << 62}, {2})},
          {"scalar", scalar(0.1, DType::float64)},
          {"empty", zeros({2, 0})}};
}

std::string write(const TemporaryFolder& folder, const NamedTensors& tensors,
                  const std::map<std::string, std::string>& metadata = {}) {
  std::string path = folder.path("model.safetensors");
  std::filesystem::remove(path);
  File file = File::create(path);
  write_safetensors(file, tensors, metadata);
  file.close();
  return path;
}

std::string content(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

// A file with this header and these data.
std::string file_bytes(const std::string& header, const std::string& tensor_data) {
  const std::uint64_t size = header.size();
  std::string result(sizeof(size), '\0');
  std::memcpy(result.data(), &size, sizeof(size));
  return result + header + tensor_data;
}

TEST_CASE("safetensors: every dtype is read back bit by bit") {
  const TemporaryFolder folder;
  const NamedTensors tensors = some_tensors();
  const Safetensors read = read_safetensors(write(folder, tensors, {{"format", "pt"}}));
  REQUIRE(read.metadata.at("format") == "pt");
  REQUIRE(read.tensors.size() == tensors.size());
  for (const auto& [name, tensor] : read.tensors) {
    const std::string& wanted = name;
    const auto original = std::find_if(tensors.begin(), tensors.end(),
                                       [&](const auto& item) { return item.first == wanted; });
    REQUIRE(original != tensors.end());
    REQUIRE(identical(tensor, original->second));
  }
}

TEST_CASE("safetensors: wide elements come first, so that data are aligned") {
  const TemporaryFolder folder;
  const Safetensors read = read_safetensors(write(folder, some_tensors()));
  std::vector<std::string> names;
  for (const auto& [name, tensor] : read.tensors) {
    names.push_back(name);
  }
  REQUIRE(names == std::vector<std::string>{"ids", "scalar", "weight", "empty", "mask"});
}

TEST_CASE("safetensors: the bytes of a file are those of the format") {
  const TemporaryFolder folder;
  const std::string path = write(folder, {{"w", tensor<float>({1, 2}, {2})}}, {{"format", "pt"}});
  const std::string header =
      R"({"__metadata__":{"format":"pt"},"w":{"data_offsets":[0,8],"dtype":"F32","shape":[2]}}   )";
  REQUIRE(header.size() == 88);  // padded to a multiple of 8
  using std::string_literals::operator""s;
  REQUIRE(content(path) == file_bytes(header, "\0\0\x80\x3F\0\0\0\x40"s));
}

TEST_CASE("safetensors: data need not be aligned, nor in the order of the header") {
  const TemporaryFolder folder;
  using std::string_literals::operator""s;
  const std::string path =
      folder.write("x", file_bytes(R"({"w":{"dtype":"F32","shape":[1],"data_offsets":[1,5]},)"
                                   R"("m":{"dtype":"BOOL","shape":[1],"data_offsets":[0,1]}})",
                                   "\1\0\0\x80\x3F"s));
  const Safetensors read = read_safetensors(path);
  REQUIRE(read.tensors[0].first == "m");
  REQUIRE(read.tensors[0].second.item() == 1);
  REQUIRE(read.tensors[1].second.item() == 1);
}

TEST_CASE("safetensors: no tensors make a file, too") {
  const TemporaryFolder folder;
  REQUIRE(read_safetensors(write(folder, {})).tensors.empty());
}

TEST_CASE("safetensors: names that cannot be written are errors") {
  const TemporaryFolder folder;
  const auto message = [&](const NamedTensors& tensors) {
    return message_of([&] { write(folder, tensors); });
  };
  const std::string where = folder.path("model.safetensors") + ": tensor '";
  REQUIRE(message({{"a", ones({})}, {"a", ones({})}}) ==
          where + "a': cannot be written; expected a name of its own in UTF-8");
  REQUIRE(contains(message({{"__metadata__", ones({})}}), where + "__metadata__': cannot"));
  REQUIRE(contains(message({{"\xFF", ones({})}}), where + "\\xFF': cannot"));
  REQUIRE(message({{"a", Tensor()}}) == where + "a': cannot be written; got an undefined tensor");
  REQUIRE(message_of([&] {
            write(folder, {}, {{"by", "\xFF"}});
          }) == folder.path("model.safetensors") +
                    ": __metadata__: by: cannot be written; expected UTF-8");
}

TEST_CASE("safetensors: a header longer than the file is an error before it is read") {
  const TemporaryFolder folder;
  const std::string huge(8, '\xFF');
  const std::string path = folder.write("x", huge + "{}");
  REQUIRE(message_of([&] { read_safetensors(path); }) ==
          path +
              ": header length out of range; got 18446744073709551615; expected at most 2; hint: "
              "the file is cut off or not a safetensors file");
  REQUIRE(contains(message_of([&] { read_safetensors(folder.write("y", "1234567")); }),
                   "the file is too short; got 7 bytes; expected at least 8"));
}

TEST_CASE("safetensors: a bool is 0 or 1") {
  const TemporaryFolder folder;
  const std::string path = folder.write(
      "x", file_bytes(R"({"m":{"dtype":"BOOL","shape":[2],"data_offsets":[0,2]}})", "\1\7"));
  REQUIRE(message_of([&] { read_safetensors(path); }) ==
          path + ": tensor 'm': element 1 is not a boolean; got 7; expected 0 or 1");
}

TEST_CASE("safetensors: errors name file, tensor and field") {
  const TemporaryFolder folder;
  const std::string path = folder.write(
      "x", file_bytes(
               R"({"encoder.rnn.weight_hh_l0":{"dtype":"F32","shape":[2],"data_offsets":[0,99]}})",
               std::string(64, '\0')));
  REQUIRE(message_of([&] { read_safetensors(path); }) ==
          path +
              ": tensor 'encoder.rnn.weight_hh_l0': data_offsets out of range; got [0, 99]; "
              "expected end <= 64");
}

TEST_CASE("safetensors: a file cut off anywhere is an error") {
  const TemporaryFolder folder;
  const std::string whole = content(write(folder, some_tensors(), {{"format", "pt"}}));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const std::string path = folder.write("cut", whole.substr(0, size));
    INFO("cut off at " << size);
    REQUIRE(message_of([&] { read_safetensors(path); }) != "no error");
  }
  const std::string path = folder.write("longer", whole + '\0');
  REQUIRE(contains(message_of([&] { read_safetensors(path); }), "wrong file size"));
}

TEST_CASE("safetensors: a changed byte of the header gives tensors or an error") {
  const TemporaryFolder folder;
  const std::string whole = content(write(folder, some_tensors(), {{"format", "pt"}}));
  const std::size_t data_bytes = 3 + 16 + 16 + 8;
  int errors = 0;
  int reads = 0;
  for (std::size_t i = 0; i < whole.size() - data_bytes; ++i) {
    for (const int change : {0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0xFF}) {
      std::string bytes = whole;
      bytes[i] = static_cast<char>(bytes[i] ^ change);
      const std::string path = folder.write("changed", bytes);
      const std::string message = message_of([&] { read_safetensors(path); });
      ++(message == "no error" ? reads : errors);
    }
  }
  REQUIRE(errors > reads);  // what remains are other names, of tensors and in the metadata
  REQUIRE(reads > 0);
}

TEST_CASE("a module is saved and loaded") {
  const TemporaryFolder folder;
  const std::string path = folder.path("linear.safetensors");
  const Linear saved(3, 2);
  Linear loaded(3, 2);
  REQUIRE_FALSE(identical(loaded.weight, saved.weight));
  save(path, saved);
  load(path, loaded);
  REQUIRE(identical(loaded.weight, saved.weight));
  REQUIRE(identical(loaded.bias, saved.bias));
  REQUIRE(read_safetensors(path).metadata == Metadata{{"format", "pt"}});
}

TEST_CASE("what does not fit a module changes nothing, and is named with the file") {
  const TemporaryFolder folder;
  const std::string path = folder.path("linear.safetensors");
  Linear module(3, 2);
  const Tensor before = module.weight.clone();
  const auto message = [&] { return message_of([&] { load(path, module); }); };
  REQUIRE(message() == path + ": cannot open the file; got: No such file or directory");
  save(path, {{"weight", ones({2, 3})}});
  REQUIRE(contains(message(), path + ": "));
  REQUIRE(contains(message(), "bias"));
  save(path, {{"weight", ones({2, 3})}, {"bias", ones({3})}});
  REQUIRE(contains(message(), "bias"));
  REQUIRE(identical(module.weight, before));
}

TEST_CASE("an error while saving leaves the file that was there") {
  const TemporaryFolder folder;
  const std::string path = folder.path("x.safetensors");
  save(path, {{"a", ones({2})}});
  REQUIRE(contains(message_of([&] { save(path, {{"a", Tensor()}}); }), path + ": tensor 'a'"));
  REQUIRE(read_safetensors(path).tensors.at(0).first == "a");
  REQUIRE(std::distance(std::filesystem::directory_iterator(folder.path("")), {}) == 1);
}

TEST_CASE("safetensors: parameters that are not finite are not loaded") {
  const TemporaryFolder folder;
  const std::string path = folder.path("model.safetensors");
  Linear layer(2, 1);
  layer.weight.mutable_data<float>()[1] = -std::numeric_limits<float>::infinity();
  save(path, layer);
  Linear other(2, 1);
  const Tensor before = other.weight.detach().clone();
  REQUIRE(message_of([&] { load(path, other); }) ==
          path + ": tensor 'weight': element 1 is not finite; got -inf; expected a finite number");
  REQUIRE(identical(other.weight.detach(), before));
  REQUIRE_NOTHROW(read_safetensors(path));
}

}  // namespace
}  // namespace weft::nn
