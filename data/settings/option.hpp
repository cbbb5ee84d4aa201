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
/// Self-describing configurations. A field is declared once, in its struct:
///
///     struct TrainingConfig {
///       std::int64_t epochs = option(&epochs, "epochs", 10, {1, kMany}, "passes over the data");
///       OnNan on_nan = option(&on_nan, "on-nan", OnNan::stop, "after a non-finite loss");
///     };
///
/// The declaration defines its default, flag, TOML key, help text, range check and JSON field
/// (settings.hpp). The struct remains an ordinary struct of plain values: `option` returns the
/// default. Only when an object is constructed in order to list its options (OptionNotes), `option`
/// also records the declaration and the position of the field in the object.
namespace weft::data {

/// The value of an option of any type; enumerators are represented by their names.
using OptionValue = std::variant<bool, std::int64_t, double, std::string>;

/// A closed interval.
template <class T>
struct Range {
  T low;   ///< smallest value
  T high;  ///< largest value
};

/// Upper bound of counts without a natural limit.
inline constexpr std::int64_t kMany = 1'000'000'000;
/// Upper bound of numbers that only have to be finite.
inline constexpr double kFinite = std::numeric_limits<double>::max();
/// Valid seeds.
inline constexpr Range<std::uint64_t> kSeeds = {0, std::numeric_limits<std::int64_t>::max()};

/// Optional properties of an option: `{.adjustable = true}`.
template <class T>
struct Traits {
  std::string_view group = {};        ///< begins a group of flags with this title
  std::string_view placeholder = {};  ///< name of a text value in the help: "FILE"
  std::string_view key = {};          ///< JSON field; default: the name with _ for -
  bool flag = true;                   ///< whether it is a flag; false: only in files
  bool toggle = false;                ///< bool only: --name alone means true
  bool recorded = true;               ///< whether it is saved with a run
  bool adjustable = false;            ///< whether --resume may change it
  /// Value for files that are older than the field, if not the default.
  std::optional<T> absent = {};
};

/// A declared option.
struct Option {
  std::string name;                  ///< "decay-every", the flag without its dashes
  std::string key;                   ///< "decay_every", the field in JSON
  std::string group;                 ///< the title of the group that it begins, or empty
  std::string help;                  ///< help text
  std::string placeholder;           ///< name of the value in the help: "N"
  std::string expected;              ///< for messages: "an integer in [1, 64]"
  std::vector<std::string> choices;  ///< of an enumeration, or of a text with choices
  bool flag = true;                  ///< as in Traits
  bool toggle = false;               ///< as in Traits
  bool recorded = true;              ///< as in Traits
  bool adjustable = false;           ///< as in Traits
  OptionValue initial;               ///< default value; all values have its type
  OptionValue absent;                ///< value for files that lack it
  std::size_t offset = 0;            ///< offset of the field in the object

  /// The value of the field at an address.
  std::function<OptionValue(const void* field)> get;
  /// Whether a value, which has the option's type, is valid.
  std::function<bool(const OptionValue& value)> accepts;
  /// Sets the field at an address to a valid value.
  std::function<void(void* field, const OptionValue& value)> set;
};

/// The choices joined with "or".
std::string joined(const std::vector<std::string>& choices);

/// Whether an object is being constructed in order to list its options.
bool is_noting();
/// Records the option of the field at this address.
void note(const void* field, Option option);

/// Makes an option without the parts that depend on its type: placeholder, expected, get, accepts
/// and set.
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
  option.recorded = traits.recorded;
  option.adjustable = traits.adjustable;
  option.initial = initial;
  option.absent = std::move(initial);
  return option;
}

/// Declares an integer or floating-point option and returns its default.
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

/// Declares a boolean option and returns its default.
bool option(bool* field, std::string_view name, bool initial, std::string_view help,
            const Traits<bool>& traits = {});

/// Declares a text option and returns its default.
std::string option(std::string* field, std::string_view name, std::string_view initial,
                   std::string_view help, const Traits<std::string>& traits = {});

/// Declares a text option that must be one of `choices` or its default, and returns its default.
std::string option(std::string* field, std::string_view name, std::string_view initial,
                   std::vector<std::string> choices, std::string_view help,
                   const Traits<std::string>& traits = {});

/// Declares an option of an enumeration with names, and returns its default.
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
