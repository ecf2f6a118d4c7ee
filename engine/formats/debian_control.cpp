#include "engine/formats/debian_control.hpp"

#include <algorithm>

#include "engine/base/text.hpp"
#include "engine/formats/debian_version.hpp"

namespace forge::formats {

namespace {

bool same_name(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return to_lower(x) == to_lower(y); });
}

bool is_blank(std::string_view line) {
  return trim(line).empty();
}

/// Where the first paragraph ends, and where what follows its blank line begins; npos where it does not end here.
std::pair<std::size_t, std::size_t> paragraph_end(std::string_view text, std::size_t from) {
  for (std::size_t at = text.find('\n', from); at != std::string_view::npos; at = text.find('\n', at + 1)) {
    const std::size_t next = text.find('\n', at + 1);
    if (next == std::string_view::npos) break;
    if (next == at + 1 || is_blank(text.substr(at + 1, next - at - 1))) return {at + 1, next + 1};
  }
  return {std::string_view::npos, std::string_view::npos};
}

std::string_view take_until(std::string_view& text, std::string_view stops) {
  const std::size_t end = std::min(text.find_first_of(stops), text.size());
  const std::string_view piece = text.substr(0, end);
  text.remove_prefix(end);
  return piece;
}

std::string_view skip_space(std::string_view text) {
  const std::size_t at = text.find_first_not_of(" \t\r\n");
  return at == std::string_view::npos ? std::string_view() : text.substr(at);
}

std::optional<VersionRelation> relation_of(std::string_view sign) {
  if (sign == "<<") return VersionRelation::earlier;
  if (sign == "<=" || sign == "<") return VersionRelation::earlier_equal;  // the single ones are old spellings
  if (sign == "=") return VersionRelation::equal;
  if (sign == ">=" || sign == ">") return VersionRelation::later_equal;
  if (sign == ">>") return VersionRelation::later;
  return std::nullopt;
}

std::optional<PackageRelation> parse_relation(std::string_view text) {
  PackageRelation relation;
  text = skip_space(text);
  relation.name = take_until(text, " \t\r\n([<:");
  if (relation.name.empty()) return std::nullopt;
  if (text.starts_with(':')) {
    text.remove_prefix(1);
    relation.qualifier = take_until(text, " \t\r\n([<");
  }
  text = skip_space(text);
  if (!text.starts_with('(')) return relation;
  text = skip_space(text.substr(1));
  const std::size_t sign = std::min(text.find_first_not_of("<=>"), text.size());
  const auto meant = relation_of(text.substr(0, sign));
  const std::size_t close = text.find(')');
  if (!meant || close == std::string_view::npos) return std::nullopt;
  relation.relation = *meant;
  relation.version = trim(text.substr(sign, close - sign));
  if (relation.version.empty()) return std::nullopt;
  return relation;
}

}  // namespace

std::string_view ControlParagraph::field(std::string_view name) const {
  const auto found = std::ranges::find_if(fields, [&](const auto& field) { return same_name(field.first, name); });
  return found == fields.end() ? std::string_view() : found->second;
}

void ControlReader::feed(std::string_view piece) {
  rest_ += piece;
  std::string_view text = rest_;
  for (;;) {
    const auto [end, next] = paragraph_end(text, std::min(searched_, text.size()));
    if (end == std::string_view::npos) break;
    end_paragraph(text.substr(0, end));
    text.remove_prefix(next);
    searched_ = 0;
  }
  const std::size_t last_line = text.rfind('\n');  // an end may straddle the pieces
  if (text.size() > largest_) {
    too_large_ = true;
    text = text.substr(last_line == std::string_view::npos ? text.size() : last_line);
    searched_ = 0;
  } else {
    const std::size_t before =
        last_line == std::string_view::npos || last_line == 0 ? last_line : text.rfind('\n', last_line - 1);
    searched_ = before == std::string_view::npos ? 0 : before;
  }
  rest_.erase(0, rest_.size() - text.size());
}

void ControlReader::finish() {
  const std::string last = std::exchange(rest_, {});
  searched_ = 0;
  end_paragraph(last);
}

void ControlReader::end_paragraph(std::string_view paragraph) {
  if (std::exchange(too_large_, false) || paragraph.size() > largest_)
    ++skipped_;
  else
    visit(paragraph);
}

void ControlReader::visit(std::string_view paragraph) {
  paragraph_.fields.clear();
  while (!paragraph.empty()) {
    std::size_t end = std::min(paragraph.find('\n'), paragraph.size());
    const std::size_t colon = paragraph.substr(0, end).find(':');
    while (end + 1 < paragraph.size() && (paragraph[end + 1] == ' ' || paragraph[end + 1] == '\t'))
      end = std::min(paragraph.find('\n', end + 1), paragraph.size());
    if (colon != std::string_view::npos && colon > 0)
      paragraph_.fields.emplace_back(paragraph.substr(0, colon), trim(paragraph.substr(colon + 1, end - colon - 1)));
    else if (!is_blank(paragraph.substr(0, end)))
      ++skipped_;
    paragraph.remove_prefix(std::min(end + 1, paragraph.size()));
  }
  if (!paragraph_.fields.empty()) visit_(paragraph_);
}

std::vector<RelationGroup> parse_relations(std::string_view field) {
  std::vector<RelationGroup> groups;
  for (const std::string_view alternatives : split(field, ',')) {
    RelationGroup group;
    for (const std::string_view one : split(alternatives, '|')) {
      if (const auto relation = parse_relation(one)) group.push_back(*relation);
    }
    if (!group.empty()) groups.push_back(std::move(group));
  }
  return groups;
}

bool is_satisfied(const PackageRelation& relation, std::string_view version) {
  if (relation.relation == VersionRelation::any) return true;
  const auto order = compare(split_debian_version(version), split_debian_version(relation.version));
  switch (relation.relation) {
    case VersionRelation::earlier:
      return order < 0;
    case VersionRelation::earlier_equal:
      return order <= 0;
    case VersionRelation::equal:
      return order == 0;
    case VersionRelation::later_equal:
      return order >= 0;
    case VersionRelation::later:
      return order > 0;
    case VersionRelation::any:
      break;
  }
  return true;
}

}  // namespace forge::formats
