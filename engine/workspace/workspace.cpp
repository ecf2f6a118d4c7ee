#include "engine/workspace/workspace.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>
#include <system_error>
#include <utility>
#include <variant>

#include "engine/base/text.hpp"
#include "engine/workspace/forge_layout.hpp"
#include "engine/workspace/snapshot_parts.hpp"

namespace forge::workspace {

namespace {

using AnyDocument =
    std::variant<std::monostate, DocumentPtr<formats::ForgeConfig>, DocumentPtr<formats::SourceRefs>,
                 DocumentPtr<formats::Constraints>, DocumentPtr<formats::ExtraPackages>,
                 DocumentPtr<formats::Overrides>, DocumentPtr<formats::Patch>, DocumentPtr<formats::Dockerfile>,
                 DocumentPtr<formats::Bindep>, DocumentPtr<formats::Workflow>, DocumentPtr<formats::UpdateConfig>>;

/// One path of the forge, read and parsed.
struct Loaded {
  SourceFilePtr file;
  DocumentPath path;
  AnyDocument document{};
  std::string unreadable{};               ///< why; empty where it was read
  std::optional<std::string> identity{};  ///< FileStore's
};

template <class T>
AnyDocument parse_as(const Loaded& loaded, Parsed<T> (*parse)(std::string_view)) {
  return std::make_shared<const Document<T>>(
      Document<T>{loaded.file, loaded.path.release, loaded.path.component, parse(loaded.file->text())});
}

/// To add a document kind: DocumentKind and classify(), a parser, a line here, a map in SnapshotParts, a look-up.
AnyDocument parse(const Loaded& loaded) {
  switch (loaded.path.kind) {
    case DocumentKind::config:
      return parse_as(loaded, formats::parse_forge_config);
    case DocumentKind::source_refs:
    case DocumentKind::test_refs:
      return parse_as(loaded, formats::parse_source_refs);
    case DocumentKind::upper_constraints:
      return parse_as(loaded, formats::parse_constraints);
    case DocumentKind::extra_packages:
      return parse_as(loaded, formats::parse_extra_packages);
    case DocumentKind::overrides:
      return parse_as(loaded, formats::parse_overrides);
    case DocumentKind::patch:
      return parse_as(loaded, formats::parse_patch);
    case DocumentKind::dockerfile:
      return parse_as(loaded, formats::parse_dockerfile);
    case DocumentKind::bindep:
      return parse_as(loaded, formats::parse_bindep);
    case DocumentKind::workflow:
      return parse_as(loaded, formats::parse_workflow);
    case DocumentKind::update_config:
      return parse_as(loaded, formats::parse_update_config);
    case DocumentKind::image_text:
    case DocumentKind::build_script:
    case DocumentKind::patch_stray:
    case DocumentKind::other:
      break;
  }
  return {};
}

bool is_read(DocumentKind kind) {
  return kind != DocumentKind::other && kind != DocumentKind::patch_stray;
}

/// Puts every document into its place in the parts.
class Sorter {
 public:
  explicit Sorter(SnapshotParts& parts) : parts_(parts) {}

  void add(const Loaded& loaded) {
    parts_.files[loaded.file->path()] = loaded.file;
    parts_.paths.push_back(loaded.file->path());
    note_folders(loaded.file->path());
    if (!loaded.unreadable.empty()) parts_.unreadable.push_back({loaded.file, loaded.unreadable});
    if (loaded.path.kind == DocumentKind::patch_stray) series_of(loaded.path).strays.push_back(loaded.file);
    std::visit([this](const auto& document) { put(document); }, loaded.document);
  }

  void finish() {
    parts_.releases.assign(releases_.begin(), releases_.end());
    parts_.images.assign(images_.begin(), images_.end());
    for (auto& [key, series] : series_) parts_.patch_series.push_back(std::move(series));
  }

 private:
  void note_folders(std::string_view path) {
    const auto parts = split(path, '/');
    if (parts.size() < 3) return;
    if (parts[0] == "releases") releases_.emplace(parts[1]);
    if (parts[0] == "images") images_.emplace(parts[1]);
  }

  PatchSeries& series_of(const DocumentPath& path) {
    PatchSeries& series = series_[{path.component, path.release}];
    series.component = path.component;
    series.release = path.release;
    return series;
  }

