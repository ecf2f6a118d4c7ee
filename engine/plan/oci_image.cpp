#include "engine/plan/oci_image.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "engine/base/atomic_file.hpp"
#include "engine/base/folder_writer.hpp"
#include "engine/base/sha256.hpp"
#include "engine/base/text.hpp"
#include "engine/plan/tar_writer.hpp"

namespace forge::plan {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::string_view layout_text = R"({"imageLayoutVersion":"1.0.0"})";

/// A folder comes before all that is in it: its name is the start of theirs.
void add_folders(TarWriter& writer, const std::string& path, std::set<std::string>& done) {
  for (std::size_t slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1)) {
    const std::string folder = path.substr(0, slash + 1);
    if (done.insert(folder).second) writer.add_folder(folder);
  }
}

std::string layer_of(const ExportedTree& tree) {
  TarWriter writer(tree.source.time);
  std::set<std::string> folders;
  for (const ExportedFile& file : tree.files) {
    add_folders(writer, file.path, folders);
    if (file.mode == git::mode_link)
      writer.add_link(file.path, *file.content);
    else
      writer.add_file(file.path, file.mode, *file.content);
  }
  return writer.take();
}

std::string digest_of(std::string_view bytes) {
  return "sha256:" + sha256_hex(bytes);
}

Json descriptor(std::string_view media_type, std::string_view bytes, const std::string& digest) {
  return Json{{"mediaType", fmt::format("application/vnd.oci.image.{}", media_type)},
              {"digest", digest},
              {"size", bytes.size()}};
}

std::string index_of(const OciImage& image) {
  return Json{{"schemaVersion", 2},
              {"mediaType", "application/vnd.oci.image.index.v1+json"},
              {"manifests", Json::array({descriptor("manifest.v1+json", image.manifest, image.digest)})}}
      .dump();
}

struct Blob {
  std::string path;
  const std::string* bytes;
};

std::string blob_path(std::string_view digest) {
  std::string path = "blobs/" + std::string(digest);
  path[path.find(':')] = '/';
  return path;
}

std::vector<Blob> blobs_of(const OciImage& image) {
  const std::string layer = Json::parse(image.manifest)["layers"][0]["digest"];
  return {{blob_path(digest_of(image.config)), &image.config},
          {blob_path(image.digest), &image.manifest},
          {blob_path(layer), &image.layer}};
}

