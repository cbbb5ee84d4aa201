#include "data/settings/settings.hpp"

#include <algorithm>
#include <cmath>

#include "autograd/dtype.hpp"
#include "tests/catch.hpp"

namespace weft::data {
namespace {

struct Inner {
  double rate = option(&rate, "rate", 0.5, {0, 1}, "a rate", {.group = "Inside"});
};

struct Config {
  std::int64_t decay_every = option(&decay_every, "decay-every", 10, {1, 64}, "a count");
  Inner inner = {};
  int plain = 7;  // not an option
  std::uint64_t seed = option(&seed, "seed", 1, kSeeds, "a seed", {.adjustable = true});
  bool on = option(&on, "on", true, "a switch", {.absent = false});
  DType dtype = option(&dtype, "dtype", DType::float32, "a type", {.key = "kind"});
  std::string out = option(&out, "out", "", "a place", {.recorded = false});
  std::string task = option(&task, "task", "", {"copy", "sort"}, "a task");

  bool operator==(const Config& other) const { return SettingsView(*this) == SettingsView(other); }
};

const Option& find(const SettingsView& settings, std::string_view name) {
  return *std::ranges::find(settings.options(), name, &Option::name);
}

TEST_CASE("settings: a struct with options is a struct with defaults") {
  const Config config{.decay_every = 3};
  CHECK(config.decay_every == 3);
  CHECK(config.inner.rate == 0.5);
  CHECK(config.plain == 7);
  CHECK(config.on);
  Config copy = config;
  CHECK(copy == config);
  copy.inner.rate = 0.25;
  CHECK_FALSE(copy == config);
  CHECK(sizeof(Inner) == sizeof(double));
}

TEST_CASE("settings: options come in the order of the fields, nested ones in their place") {
  const Config config;
  const SettingsView settings(config);
  std::vector<std::string> names;
  for (const Option& option : settings.options()) {
    names.push_back(option.name);
  }
  CHECK(names ==
        std::vector<std::string>{"decay-every", "rate", "seed", "on", "dtype", "out", "task"});
  CHECK(find(settings, "decay-every").key == "decay_every");
  CHECK(find(settings, "decay-every").expected == "an integer in [1, 64]");
  CHECK(find(settings, "dtype").key == "kind");
  CHECK(find(settings, "dtype").choices ==
        std::vector<std::string>{"float32", "float64", "int64", "bool"});
  CHECK(find(settings, "rate").group == "Inside");
  CHECK(find(settings, "seed").adjustable);
  CHECK_FALSE(find(settings, "out").recorded);
  CHECK(find(settings, "on").initial == OptionValue(true));
  CHECK(find(settings, "on").absent == OptionValue(false));
  CHECK(find(settings, "seed").absent == OptionValue(std::int64_t{1}));
}

TEST_CASE("settings: values are read and set where the object has them") {
  Config config;
  Settings settings(config);
  const auto set = [&](std::string_view name, const OptionValue& value) {
    return settings.set(find(settings, name), value);
  };
  CHECK(set("rate", 0.75));
  CHECK(set("rate", std::int64_t{1}));  // an integer is accepted
  CHECK(config.inner.rate == 1);
  CHECK(set("dtype", std::string("int64")));
  CHECK(config.dtype == DType::int64);
  CHECK(set("task", std::string("sort")));
  CHECK(set("task", std::string()));
  CHECK(settings.get(find(settings, "dtype")) == OptionValue(std::string("int64")));

  CHECK_FALSE(set("rate", 1.5));
  CHECK_FALSE(set("rate", std::nan("")));
  CHECK_FALSE(set("decay-every", 2.0));
  CHECK_FALSE(set("decay-every", std::int64_t{0}));
  CHECK_FALSE(set("seed", std::int64_t{-1}));
  CHECK_FALSE(set("dtype", std::string("float16")));
  CHECK_FALSE(set("task", std::string("copi")));
  CHECK_FALSE(set("on", std::int64_t{1}));
  CHECK(config.decay_every == 10);
  CHECK(config.inner.rate == 1);
}

TEST_CASE("settings: a value is written as people write it, and read again") {
  Config config;
  Settings settings(config);
  const Option& rate = find(settings, "rate");
  for (const double value : {0.0, 1.0, 0.1, 1e-300, 2.0 / 3}) {
    REQUIRE(settings.set_text(rate, to_text(OptionValue(value))));
    CHECK(config.inner.rate == value);
  }
  CHECK(to_text(OptionValue(1.0)) == "1.0");
  CHECK(to_text(OptionValue(true)) == "true");
  CHECK(to_text(OptionValue(std::int64_t{-3})) == "-3");
  for (const char* wrong : {"", "1x", " 1", "nan", "inf", "2"}) {
    CHECK_FALSE(settings.set_text(rate, wrong));
  }
  CHECK_FALSE(settings.set_text(find(settings, "decay-every"), "1.0"));
  CHECK_FALSE(settings.set_text(find(settings, "on"), "yes"));
}

TEST_CASE("settings: a value out of range is named") {
  Config config;
  SettingsView(config).check_ranges("test");
  config.decay_every = 65;
  CHECK_THROWS_WITH(SettingsView(config).check_ranges("test"),
                    "test: decay_every out of range; got 65; expected an integer in [1, 64]");
}

struct Named {
  explicit Named(const std::string& name) : text(option(&text, name + "-text", "", "of " + name)) {}
  std::string text;
};

struct Two {
  Named a{"a"};
  Named b{"b"};
};

TEST_CASE("settings: a struct that is told its names has options of its own each time") {
  Two two;
  Settings settings(two);
  REQUIRE(settings.options().size() == 2);
  CHECK(settings.options()[0].help == "of a");
  CHECK(settings.set_text(settings.options()[1], "x"));
  CHECK(two.a.text.empty());
  CHECK(two.b.text == "x");
}

}  // namespace
}  // namespace weft::data
