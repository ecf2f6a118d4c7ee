#include "engine/plan/plan_tags.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/base/sha256.hpp"
#include "engine/base/text.hpp"

namespace forge::plan {

namespace {

constexpr std::size_t longest_tag = 128;
constexpr std::size_t mark_size = 9;  // `-` and eight digits

constexpr bool is_name_char(char c) {
  return is_alnum(c) || c == '_' || c == '-';
}

}  // namespace

std::string sanitised_tag(std::string_view text, std::size_t longest) {
  std::string out;
  bool in_run = false;
  for (const char c : text) {
    const bool legal = is_name_char(c) || c == '.';
    if (legal)
      out += c;
    else if (!in_run)
      out += '-';
    in_run = !legal;
  }
  out.erase(0, std::min(out.find_first_not_of(".-"), out.size()));
  if (out.size() > longest)
    out = out.substr(0, longest - std::min(longest, mark_size)) + "-" + sha256_hex(text).substr(0, 8);
  return out;
}

std::string composite_tag(const CompositeTag& tag) {
  const std::string start = fmt::format("{}-p{}", tag.version, tag.patches);
  const std::string end = tag.commit.empty() ? "" : "-" + tag.commit.substr(0, 7);
  if (tag.branch.empty()) return sanitised_tag(start, longest_tag - end.size()) + end;
  const std::size_t shortest_branch = mark_size + 3;
  const std::string head = sanitised_tag(start, longest_tag - end.size() - shortest_branch - 1);
  return head + "-" + sanitised_tag(tag.branch, longest_tag - head.size() - end.size() - 1) + end;
}

std::string bake_name(std::string_view text) {
  std::string out(text);
  std::ranges::replace_if(out, [](char c) { return !is_name_char(c); }, '-');
  return out;
}

}  // namespace forge::plan
