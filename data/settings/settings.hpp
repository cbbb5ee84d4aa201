#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "data/settings/option.hpp"

namespace weft::data {

/// Collects the options declared in this thread during its lifetime.
class OptionNotes {
 public:
  OptionNotes();
  ~OptionNotes();
  OptionNotes(const OptionNotes&) = delete;
  OptionNotes& operator=(const OptionNotes&) = delete;

  /// Records the option of a field.
  void add(const void* field, Option option);
  /// The options whose fields lie within an object, in the order of declaration.
  std::vector<Option> of(const void* object, std::size_t size) &&;

 private:
  OptionNotes* outer_;
  std::vector<std::pair<const std::byte*, Option>> noted_;
};

/// The options of a struct in the order of its fields, nested structs included.
template <class T>
std::vector<Option> options_of() {
  OptionNotes notes;
  const T object{};
  return std::move(notes).of(&object, sizeof(T));
}

class SettingsView;

/// A struct whose fields are declared with `option`.
template <class T>
concept Configuration = !std::is_base_of_v<SettingsView, T>;

/// A read-only view of a configuration object and its options, used by flags, files and checks. The
/// object must outlive it.
class SettingsView {
 public:
  /// Views a configuration.
  template <Configuration T>
  explicit SettingsView(const T& object) : SettingsView(options_of<T>(), &object) {}
  /// Views an object whose type has these options.
  SettingsView(std::vector<Option> options, const void* object)
      : options_(std::move(options)), object_(object) {}

  /// The options in the order of declaration.
  const std::vector<Option>& options() const& { return options_; }
  /// The same for a temporary view, which would not outlive a loop over them.
  std::vector<Option> options() && { return std::move(options_); }
  /// The value of an option.
  OptionValue get(const Option& option) const {
    return option.get(static_cast<const std::byte*>(object_) + option.offset);
  }
  /// Throws Error, prefixed with `where` and naming the field, if a value is out of range.
  void check_ranges(std::string_view where) const;

 private:
  std::vector<Option> options_;
  const void* object_;
};

/// A mutable view of a configuration object.
class Settings : public SettingsView {
 public:
  /// Views a configuration.
  template <Configuration T>
  explicit Settings(T& object) : Settings(options_of<T>(), &object) {}
  /// Views an object whose type has these options.
  Settings(std::vector<Option> options, void* object)
      : SettingsView(std::move(options), object), object_(object) {}

  /// Sets an option. Returns false and changes nothing if the value has the wrong type or is out of
  /// range. An integer is accepted for a floating-point option.
  bool set(const Option& option, OptionValue value);
  /// The same, from text.
  bool set_text(const Option& option, std::string_view text);

 private:
  void* object_;
};

/// Whether two objects have the same options, with the same values.
bool operator==(const SettingsView& a, const SettingsView& b);

/// A value as text, in the form that `set_text` reads.
std::string to_text(const OptionValue& value);

}  // namespace weft::data
