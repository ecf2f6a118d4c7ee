#include "engine/base/text.hpp"
#include "engine/formats/patch_names.hpp"

namespace forge::formats {

namespace {

constexpr std::uint32_t type_mask = 0170000;
constexpr std::uint32_t link_type = 0120000;

bool starts_with_word(std::string_view text, std::string_view lower_word) {
  return text.size() >= lower_word.size() && to_lower(text.substr(0, lower_word.size())) == lower_word;
}

/// What Windows drops from the end of a name: `rest` is dots and blanks up to an end.
bool only_padding(std::string_view rest, std::string_view ends) {
  const std::size_t stop = rest.find_first_not_of(". ");
  return stop == std::string_view::npos || ends.find(rest[stop]) != std::string_view::npos;
}

/// `rest` starts at the name and goes on to the end of the path.
bool is_git_folder_on_windows(std::string_view rest) {
  for (const std::string_view name : {".git", "git~1"}) {
    if (starts_with_word(rest, name) && only_padding(rest.substr(name.size()), "\\/:")) return true;
  }
  return false;
}

/// `gi7eba~1` and the like: what Windows calls `.gitmodules` when the plain short names are taken.
bool is_hashed_short_name(std::string_view rest) {
  constexpr std::string_view prefix = "gi7eba";
  std::size_t same = 0;
  while (same < prefix.size() && same < rest.size() && to_lower(rest[same]) == prefix[same]) ++same;
  if (rest.size() < 8 || rest[same] != '~' || rest[same + 1] < '1' || rest[same + 1] > '9') return false;
  for (std::size_t i = same + 2; i < 8; ++i) {
    if (!is_digit(rest[i])) return false;
  }
  return only_padding(rest.substr(8), ":");
}

bool is_gitmodules_on_windows(std::string_view rest) {
  constexpr std::string_view name = ".gitmodules";
  if (starts_with_word(rest, name) && only_padding(rest.substr(name.size()), ":")) return true;
  const bool short_name = starts_with_word(rest, "gitmod~") && rest.size() > 7 && rest[7] >= '1' && rest[7] <= '4';
  return (short_name && only_padding(rest.substr(8), ":")) || is_hashed_short_name(rest);
}

std::string_view windows_reason(std::string_view rest, bool link) {
  if (is_git_folder_on_windows(rest)) return "is or could be taken for git's own folder `.git`";
  if (link && is_gitmodules_on_windows(rest)) return "makes `.gitmodules` a symbolic link";
  return {};
}

std::string_view component_reason(std::string_view component, bool link) {
  if (component.empty()) return "starts or ends with `/` or has an empty part";
  if (component == "." || component == "..") return "has `.` or `..` as a part";
  if (to_lower(component) == ".git") return "leads into git's own folder `.git`";
  if (link && to_lower(component) == ".gitmodules") return "makes `.gitmodules` a symbolic link";
  return {};
}

}  // namespace

std::string_view forbidden_path_reason(std::string_view path, std::uint32_t mode) {
  constexpr std::size_t longest = 4096;
  if (path.size() > longest) return "is longer than 4096 bytes";
  const bool link = (mode & type_mask) == link_type;
  for (std::size_t at = 0;; ++at) {
    const std::string_view rest = path.substr(at);
    const std::string_view component = rest.substr(0, rest.find('/'));
    if (const std::string_view reason = windows_reason(rest, link); !reason.empty()) return reason;
    if (const std::string_view reason = component_reason(component, link); !reason.empty()) return reason;
    for (std::size_t i = 0; i < component.size(); ++i) {
      if (component[i] != '\\') continue;
      if (const std::string_view reason = windows_reason(rest.substr(i + 1), link); !reason.empty()) return reason;
    }
    at += component.size();
    if (at >= path.size()) return {};
  }
}

}  // namespace forge::formats
