#include "engine/plan/export_record.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "engine/base/sha256.hpp"
#include "engine/git/upstreams.hpp"
#include "engine/model/image_graph.hpp"
#include "engine/model/linked_trees.hpp"
#include "engine/plan/plan_sources.hpp"

namespace forge::plan {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

/// To be raised whenever the same inputs come to give another tree or manifest.
constexpr int export_version = 1;

/// Each with its length in front, so that no two lists are one text.
void add(std::string& text, std::string_view part) {
  text += fmt::format("{} {}\n", part.size(), part);
}

std::string text_in(const Json& object, const char* key) {
  const auto at = object.find(key);
  return at != object.end() && at->is_string() ? at->get<std::string>() : std::string();
}

}  // namespace

Result<std::string> export_inputs(const workspace::Snapshot& snapshot, const PlanSource& source) {
  std::string text = fmt::format("export {}\n", export_version);
  for (const std::string* part : {&source.component, &source.release, &source.ref, &source.commit, &source.version})
    add(text, *part);
  text += fmt::format("time {}\n", source.time);
  if (source.component == model::libraries_context) {
    for (const std::string& library : model::patched_libraries(snapshot, source.release)) {
      FORGE_TRY_ASSIGN(const PlanSource its, plan_source(snapshot, library, source.release));
      FORGE_TRY_ASSIGN(const std::string inputs, export_inputs(snapshot, its));
      add(text, inputs);
    }
    return "sha256:" + sha256_hex(text);
  }
  FORGE_TRY_ASSIGN(const git::RepositoryPtr repository, snapshot.upstreams().open(source.component));
  const std::optional<git::ObjectId> commit = git::ObjectId::from_hex(source.commit);
  if (!commit) return fail(Failure::Kind::invalid, fmt::format("The commit of `{}` is not known.", source.component));
  const git::CommitName name = repository->commit_name(*commit);
  add(text, name.abbreviated);
  add(text, name.annotated_tag);
  for (const workspace::PatchSeries& series : snapshot.patch_series()) {
    if (series.release != source.release || model::patched_component(snapshot, series.component) != source.component)
      continue;
    for (const auto& patch : series.patches) {
      add(text, patch->file->path());
      add(text, sha256_hex(patch->file->text()));
    }
  }
  return "sha256:" + sha256_hex(text);
}

std::optional<ExportRecord> read_export_record(const std::string& folder) {
  std::error_code error;
  if (!fs::is_directory(fs::symlink_status(folder, error))) return std::nullopt;
  std::ifstream stream(folder + ".json", std::ios::binary);
  const Json json = Json::parse(std::string(std::istreambuf_iterator<char>(stream), {}), nullptr, false);
  if (!json.is_object()) return std::nullopt;
  ExportRecord record{text_in(json, "inputs"), text_in(json, "layout"), 0, {}};
  const auto files = json.find("files");
  if (record.inputs.empty() || files == json.end() || !files->is_number_unsigned()) return std::nullopt;
  record.files = files->get<std::size_t>();
  if (const auto notes = json.find("notes"); notes != json.end() && notes->is_array())
    for (const Json& note : *notes)
      if (note.is_string()) record.notes.push_back(note.get<std::string>());
  return record;
}

}  // namespace forge::plan
