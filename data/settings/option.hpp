#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "autograd/names.hpp"

/// \file
/// Configurations that describe themselves. A field is declared once, where it stands:
///
///     struct TrainingConfig {
///       std::int64_t epochs = option(&epochs, "epochs", 10, {1, kMany}, "passes over the pairs");
///       OnNan on_nan = option(&on_nan, "on-nan", OnNan::stop, "after a loss that is not finite");
///     };
///
/// From that come its default, its flag and key of TOML, the help, the check of its range, and its
/// field in JSON (settings.hpp). The struct is one as any other and its fields are plain values:
/// `option` returns the default. Only while an object is made to find out what options it has, it
/// also notes what it was told, and where in the object the field stands.
namespace weft::data {

/// The value of an option, whatever its type; an enumeration's is its name.
using OptionValue = std::variant<bool, std::int64_t, double, std::string>;

/// The values from `low` to `high`, both included.
template <class T>
struct Range {
  T low;   ///< the least
  T high;  ///< the greatest
};

/// The bound of counts that have none but sense.
inline constexpr std::int64_t kMany = 1'000'000'000;
/// The bound of numbers that have none, but are finite.
inline constexpr double kFinite = std::numeric_limits<double>::max();
/// What a seed may be.
inline constexpr Range<std::uint64_t> kSeeds = {0, std::numeric_limits<std::int64_t>::max()};

/// What an option may say of itself beside the rest: `{.adjustable = true}`.
template <class T>
struct Traits {
  std::string_view group = {};        ///< the title of the group of flags that begins here
  std::string_view placeholder = {};  ///< what the help calls a text: "FILE"
  std::string_view key = {};          ///< its field in JSON, if that is not its name with _ for -
  bool flag = true;                   ///< whether command lines have it; else files alone
  bool toggle = false;                ///< of a bool: --name alone means true; it is not recorded
  bool recorded = true;               ///< whether a run notes the flag
  bool adjustable = false;            ///< whether a run that goes on may be given another value
  /// What a file means that is older than the field, if that is not the default.
  std::optional<T> absent = {};
};

/// An option of a struct as it was declared.
struct Option {
  std::string name;                  ///< "decay-every", the flag without its dashes
  std::string key;                   ///< "decay_every", the field in JSON
  std::string group;                 ///< the title that it begins, or nothing
  std::string help;                  ///< what people read
  std::string placeholder;           ///< what the help calls a value: "N"
  std::string expected;              ///< what messages expect: "an integer in [1, 64]"
  std::vector<std::string> choices;  ///< of an enumeration, or of a text that has some
  bool flag = true;                  ///< as in Traits
  bool toggle = false;               ///< as in Traits
  bool recorded = true;              ///< as in Traits
  bool adjustable = false;           ///< as in Traits
  OptionValue initial;               ///< its default; its type is that of every value
  OptionValue absent;                ///< its value in files that lack it
  std::size_t offset = 0;            ///< of the field in the object

  /// The value of the field at an address.
  std::function<OptionValue(const void* field)> get;
  /// Whether a value of the option's type is in its range, or one of its choices.
  std::function<bool(const OptionValue& value)> accepts;
  /// Sets the field at an address to a value that is accepted.
  std::function<void(void* field, const OptionValue& value)> set;
};

/// The names of the choices with "or" in between.
std::string joined(const std::vector<std::string>& choices);

/// Whether an object is being made to find out what options it has.
bool is_noting();
/// Notes the option of the field at that address.
void note(const void* field, Option option);

/// An option with everything but its type's own: placeholder, expected, get, accepts and set.
template <class T>
Option describe(std::string_view name, OptionValue initial, std::string_view help,
                const Traits<T>& traits) {
  Option option;
  option.name = name;
  option.key = traits.key;
  option.group = traits.group;
  option.help = help;
  option.placeholder = traits.placeholder;
  option.flag = traits.flag;
  option.toggle = traits.toggle;
  option.recorded = traits.recorded && !traits.toggle;
  option.adjustable = traits.adjustable;
  option.initial = initial;
  option.absent = std::move(initial);
  return option;
}

/// Declares an integer or a number, and returns its default.
template <class T>
requires std::is_same_v<T, std::int64_t> || std::is_same_v<T, std::uint64_t> ||
    std::is_same_v<T, double>
        T option(T* field, std::string_view name, std::type_identity_t<T> initial,
                 Range<std::type_identity_t<T>> range, std::string_view help,
                 const Traits<std::type_identity_t<T>>& traits = {}) {
  if (!is_noting()) {
    return initial;
  }
  using Value = std::conditional_t<std::is_same_v<T, double>, double, std::int64_t>;
  const auto low = static_cast<Value>(range.low);
  const auto high = static_cast<Value>(range.high);
  Option result = describe(name, static_cast<Value>(initial), help, traits);
  const bool whole = std::is_same_v<Value, std::int64_t>;
  result.placeholder = whole ? "N" : "X";
  result.expected = fmt::format("{} in [{}, {}]", whole ? "an integer" : "a number", low, high);
  result.absent = static_cast<Value>(traits.absent.value_or(initial));
  result.get = [](const void* at) { return static_cast<Value>(*static_cast<const T*>(at)); };
  result.accepts = [low, high](const OptionValue& value) {
    return std::get<Value>(value) >= low && std::get<Value>(value) <= high;
  };
  result.set = [](void* at, const OptionValue& value) {
    *static_cast<T*>(at) = static_cast<T>(std::get<Value>(value));
  };
  note(field, std::move(result));
  return initial;
}

/// Declares an option that is true or false, and returns its default.
bool option(bool* field, std::string_view name, bool initial, std::string_view help,
            const Traits<bool>& traits = {});

/// Declares a text, and returns its default.
std::string option(std::string* field, std::string_view name, std::string_view initial,
                   std::string_view help, const Traits<std::string>& traits = {});

/// Declares a text that is one of `choices`, or as it is at first.
std::string option(std::string* field, std::string_view name, std::string_view initial,
                   std::vector<std::string> choices, std::string_view help,
                   const Traits<std::string>& traits = {});

/// Declares a value of an enumeration that has names, and returns its default.
template <NamedEnum E>
E option(E* field, std::string_view name, std::type_identity_t<E> initial, std::string_view help,
         const Traits<std::type_identity_t<E>>& traits = {}) {
  if (!is_noting()) {
    return initial;
  }
  const auto text = [](E value) { return std::string(weft::name(value)); };
  constexpr auto kAll = names<E>();
  Option result = describe(name, text(initial), help, traits);
  result.choices = {kAll.begin(), kAll.end()};
  result.placeholder = fmt::format("{}", fmt::join(kAll, "|"));
  result.expected = joined(result.choices);
  result.absent = text(traits.absent.value_or(initial));
  result.get = [text](const void* at) { return text(*static_cast<const E*>(at)); };
  result.accepts = [](const OptionValue& value) {
    const auto known = names<E>();
    return std::ranges::find(known, std::get<std::string>(value)) != known.end();
  };
  result.set = [](void* at, const OptionValue& value) {
    *static_cast<E*>(at) = named<E>(std::get<std::string>(value));
  };
  note(field, std::move(result));
  return initial;
}

}  // namespace weft::data
