/// setup.py, looked at without running it: the arguments of its call of `setup()` that are written out as literals.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/span.hpp"

namespace forge::formats {

/// An argument of `setup()`. Where `known` is false its value is computed; only `span` counts then.
struct SetupArgument {
  std::string name;
  bool known = false;
  TextSpan span;                                ///< of the value
  std::vector<Spanned<std::string>> strings{};  ///< a string, or the strings of a list or tuple, with their quotes
  /// Of a mapping: the strings of each key.
  std::vector<std::pair<Spanned<std::string>, std::vector<Spanned<std::string>>>> mapping{};
  std::string word{};  ///< `True`, `None`, a number
};

struct SetupPy {
  bool calls_setup = false;
  std::vector<SetupArgument> arguments;
  std::optional<TextSpan> unpacked;  ///< `**more`: arguments that can't be told

  [[nodiscard]] const SetupArgument* find(std::string_view name) const;
};

/// Never fails: what is no literal, nor the name of a module's variable that is one, is not known.
[[nodiscard]] SetupPy scan_setup_py(std::string_view text);

}  // namespace forge::formats