std::string read_text(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

bool holds(const fs::path& file, std::string_view text) {
  return read_text(file) == text;
}

bool is_digest(std::string_view text) {
  constexpr std::string_view prefix = "sha256:";
  return text.starts_with(prefix) && text.size() == prefix.size() + 64 &&
         std::ranges::all_of(text.substr(prefix.size()), is_alnum);
}

/// A blob of that descriptor, by its size alone.
bool has_blob(const std::string& folder, const Json& blob) {
  if (!blob.is_object() || !blob.contains("digest") || !blob.contains("size")) return false;
  if (!blob["digest"].is_string() || !blob["size"].is_number_unsigned()) return false;
  const std::string digest = blob["digest"].get<std::string>();
  std::error_code error;
  return is_digest(digest) && fs::file_size(fs::path(folder) / blob_path(digest), error) == blob["size"] && !error;
}

bool is_written(const OciImage& image, const std::string& folder, const std::vector<Blob>& blobs) {
  std::error_code error;
  if (!holds(fs::path(folder) / "index.json", index_of(image))) return false;
  for (const Blob& blob : blobs)
    if (fs::file_size(fs::path(folder) / blob.path, error) != blob.bytes->size() || error) return false;
  return true;
}

/// The tree's manifest, which says too that it is written as a layout.
std::string record_of(const OciImage& image, const ExportedTree& tree) {
  Json record = Json::parse(tree.manifest);
  record["layout"] = image.digest;
  return record.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<void> fill(const FolderWriter& writer, const OciImage& image, const std::vector<Blob>& blobs) {
  FORGE_TRY(writer.make_folder("blobs"));
  FORGE_TRY(writer.make_folder("blobs/sha256"));
  for (const Blob& blob : blobs) FORGE_TRY(writer.write_file(blob.path, *blob.bytes, 0644));
  FORGE_TRY(writer.write_file("oci-layout", layout_text, 0644));
  return writer.write_file("index.json", index_of(image), 0644);
}

/// At the ref in source-refs.yaml. What can't be written does not depend on where the build is run.
Finding unexportable(const workspace::Snapshot& snapshot, const PlanSource& source, const Failure& failure) {
  Finding finding;
  finding.rule = failure.kind == Failure::Kind::unavailable ? "upstream-unavailable" : "source-not-exportable";
  finding.message = failure.message;
  finding.component = source.component;
  finding.release = source.release;
  if (const auto* refs = snapshot.source_refs(source.release)) {
    const formats::SourceRef* entry = (*refs)->find(source.component);
    finding.place = {refs->file, entry == nullptr ? TextSpan{} : entry->value_span};
  }
  return finding;
}

}  // namespace

std::string oci_folder(std::string_view component, std::string_view release) {
  return fmt::format("build/oci-src/{}-{}", component, release);
}

Result<OciImage> oci_image(const ExportedTree& tree) {
  OciImage image;
  image.layer = layer_of(tree);
  const std::string layer = digest_of(image.layer);
  // A tree runs on no machine; the format wants one named. As a context it is taken for every platform.
  image.config = Json{{"architecture", "amd64"},
                      {"os", "linux"},
                      {"config", Json::object()},
                      {"rootfs", Json{{"type", "layers"}, {"diff_ids", Json::array({layer})}}}}
                     .dump();
  image.manifest = Json{{"schemaVersion", 2},
                        {"mediaType", "application/vnd.oci.image.manifest.v1+json"},
                        {"config", descriptor("config.v1+json", image.config, digest_of(image.config))},
                        {"layers", Json::array({descriptor("layer.v1.tar", image.layer, layer)})}}
                       .dump();
  image.digest = digest_of(image.manifest);
  return image;
}

Result<Written> write_oci_layout(const OciImage& image, const ExportedTree& tree, const std::string& folder) {
  const std::vector<Blob> blobs = blobs_of(image);
  const std::string file = folder + ".json";
  const std::string record = record_of(image, tree);
  if (is_written(image, folder, blobs) && holds(file, record)) return Written::unchanged;
  {
    FORGE_TRY_ASSIGN(FolderWriter writer, FolderWriter::beside(folder));
    FORGE_TRY(fill(writer, image, blobs));
    FORGE_TRY(writer.replace());
  }  // the old folder is gone, and has made room
  FORGE_TRY(write_file_atomically(file, record));
  return Written::changed;
}

bool holds_layout(const std::string& folder, const std::string& digest) {
  if (!is_digest(digest)) return false;
  OciImage image;
  image.digest = digest;
  image.manifest = read_text(fs::path(folder) / blob_path(digest));
  if (digest_of(image.manifest) != digest || !holds(fs::path(folder) / "index.json", index_of(image))) return false;
  const Json manifest = Json::parse(image.manifest, nullptr, false);
  if (!manifest.is_object() || !manifest.contains("config") || !manifest.contains("layers")) return false;
  return has_blob(folder, manifest["config"]) &&
         std::ranges::all_of(manifest["layers"], [&](const Json& layer) { return has_blob(folder, layer); });
}

std::vector<Finding> pin_sources(const workspace::Snapshot& snapshot, BuildPlan& plan, const TaskPool& pool) {
  std::map<std::pair<std::string, std::string>, std::string> digests;
  std::vector<Finding> findings;
  std::mutex mutex;
  pool.for_each(plan.sources.size(), [&](std::size_t i) {
    const PlanSource& source = plan.sources[i];
    const Result<ExportedTree> tree = exported_tree(snapshot, source);
    const Result<OciImage> image = tree ? oci_image(*tree) : Result<OciImage>(tl::unexpected(tree.error()));
    const std::scoped_lock lock(mutex);
    if (image)
      digests[{source.component, source.release}] = image->digest;
    else
      findings.push_back(unexportable(snapshot, source, image.error()));
  });
  std::map<std::string, std::string> values;  // by the folder that the plan names
  for (PlanSource& source : plan.sources) {
    const std::string folder = std::exchange(source.path, oci_folder(source.component, source.release));
    if (const auto digest = digests.find({source.component, source.release}); digest != digests.end())
      values[folder] = fmt::format("oci-layout://{}@{}", source.path, digest->second);
  }
  for (PlanTarget& target : plan.targets) {
    for (PlanSource& source : target.sources) source.path = oci_folder(source.component, source.release);
    for (PlanContext& context : target.contexts)
      if (const auto value = values.find(context.value);
          context.kind == PlanContext::Kind::source && value != values.end())
        context.value = value->second;
  }
  return findings;
}

}  // namespace forge::plan