  void put(std::monostate) {}
  void put(const DocumentPtr<formats::ForgeConfig>& d) { parts_.config = d; }
  void put(const DocumentPtr<formats::SourceRefs>& d) {
    const bool tests = classify(d->file->path()).kind == DocumentKind::test_refs;
    (tests ? parts_.test_refs : parts_.source_refs)[d->release] = d;
  }
  void put(const DocumentPtr<formats::Constraints>& d) { parts_.upper_constraints[d->release] = d; }
  void put(const DocumentPtr<formats::ExtraPackages>& d) { parts_.extra_packages[d->release] = d; }
  void put(const DocumentPtr<formats::Overrides>& d) { parts_.overrides[d->release] = d; }
  void put(const DocumentPtr<formats::Dockerfile>& d) { parts_.dockerfiles[d->component] = d; }
  void put(const DocumentPtr<formats::Bindep>& d) { parts_.bindeps[d->component] = d; }
  void put(const DocumentPtr<formats::Workflow>& d) { parts_.workflows[d->file->path()] = d; }
  void put(const DocumentPtr<formats::UpdateConfig>& d) { parts_.update_configs[d->file->path()] = d; }
  // Files come sorted by bytes, which is the order of the shell's glob.
  void put(const DocumentPtr<formats::Patch>& d) {
    series_of({DocumentKind::patch, d->release, d->component}).patches.push_back(d);
  }

  SnapshotParts& parts_;
  std::set<std::string> releases_;
  std::set<std::string> images_;
  std::map<std::pair<std::string, std::string>, PatchSeries> series_;
};

}  // namespace

/// What the last load made, by path.
class Workspace::Cache {
 public:
  [[nodiscard]] Loaded load(const FileStore& files, const std::string& path) const {
    std::optional<std::string> identity = files.identity(path);
    const Loaded* known = find(path);
    const bool same = known != nullptr && identity && known->identity == identity;
    if (same && known->unreadable.empty()) return *known;
    Loaded loaded{.file = nullptr, .path = classify(path)};
    loaded.identity = std::move(identity);
    std::string text;
    if (is_read(loaded.path.kind)) {
      Result<std::string> read = files.read(path);
      if (read)
        text = std::move(*read);
      else
        loaded.unreadable = read.error().message;
    }
    // A file that is not read is the same only where the store says so.
    const bool unchanged = is_read(loaded.path.kind) && known != nullptr && known->unreadable == loaded.unreadable &&
                           known->file->text() == text;
    if (unchanged) {
      Loaded again = *known;
      again.identity = loaded.identity;
      return again;
    }
    loaded.file = SourceFile::make(path, std::move(text));
    if (loaded.unreadable.empty()) loaded.document = parse(loaded);
    return loaded;
  }

  /// Sorted by path.
  void remember(std::vector<Loaded> all) { documents_ = std::move(all); }

 private:
  [[nodiscard]] const Loaded* find(const std::string& path) const {
    const auto path_of = [](const Loaded& loaded) -> const std::string& { return loaded.file->path(); };
    const auto found = std::ranges::lower_bound(documents_, path, {}, path_of);
    return found == documents_.end() || path_of(*found) != path ? nullptr : &*found;
  }

  std::vector<Loaded> documents_;
};

Workspace::Workspace(UpstreamsFactory upstreams, IndexFactory index, DistributionFactory distribution)
    : upstreams_(std::move(upstreams)),
      index_(std::move(index)),
      distribution_(std::move(distribution)),
      cache_(std::make_unique<Cache>()) {}
Workspace::~Workspace() = default;

Result<SnapshotPtr> Workspace::load(const FileStorePtr& files, const TaskPool& pool, const ConfigOverlay& overlay) {
  FORGE_TRY_ASSIGN(const std::vector<std::string> paths, files->list());
  std::vector<Loaded> all(paths.size());
  pool.for_each(paths.size(), [&](std::size_t i) { all[i] = cache_->load(*files, paths[i]); });
  SnapshotParts parts;
  parts.store = files;
  Sorter sorter(parts);
  for (const Loaded& loaded : all) sorter.add(loaded);
  sorter.finish();
  cache_->remember(std::move(all));
  if (parts.config) parts.settings = parts.config->parsed.value;
  if (overlay) parts.settings = overlay(parts.settings);
  const formats::ForgeConfig& config = parts.settings;
  parts.upstreams = upstreams_(config);
  if (index_) parts.index = index_(config);
  if (distribution_) parts.distribution = distribution_(config);
  return std::make_shared<const Snapshot>(std::move(parts));
}

std::optional<std::string> find_forge_root(const std::string& from) {
  namespace fs = std::filesystem;
  std::error_code error;
  fs::path folder = fs::absolute(from, error).lexically_normal();
  if (error) return std::nullopt;
  if (!folder.has_filename()) folder = folder.parent_path();  // `/forge/.` is `/forge/` by now
  for (;; folder = folder.parent_path()) {
    // A folder that is not there sets the error too.
    if (fs::is_directory(folder / "releases", error)) return folder.string();
    if (folder == folder.parent_path()) return std::nullopt;
  }
}

}  // namespace forge::workspace
