#include "engine/formats/commit_message.hpp"

#include <algorithm>
#include <optional>

#include "engine/base/text.hpp"

namespace forge::formats {

namespace {

constexpr std::size_t shortest_id = 7;
constexpr std::size_t longest_id = 40;
constexpr std::size_t shortest_change_id = 8;
constexpr std::size_t most_change_ids = 64;

/// The hexadecimal number that `text` starts with.
std::optional<std::string> leading_id(std::string_view text) {
  const auto size = static_cast<std::size_t>(std::ranges::find_if_not(text, is_hex) - text.begin());
  if (size < shortest_id || size > longest_id) return std::nullopt;
  if (size < text.size() && is_alnum(text[size])) return std::nullopt;
  return to_lower(text.substr(0, size));
}

bool starts_with_words(std::string_view text, std::string_view lower_case_words) {
  return text.size() >= lower_case_words.size() &&
         std::ranges::equal(text.substr(0, lower_case_words.size()), lower_case_words, {},
                            [](char c) { return to_lower(c); });
}

std::optional<std::string> change_id_on(std::string_view line) {
  constexpr std::string_view key = "change-id:";
  if (!starts_with_words(line, key)) return std::nullopt;
  const std::string_view value = trim(line.substr(key.size()));
  if (value.size() <= shortest_change_id || value.size() > longest_id + 1 || to_lower(value.front()) != 'i')
    return std::nullopt;
  if (!std::ranges::all_of(value.substr(1), is_hex)) return std::nullopt;
  return "I" + to_lower(value.substr(1));
}

std::optional<std::string> picked_from_on(std::string_view line) {
  if (line.starts_with('(')) line.remove_prefix(1);
  const bool known =
      std::ranges::any_of(std::initializer_list<std::string_view>{"cherry picked from", "cherry-picked from"},
                          [line](std::string_view words) { return starts_with_words(line, words); });
  if (!known) return std::nullopt;
  constexpr std::size_t words_size = std::string_view("cherry picked from").size();
  line = trim(line.substr(words_size));
  constexpr std::string_view commit = "commit";
  if (starts_with_words(line, commit)) line = trim(line.substr(commit.size()));
  if (line.starts_with(':')) line = trim(line.substr(1));
  return leading_id(line);
}

std::vector<std::string> reverts_in(std::string_view message) {
  constexpr std::string_view words = "This reverts commit";
  std::vector<std::string> out;
  for (std::size_t at = message.find(words); at != std::string_view::npos; at = message.find(words, at + 1)) {
    if (auto id = leading_id(trim(message.substr(at + words.size())))) out.push_back(std::move(*id));
  }
  return out;
}

}  // namespace

ChangeOrigin read_change_origin(std::string_view message) {
  ChangeOrigin origin{.change_ids = {}, .picked_from = {}, .reverts = reverts_in(message)};
  bool new_paragraph = true;
  for (const std::string_view whole : split(message, '\n')) {
    const std::string_view line = trim(whole);
    if (line.empty()) new_paragraph = true;
    if (auto id = change_id_on(whole)) {
      if (new_paragraph) origin.change_ids.clear();
      new_paragraph = false;
      if (origin.change_ids.size() < most_change_ids && std::ranges::count(origin.change_ids, *id) == 0)
        origin.change_ids.push_back(std::move(*id));
    } else if (auto picked = picked_from_on(line)) {
      origin.picked_from.push_back(std::move(*picked));
    }
  }
  return origin;
}

}  // namespace forge::formats
