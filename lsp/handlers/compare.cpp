/// forge/compare: a hunk beside what its file has in that place.
#include <string>

#include <fmt/format.h>

#include "engine/ide/hunk_comparison.hpp"
#include "lsp/handlers/table.hpp"

namespace forge::lsp {

using protocol::Json;

namespace {

Json side(const ide::HunkComparison::Side& side) {
  return {{"text", side.text}, {"line", side.line}};
}

Json commit_json(const model::KnownCommit& commit) {
  return {{"commit", commit.id.hex()},
          {"subject", commit.subject},
          {"date", git::to_rfc3339(commit.date)},
          {"tag", commit.tag.empty() ? Json() : Json(commit.tag)}};
}

}  // namespace

Json compare(const SnapshotContext& context, const Json& params) {
  const protocol::Position position = protocol::read_position(protocol::member(params, "position"));
  const SourceFilePtr file = context.file();
  if (!file) return nullptr;
  const std::uint32_t offset = protocol::to_offset(*file, position, context.client->unit);
  const auto found = ide::compare_hunk(*context.state->snapshot(), context.path, offset);
  if (!found) return nullptr;
  return {{"title", fmt::format("{} in {} at {}", found->path, found->component, found->ref)},
          {"component", found->component},
          {"path", found->path},
          {"ref", found->ref},
          {"expected", side(found->expected)},
          {"found", side(found->found)},
          {"applies", found->applies},
          {"reason", found->reason},
          {"upstream", found->upstream ? commit_json(*found->upstream) : Json()}};
}

}  // namespace forge::lsp
