/// The one value that every analysis speaks: something is wrong, here, for this reason, and this would mend it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/source_file.hpp"
#include "engine/base/span.hpp"

namespace forge {

enum class Severity { off, hint, info, warning, error };

[[nodiscard]] std::string_view to_string(Severity severity);
[[nodiscard]] std::optional<Severity> severity_from(std::string_view word);

/// A span in a file. The file is shared so that positions can be converted at the edge without a look-up.
struct Place {
  SourceFilePtr file;
  TextSpan span;
};

/// `file:line:column`, 1-based, columns in UTF-16 units; of a file without text its name.
[[nodiscard]] std::string position_text(const Place& place);

struct RelatedPlace {
  Place place;
  std::string message;
};

/// Replaces a span of a file of the forge.
struct TextEdit {
  Place place;
  std::string new_text;
};

/// Makes a file (`text`), removes one (`text` empty, `remove`), or renames one (`new_path`). Paths are relative to the
/// root.
struct FileEdit {
  enum class Kind { create, remove, rename };
  Kind kind = Kind::create;
  std::string path;
  std::string new_path{};
  std::string text{};
};

/// One way to mend a finding. Safe fixes may be applied without asking: they can't lose what a person meant.
struct Fix {
  std::string title;
  std::vector<TextEdit> edits{};
  std::vector<FileEdit> files{};
  bool safe = false;
};

struct Finding {
  std::string rule;
  Severity severity = Severity::error;
  std::string message;
  std::string component;  ///< empty where it is about none
  std::string release;    ///< likewise
  Place place;
  std::vector<RelatedPlace> related;
  std::vector<Fix> fixes;
};

/// Order of every report: file, position, rule, message.
[[nodiscard]] bool before(const Finding& a, const Finding& b);

}  // namespace forge
