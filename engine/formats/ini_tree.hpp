/// setup.cfg with spans, as Python's configparser reads it with its defaults; pbr and setuptools read it so.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/problem.hpp"
#include "engine/base/span.hpp"

namespace forge::formats {

struct IniOption {
  Spanned<std::string> key;  ///< as written
  std::string name;          ///< lower case, `-` as `_`: how pbr and setuptools look it up
  /// Of the value, without blanks around and without lines that are comments. The first one stands behind the
  /// separator and may be empty; so may others.
  std::vector<Spanned<std::string>> lines;

  /// The lines that are not empty, joined by LF.
  [[nodiscard]] std::string value() const;
  /// From the key to the end of the value.
  [[nodiscard]] TextSpan span() const;
};

struct IniSection {
  Spanned<std::string> name;  ///< without brackets
  std::vector<IniOption> options;

  /// By its `name`; null where there is none.
  [[nodiscard]] const IniOption* find(std::string_view option) const;
};

struct IniFile {
  std::vector<IniSection> sections;

  [[nodiscard]] const IniSection* find(std::string_view section) const;
  [[nodiscard]] const IniOption* find(std::string_view section, std::string_view option) const;
};

/// Problems are filed under `requirements-unreadable`: Python stops at each of them. A line that makes no sense is left
/// out, a section or option that stands twice is what it was the first time. `%(name)s` stays as written.
[[nodiscard]] Parsed<IniFile> parse_ini(std::string_view text);

}  // namespace forge::formats
