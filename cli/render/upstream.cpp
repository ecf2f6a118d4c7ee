#include "cli/render/upstream.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "engine/base/utf8.hpp"
#include "engine/rules/conflict_words.hpp"
#include "engine/rules/upstream_words.hpp"

namespace forge::cli {

namespace {

using Json = nlohmann::ordered_json;
using model::UpstreamChange;
using model::UpstreamState;

Json tag_json(const std::string& tag) {
  return tag.empty() ? Json() : Json(tag);
}

Json change_json(const UpstreamChange& change) {
  Json out = {{"commit", change.commit.id.hex()},
              {"tag", tag_json(change.commit.tag)},
              {"subject", to_valid_utf8(change.commit.subject)},
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
                     {"commit", part.commit.id.hex()},
                     {"tag", tag_json(part.commit.tag)},
                     {"subject", to_valid_utf8(part.commit.subject)}});
  }
  patch["upstreamParts"] = std::move(parts);
}

std::string upstream_text(const SourceFile& file, const formats::Patch& parsed, const model::PatchUpstream& upstream) {
  std::string out;
  if (upstream.change) out += fmt::format("  {}\n", rules::upstream_words(*upstream.change));
  for (const model::PartialOrigin& part : upstream.parts) {
    out += fmt::format("  {} at line {} came with {}\n", part.where.hunk ? "hunk" : "file", line_of(file, parsed, part),
                       rules::commit_words(part.commit));
  }
  return out;
}

}  // namespace forge::cli
