#include "data/settings/option.hpp"

#include <algorithm>

#include "data/settings/settings.hpp"

namespace weft::data {
namespace {

/// Where this thread notes options; null most of the time.
thread_local OptionNotes* notes = nullptr;

/// A text, whatever it may be; its field is a std::string.
Option describe_text(std::string_view name, std::string_view initial, std::string_view help,
                     const Traits<std::string>& traits) {
  Option result = describe(name, std::string(initial), help, traits);
  result.expected = "a text";
  result.absent = traits.absent.value_or(std::string(initial));
  result.get = [](const void* at) { return *static_cast<const std::string*>(at); };
  result.accepts = [](const OptionValue&) { return true; };
  result.set = [](void* at, const OptionValue& value) {
    *static_cast<std::string*>(at) = std::get<std::string>(value);
  };
  return result;
}

}  // namespace

std::string joined(const std::vector<std::string>& choices) {
  return fmt::format("{}", fmt::join(choices, " or "));
}

bool is_noting() { return notes != nullptr; }

void note(const void* field, Option option) {
  if (option.key.empty()) {
    option.key = option.name;
    std::ranges::replace(option.key, '-', '_');
  }
  notes->add(field, std::move(option));
}

bool option(bool* field, std::string_view name, bool initial, std::string_view help,
            const Traits<bool>& traits) {
  if (is_noting()) {
    Option result = describe(name, initial, help, traits);
    result.placeholder = "true|false";
    result.expected = "true or false";
    result.absent = traits.absent.value_or(initial);
    result.get = [](const void* at) { return *static_cast<const bool*>(at); };
    result.accepts = [](const OptionValue&) { return true; };
    result.set = [](void* at, const OptionValue& value) {
      *static_cast<bool*>(at) = std::get<bool>(value);
    };
    note(field, std::move(result));
  }
  return initial;
}

std::string option(std::string* field, std::string_view name, std::string_view initial,
                   std::string_view help, const Traits<std::string>& traits) {
  if (is_noting()) {
    note(field, describe_text(name, initial, help, traits));
  }
  return std::string(initial);
}

std::string option(std::string* field, std::string_view name, std::string_view initial,
                   std::vector<std::string> choices, std::string_view help,
                   const Traits<std::string>& traits) {
  if (is_noting()) {
    Option result = describe_text(name, initial, help, traits);
    result.choices = std::move(choices);
    result.placeholder = fmt::format("{}", fmt::join(result.choices, "|"));
    result.expected = joined(result.choices);
    result.accepts = [all = result.choices, none = result.initial](const OptionValue& value) {
      return value == none || std::ranges::find(all, std::get<std::string>(value)) != all.end();
    };
    note(field, std::move(result));
  }
  return std::string(initial);
}

OptionNotes::OptionNotes() : outer_(std::exchange(notes, this)) {}

OptionNotes::~OptionNotes() { notes = outer_; }

void OptionNotes::add(const void* field, Option option) {
  noted_.emplace_back(static_cast<const std::byte*>(field), std::move(option));
}

std::vector<Option> OptionNotes::of(const void* object, std::size_t size) && {
  const auto* begin = static_cast<const std::byte*>(object);
  std::vector<Option> result;
  for (auto& [field, option] : noted_) {
    // What its initializers made elsewhere meanwhile is no part of it.
    if (!std::less{}(field, begin) && std::less{}(field, begin + size)) {
      option.offset = static_cast<std::size_t>(field - begin);
      result.push_back(std::move(option));
    }
  }
  return result;
}

}  // namespace weft::data
