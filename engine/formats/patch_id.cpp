#include "engine/formats/patch_id.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "engine/base/sha1.hpp"
#include "engine/base/text.hpp"

namespace forge::formats {

namespace {

constexpr std::size_t id_digits = 40;

/// isspace of the C locale.
constexpr bool is_white(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

/// The line as git's C strings hold it: with its LF, cut off at a NUL.
std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end == std::string_view::npos ? end : end + 1);
  text.remove_prefix(line.size());
  return line.substr(0, line.find('\0'));
}

/// The commit that a line begins a change of, with or without the word that `git log` and `git format-patch` put first.
std::string_view named_commit(std::string_view line) {
  for (const std::string_view word : {"commit ", "From "}) {
    if (!line.starts_with(word)) continue;
    line.remove_prefix(word.size());
    break;
  }
  const std::string_view id = line.substr(0, id_digits);
  return id.size() == id_digits && std::ranges::all_of(id, is_hex) ? id : std::string_view();
}

/// Which lines of a hunk are still to come.
struct HunkCounts {
  int before = -1;  ///< -1: a header is read
  int after = -1;
};

/// `5` or `5,7` at the start of `text`, which is moved behind it. The number of lines; nothing where there is no
/// number.
std::optional<int> take_range(std::string_view& text) {
  const auto digits = [&] { return static_cast<std::size_t>(std::ranges::find_if_not(text, is_digit) - text.begin()); };
  int lines = 1;
  std::size_t size = digits();
  if (size < text.size() && text[size] == ',') {
    text.remove_prefix(size + 1);
    size = digits();
    lines = 0;
    std::from_chars(text.data(), text.data() + size, lines);
  }
  if (size == 0) return std::nullopt;
  text.remove_prefix(size);
  return lines;
}

/// `@@ -A[,B] +C[,D]`; what can't be read leaves the counts as they are.
void read_hunk_header(std::string_view line, HunkCounts& counts) {
  line.remove_prefix(4);
  const auto before = take_range(line);
  if (before) counts.before = *before;
  if (!before || !line.starts_with(" +")) return;
  line.remove_prefix(2);
  if (const auto after = take_range(line)) counts.after = *after;
}

/// Reads one change after the other, as get_one_patchid does.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  std::vector<IdentifiedChange> run() {
    std::vector<IdentifiedChange> out;
    std::string_view commit;
    while (!rest_.empty()) {
      const std::string_view next = read_change();
      if (size_ > 0) out.push_back({sum_, commit});
      commit = next;
    }
    return out;
  }

 private:
  /// Returns the commit that the line behind the change names.
  std::string_view read_change() {
    sum_ = {};
    size_ = 0;
    counts_ = {};
    binary_ = false;
    std::string_view next;
    while (!rest_.empty()) {
      const std::string_view line = take_line(rest_);
      constexpr std::size_t longest_other_marker = 12;  // `\ No newline at end of file` is longer in every language
      if (line.starts_with("\\ ") && line.size() > longest_other_marker) continue;
      next = named_commit(line);
      if (!next.empty()) break;
      if (size_ == 0 && !line.starts_with("diff ")) continue;
      if (!take(line)) break;
    }
    add_to_sum();
    return next;
  }

  /// False where the change ends before this line.
  bool take(std::string_view line) {
    if (counts_.before == -1 && !take_header_line(line)) return !ended_;
    if (binary_) {
      if (line.starts_with("diff ")) {
        binary_ = false;
        counts_.before = -1;
      }
      return true;
    }
    if (counts_.before == 0 && counts_.after == 0) {
      if (line.starts_with("@@ -")) {
        read_hunk_header(line, counts_);
        return true;
      }
      if (!line.starts_with("diff ")) return false;
      add_to_sum();
      counts_ = {};
    }
    if (line.starts_with('-') || line.starts_with(' ')) --counts_.before;
    if (line.starts_with('+') || line.starts_with(' ')) --counts_.after;
    hash_without_space(line);
    return true;
  }

  /// False where nothing more is to be done with the line.
  bool take_header_line(std::string_view line) {
    ended_ = false;
    if (line.starts_with("GIT binary patch") || line.starts_with("Binary files")) {
      binary_ = true;
      counts_.before = 0;
      hash_.update(old_blob_);
      hash_.update(new_blob_);
      add_to_sum();
      return false;
    }
    if (line.starts_with("index ")) {
      read_index_line(line);
      return false;
    }
    if (line.starts_with("--- "))
      counts_ = {.before = 1, .after = 1};
    else
      ended_ = line.empty() || !is_alpha(line.front());
    return !ended_;
  }

  void read_index_line(std::string_view line) {
    const std::size_t dots = line.find("..");
    if (dots == std::string_view::npos) return;
    std::size_t end = line.find(' ', dots);
    if (end == std::string_view::npos) end = line.size() - 1;
    constexpr std::size_t before = std::string_view("index ").size();
    old_blob_ = line.substr(before, std::min(dots - std::min(dots, before), id_digits));
    new_blob_ = line.substr(dots + 2, std::min(end - std::min(end, dots + 2), id_digits));
  }

  void hash_without_space(std::string_view line) {
    std::string packed;
    packed.reserve(line.size());
    std::ranges::remove_copy_if(line, std::back_inserter(packed), is_white);
    size_ += packed.size();
    hash_.update(packed);
  }

  /// The hashes of the files are added up, so that their order does not matter.
  void add_to_sum() {
    const Sha1::Digest digest = hash_.finish();
    unsigned carry = 0;
    for (std::size_t i = 0; i < digest.size(); ++i) {
      carry += static_cast<unsigned>(sum_.bytes[i]) + digest[i];
      sum_.bytes[i] = static_cast<std::uint8_t>(carry & 0xFFU);
      carry >>= 8U;
    }
  }

  std::string_view rest_;
  PatchId sum_;
  std::size_t size_ = 0;
  HunkCounts counts_;
  bool binary_ = false;
  bool ended_ = false;
  std::string_view old_blob_;  ///< of the last index line
  std::string_view new_blob_;
  Sha1 hash_;
};

}  // namespace

std::string PatchId::hex() const {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (const std::uint8_t byte : bytes) {
    out += digits[byte >> 4U];
    out += digits[byte & 0xFU];
  }
  return out;
}

std::vector<IdentifiedChange> stable_patch_ids(std::string_view text) {
  return Reader(text).run();
}

}  // namespace forge::formats
