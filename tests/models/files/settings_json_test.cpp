#include "models/files/settings_json.hpp"

#include "autograd/dtype.hpp"
#include "tests/catch.hpp"
#include "tests/models/message_of.hpp"

namespace weft::models {
namespace {

struct Config {
  std::int64_t decay_every = data::option(&decay_every, "decay-every", 10, {1, 64}, "a count");
  double rate = data::option(&rate, "rate", 0.5, {0, 1}, "a rate");
  /// Newer than some files, which were written when there was no residue.
  bool residue = data::option(&residue, "residue", true, "a switch", {.absent = false});
  DType dtype = data::option(&dtype, "dtype", DType::float32, "a type");
};

Config read(const Json& json) {
  Config config{.decay_every = 20, .residue = true, .dtype = DType::int64};
  read_settings(JsonObject(json, "config.json"), data::Settings(config));
  return config;
}

std::string reading(const Json& json) {
  return message_of([&] { read(json); });
}

TEST_CASE("settings come back from JSON") {
  const Config config{.decay_every = 3, .rate = 0.1, .residue = false, .dtype = DType::float64};
  const Json json = to_json(data::SettingsView(config));
  CHECK(json == Json{{"decay_every", 3}, {"rate", 0.1}, {"residue", false}, {"dtype", "float64"}});
  CHECK(data::SettingsView(read(json)) == data::SettingsView(config));
}

TEST_CASE("a field that a file lacks is what it was when the file was made") {
  const Config config = read(Json::object());
  CHECK(config.decay_every == 10);
  CHECK(config.dtype == DType::float32);
  CHECK_FALSE(config.residue);
}

TEST_CASE("a field that is wrong or unknown is named") {
  CHECK(reading({{"rate", 1}}) == "no error");
  CHECK(reading({{"rate", 2}}) ==
        "config.json: field 'rate': wrong type or range; got 2; expected a number in [0, 1]");
  CHECK(reading({{"decay_every", 1.5}}) ==
        "config.json: field 'decay_every': wrong type or range; got 1.5; expected an integer in "
        "[1, 64]");
  CHECK(contains(reading({{"decay_every", ~std::uint64_t{0}}}), "got 18446744073709551615"));
  CHECK(contains(reading({{"residue", nullptr}}), "got null; expected true or false"));
  CHECK(contains(reading({{"dtype", "float16"}}), "expected float32 or float64 or int64 or bool"));
  CHECK(contains(reading({{"decay_evry", 3}}),
                 "unknown field 'decay_evry'; hint: did you mean decay_every?"));
}

}  // namespace
}  // namespace weft::models
