#include <array>
#include <optional>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/commands/table.hpp"
#include "cli/environment.hpp"
#include "cli/render/json.hpp"
#include "cli/render/text.hpp"
#include "engine/base/text.hpp"
#include "engine/model/declared_requirements.hpp"
#include "engine/model/ref_status.hpp"

namespace forge::cli {

namespace {

using Json = nlohmann::ordered_json;
using model::ForgeRef;

constexpr std::array<std::string_view, 2> formats = {"text", "json"};
constexpr std::array options = {
    Option{"--release", "R", "only this release"},
    Option{"--component", "C", "only this component"},
};

struct Row {
  const ForgeRef* ref = nullptr;
  std::optional<std::string> version{};
};

std::string component_of(const ForgeRef& ref) {
  return ref.entry->component.value;
}

std::vector<Row> selected_rows(const Invocation& invocation, const std::vector<ForgeRef>& refs) {
  const std::string release = invocation.value("--release").value_or("");
  const std::string component = invocation.value("--component").value_or("");
  std::vector<Row> rows;
  for (const ForgeRef& ref : refs) {
    if ((release.empty() || ref.release == release) && (component.empty() || component_of(ref) == component))
      rows.push_back({&ref});
  }
  return rows;
}

void add_versions(const workspace::Snapshot& snapshot, std::vector<Row>& rows, const TaskPool& pool) {
  pool.for_each(rows.size(), [&](std::size_t i) {
    const ForgeRef& ref = *rows[i].ref;
    if (!ref.status->commit) return;
    const auto version =
        model::tree_version(snapshot, ref.release, component_of(ref), ref.entry->ref->value, ref.status->commit->id);
    if (version) rows[i].version = *version;
  });
}

template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

std::string kind_of(const ForgeRef& ref) {
  return ref.status->resolved ? std::string(to_string(ref.status->resolved->kind)) : "unknown";
}

Json row_json(const Row& row) {
  const ForgeRef& ref = *row.ref;
  const auto& commit = ref.status->commit;
  const auto& newest = ref.status->newest;
  const Json place = place_json({ref.document->file, ref.entry->component.span}, false);
  return {{"release", ref.release},
          {"component", component_of(ref)},
          {"ref", ref.entry->ref ? Json(ref.entry->ref->value) : Json(nullptr)},
          {"kind", kind_of(ref)},
          {"commit", commit ? Json(commit->id.hex()) : Json(nullptr)},
          {"date", commit ? Json(to_rfc3339(commit->commit_time)) : Json(nullptr)},
          {"version", or_null(row.version)},
          {"newest", newest ? Json(newest->name) : Json(nullptr)},
          {"behind", or_null(ref.status->behind)},
          {"file", place["file"]},
          {"line", place["line"]}};
}

std::string json_of(const std::vector<Row>& rows) {
  Json refs = Json::array();
  for (const Row& row : rows) refs.push_back(row_json(row));
  return to_text({{"version", 1}, {"refs", std::move(refs)}});
}

std::string text_of(const std::vector<Row>& rows, bool color) {
  std::vector<std::vector<std::string>> table = {
      {"RELEASE", "COMPONENT", "REF", "KIND", "COMMIT", "DATE", "VERSION", "NEWEST", "BEHIND"}};
  for (const Row& row : rows) {
    const ForgeRef& ref = *row.ref;
    const auto& commit = ref.status->commit;
    table.push_back({ref.release, component_of(ref), ref.entry->ref ? ref.entry->ref->value : "-", kind_of(ref),
                     commit ? commit->id.abbreviated() : "-",
                     commit ? to_rfc3339(commit->commit_time).substr(0, 10) : "-", row.version.value_or("-"),
                     ref.status->newest ? ref.status->newest->name : "-",
                     ref.status->behind ? std::to_string(*ref.status->behind) : "-"});
  }
  return table_text(table, color);
}

/// The upstreams that could not be looked at: messages and what to do.
struct Unavailable {
  std::set<std::string> messages;
  std::set<std::string> hints;
};

Unavailable unavailable_upstreams(const workspace::Snapshot& snapshot, const std::vector<Row>& rows) {
  Unavailable found;
  for (const Row& row : rows) {
    const auto& failure = row.ref->status->failure;
    const bool missing_ref = failure && failure->kind == Failure::Kind::not_found &&
                             model::upstream_refs(snapshot, component_of(*row.ref)).has_value();
    if (!failure || missing_ref) continue;
    found.messages.insert(failure->message);
    found.hints.insert(failure->hints.begin(), failure->hints.end());
  }
  return found;
}

ExitCode run(const Invocation& invocation) {
  const TaskPool pool = task_pool(invocation);
  const workspace::SnapshotPtr snapshot = load_forge(invocation, pool);
  require_known_release(*snapshot, invocation.value("--release").value_or(""));
  std::vector<Row> rows = selected_rows(invocation, model::forge_refs(*snapshot, pool));
  add_versions(*snapshot, rows, pool);
  emit(invocation, invocation.format() == "json" ? json_of(rows) : text_of(rows, use_color(invocation, 1)));
  const Unavailable unavailable = unavailable_upstreams(*snapshot, rows);
  if (unavailable.messages.empty()) return exit_done;
  if (!is_offline(invocation))
    throw NotDone(join(unavailable.messages, "\n  "), {unavailable.hints.begin(), unavailable.hints.end()});
  say(invocation, join(unavailable.messages, "\n") + "\n");
  return exit_done;
}

}  // namespace

extern const Command refs_command = {
    .name = "refs",
    .summary = "every component's ref: kind, commit, date, version, how far behind",
    .description =
        "VERSION is what the source builds as; NEWEST the newest version of the release's series; BEHIND the commits "
        "to "
        "the head of that series. What is not known is `-`; an upstream that can't be looked at makes the exit code 2, "
        "unless --offline is given.",
    .options = options,
    .formats = formats,
    .run = run,
};

}  // namespace forge::cli
