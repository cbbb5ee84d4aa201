#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "data/settings/option.hpp"

namespace weft::data {

/// While it lives, `option` notes what it declares in this thread.
class OptionNotes {
 public:
  OptionNotes();
  ~OptionNotes();
  OptionNotes(const OptionNotes&) = delete;
  OptionNotes& operator=(const OptionNotes&) = delete;

  /// Adds the option of a field.
  void add(const void* field, Option option);
  /// The options whose fields are parts of an object, in the order in which they were declared.
  std::vector<Option> of(const void* object, std::size_t size) &&;

 private:
  OptionNotes* outer_;
  std::vector<std::pair<const std::byte*, Option>> noted_;
};

/// The options of a struct, in the order of its fields, those of nested structs in their place.
template <class T>
std::vector<Option> options_of() {
  OptionNotes notes;
  const T object{};
  return std::move(notes).of(&object, sizeof(T));
}

class SettingsView;

/// A struct whose fields are declared by `option`.
template <class T>
concept Configuration = !std::is_base_of_v<SettingsView, T>;

/// An object and its options: what flags, files and checks know of a configuration. It refers to
/// the object, which must outlive it.
class SettingsView {
 public:
  /// Of a configuration.
  template <Configuration T>
  explicit SettingsView(const T& object) : SettingsView(options_of<T>(), &object) {}
  /// Of an object of a type that has these options.
  SettingsView(std::vector<Option> options, const void* object)
      : options_(std::move(options)), object_(object) {}

  /// All of them, as they are declared.
  const std::vector<Option>& options() const& { return options_; }
  /// The same of a temporary view, which does not outlive the loop over them.
  std::vector<Option> options() && { return std::move(options_); }
  /// The value of one of them.
  OptionValue get(const Option& option) const {
    return option.get(static_cast<const std::byte*>(object_) + option.offset);
  }
  /// Throws Error in the name of `where`, naming the field, if a value is out of its range.
  void check_ranges(std::string_view where) const;

 private:
  std::vector<Option> options_;
  const void* object_;
};

/// The same of an object that may be changed.
class Settings : public SettingsView {
 public:
  /// Of a configuration.
  template <Configuration T>
  explicit Settings(T& object) : Settings(options_of<T>(), &object) {}
  /// Of an object of a type that has these options.
  Settings(std::vector<Option> options, void* object)
      : SettingsView(std::move(options), object), object_(object) {}

  /// Sets the field of one of the options. False, and nothing is done, if the value is of another
  /// type or out of range; a whole number serves for any number.
  bool set(const Option& option, OptionValue value);
  /// The same, the value as people write it.
  bool set_text(const Option& option, std::string_view text);

 private:
  void* object_;
};

/// Whether two objects have the same options, with the same values.
bool operator==(const SettingsView& a, const SettingsView& b);

/// A value as people write it and `set_text` reads it.
std::string to_text(const OptionValue& value);

}  // namespace weft::data
