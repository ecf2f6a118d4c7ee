#include "cli/render/upstream.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "engine/base/utf8.hpp"

namespace forge::cli {

namespace {

using Json = nlohmann::ordered_json;
using model::UpstreamChange;
using model::UpstreamState;
using model::Witness;

Json tag_json(const std::string& tag) {
  return tag.empty() ? Json() : Json(tag);
}

Json change_json(const UpstreamChange& change) {
  Json out = {{"commit", change.commit.hex()},
              {"tag", tag_json(change.tag)},
              {"subject", to_valid_utf8(change.subject)},
              {"by", model::to_string(change.by)},
              {"in", change.state == UpstreamState::ahead ? "series" : "ref"},
              {"sameContent", change.same_content}};
  if (change.state == UpstreamState::reverted)
    out["revertedBy"] = change.reverted_by ? Json(change.reverted_by->hex()) : Json();
  return out;
}

const formats::Section& section_of(const formats::Patch& parsed, const model::PartialOrigin& part) {
  return parsed.sections[part.where.section];
}

/// 1-based, of the hunk's header, or of the section's where the section as a whole is meant.
std::uint32_t line_of(const SourceFile& file, const formats::Patch& parsed, const model::PartialOrigin& part) {
  const formats::Section& section = section_of(parsed, part);
  const TextSpan span = part.where.hunk ? parsed.hunks_of(section)[*part.where.hunk].header : section.header;
  return file.lines().line_of(span.begin) + 1;
}

std::string commit_text(const git::ObjectId& commit, const std::string& subject, const std::string& tag) {
  return fmt::format("{} `{}` ({})", commit.abbreviated(), to_valid_utf8(subject),
                     tag.empty() ? "in no tag yet" : fmt::format("first in {}", tag));
}

std::string_view difference_text(const UpstreamChange& change) {
  if (change.same_content) return "";
  return change.by == Witness::change_id ? "; it has the same Change-Id and another text"
                                         : "; one names the other as its origin, and the texts differ";
}

std::string change_text(const UpstreamChange& change) {
  const std::string commit = commit_text(change.commit, change.subject, change.tag);
  switch (change.state) {
    case UpstreamState::merged:
      return fmt::format("  upstream: {}{}\n", commit, difference_text(change));
    case UpstreamState::ahead:
      return fmt::format("  upstream, after this ref: {}{}\n", commit, difference_text(change));
    case UpstreamState::reverted:
      break;
  }
  return fmt::format("  upstream, but taken back: {}{}\n", commit,
                     change.reverted_by ? fmt::format(", by {}", change.reverted_by->abbreviated()) : "");
}

}  // namespace

void add_upstream_json(Json& patch, const SourceFile& file, const formats::Patch& parsed,
                       const model::PatchUpstream& upstream) {
  if (upstream.change) {
    const bool reverted = upstream.change->state == UpstreamState::reverted;
    patch[reverted ? "reverted" : "upstream"] = change_json(*upstream.change);
  }
  if (upstream.parts.empty()) return;
  Json parts = Json::array();
  for (const model::PartialOrigin& part : upstream.parts) {
    parts.push_back({{"path", to_valid_utf8(section_of(parsed, part).path().value)},
                     {"line", line_of(file, parsed, part)},
                     {"commit", part.where.commit.hex()},
                     {"tag", tag_json(part.tag)},
                     {"subject", to_valid_utf8(part.subject)}});
  }
  patch["upstreamParts"] = std::move(parts);
}

std::string upstream_text(const SourceFile& file, const formats::Patch& parsed, const model::PatchUpstream& upstream) {
  std::string out;
  if (upstream.change) out += change_text(*upstream.change);
  for (const model::PartialOrigin& part : upstream.parts) {
    out += fmt::format("  {} at line {} came with {}\n", part.where.hunk ? "hunk" : "file", line_of(file, parsed, part),
                       commit_text(part.where.commit, part.subject, part.tag));
  }
  return out;
}

}  // namespace forge::cli
