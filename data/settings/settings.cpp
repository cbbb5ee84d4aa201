#include "data/settings/settings.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace weft::data {
namespace {

/// All of `text` as a number.
template <class T>
std::optional<OptionValue> number_in(std::string_view text) {
  T value{};
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  return error == std::errc() && stop == end ? std::optional<OptionValue>(value) : std::nullopt;
}

/// `text` as a value of the same type as `like`.
std::optional<OptionValue> read(std::string_view text, const OptionValue& like) {
  if (std::holds_alternative<std::string>(like)) {
    return std::string(text);
  }
  if (std::holds_alternative<bool>(like)) {
    const bool known = text == "true" || text == "false";
    return known ? std::optional<OptionValue>(text == "true") : std::nullopt;
  }
  return std::holds_alternative<double>(like) ? number_in<double>(text)
                                              : number_in<std::int64_t>(text);
}

}  // namespace

void SettingsView::check_ranges(std::string_view where) const {
  for (const Option& option : options_) {
    if (const OptionValue value = get(option); !option.accepts(value)) {
      fail("{}: {} out of range; got {}; expected {}", where, option.key, to_text(value),
           option.expected);
    }
  }
}

bool Settings::set(const Option& option, OptionValue value) {
  if (const auto* whole = std::get_if<std::int64_t>(&value);
      whole != nullptr && std::holds_alternative<double>(option.initial)) {
    value = static_cast<double>(*whole);
  }
  if (value.index() != option.initial.index() || !option.accepts(value)) {
    return false;
  }
  option.set(static_cast<std::byte*>(object_) + option.offset, value);
  return true;
}

bool Settings::set_text(const Option& option, std::string_view text) {
  const std::optional<OptionValue> value = read(text, option.initial);
  return value && set(option, *value);
}

bool operator==(const SettingsView& a, const SettingsView& b) {
  return std::ranges::equal(a.options(), b.options(), [&](const Option& x, const Option& y) {
    return x.name == y.name && a.get(x) == b.get(y);
  });
}

std::string to_text(const OptionValue& value) {
  std::string text = std::visit([](const auto& x) { return fmt::format("{}", x); }, value);
  const bool number = std::holds_alternative<double>(value);
  if (number && text.find_first_not_of("-0123456789") == std::string::npos) {
    text += ".0";  // a number is not taken for an integer
  }
  return text;
}

}  // namespace weft::data
