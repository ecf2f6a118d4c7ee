/// The forge at one moment, parsed. A snapshot never changes, so any number of threads may read it; the CLI is the
/// language server with exactly one snapshot.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <typeindex>
#include <vector>

#include "engine/base/cancellation.hpp"
#include "engine/base/on_first_use.hpp"
#include "engine/base/problem.hpp"
#include "engine/base/result.hpp"
#include "engine/base/source_file.hpp"
#include "engine/formats/bindep.hpp"
#include "engine/formats/constraints.hpp"
#include "engine/formats/dockerfile.hpp"
#include "engine/formats/extra_packages.hpp"
#include "engine/formats/forge_config.hpp"
#include "engine/formats/patch.hpp"
#include "engine/formats/source_refs.hpp"
#include "engine/formats/update_config.hpp"
#include "engine/formats/workflow.hpp"
#include "engine/git/upstreams.hpp"
#include "engine/index/distribution.hpp"
#include "engine/index/package_index.hpp"

namespace forge::workspace {

/// One parsed input file. `release` and `component` come from its path, empty where it has none
/// (for a Dockerfile and a bindep.txt `component` is the image).
template <class T>
struct Document {
  SourceFilePtr file;
  std::string release;
  std::string component;
  Parsed<T> parsed;

  [[nodiscard]] const T& operator*() const { return parsed.value; }
  [[nodiscard]] const T* operator->() const { return &parsed.value; }
};

template <class T>
using DocumentPtr = std::shared_ptr<const Document<T>>;

/// patches/<component>/<release>/: the patches in the order the shell's glob gives them, and what else lies there.
struct PatchSeries {
  std::string component;
  std::string release;
  std::vector<DocumentPtr<formats::Patch>> patches;  ///< `*.patch` directly in the folder, sorted by bytes
  std::vector<SourceFilePtr> strays;                 ///< other files, and files in sub-folders
};

/// A file that is there and can't be read: no permission, over the bound on size.
struct UnreadableFile {
  SourceFilePtr file;  ///< its text is empty
  std::string reason;
};

struct SnapshotParts;

class Snapshot {
 public:
  explicit Snapshot(SnapshotParts parts);
  ~Snapshot();
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

  [[nodiscard]] const formats::ForgeConfig& config() const;
  /// forge.yaml, or null.
  [[nodiscard]] const Document<formats::ForgeConfig>* config_document() const;

  /// Every folder of releases/, sorted.
  [[nodiscard]] const std::vector<std::string>& releases() const;
  /// Every folder of images/ that has files, sorted.
  [[nodiscard]] const std::vector<std::string>& images() const;
  /// Null where there is no such file.
  [[nodiscard]] const Document<formats::SourceRefs>* source_refs(std::string_view release) const;
  /// Python packages of the test images and their versions.
  [[nodiscard]] const Document<formats::SourceRefs>* test_refs(std::string_view release) const;
  [[nodiscard]] const Document<formats::Constraints>* upper_constraints(std::string_view release) const;
  [[nodiscard]] const Document<formats::Overrides>* overrides(std::string_view release) const;
  [[nodiscard]] const Document<formats::ExtraPackages>* extra_packages(std::string_view release) const;
  [[nodiscard]] const Document<formats::Dockerfile>* dockerfile(std::string_view image) const;
  /// images/<image>/bindep.txt; with an empty name the bindep.txt at the root, which serves all.
  [[nodiscard]] const Document<formats::Bindep>* bindep(std::string_view image) const;
  /// Every folder patches/<component>/<release>/ with a file in it, sorted; of releases that do not exist too.
  [[nodiscard]] const std::vector<PatchSeries>& patch_series() const;
  [[nodiscard]] const PatchSeries* patch_series(std::string_view component, std::string_view release) const;
  /// overrides/<release>/constraints.txt of every folder, of releases that do not exist too; sorted.
  [[nodiscard]] std::vector<const Document<formats::Overrides>*> all_overrides() const;
  /// A workflow or composite action by its path, or null.
  [[nodiscard]] const Document<formats::Workflow>* workflow(std::string_view path) const;
  /// All of them, sorted by path.
  [[nodiscard]] std::vector<const Document<formats::Workflow>*> workflows() const;
  /// What tells an update bot where versions stand, sorted by path.
  [[nodiscard]] std::vector<const Document<formats::UpdateConfig>*> update_configs() const;
  /// Any file that the store lists, or null. The text is empty where nothing reads it (strays).
  [[nodiscard]] SourceFilePtr file(std::string_view path) const;
  /// A file's bytes as the store gives them now: for files that no parser reads, such as what an image copies.
  [[nodiscard]] Result<std::string> read(std::string_view path) const;
  /// As git writes it: 0100644, 0100755, 0120000 for a link.
  [[nodiscard]] std::uint32_t mode(std::string_view path) const;
  /// Paths of all files, sorted.
  [[nodiscard]] const std::vector<std::string>& paths() const;
  [[nodiscard]] const std::vector<UnreadableFile>& unreadable_files() const;

  /// A component with images/<name>/Dockerfile; else it is a library.
  [[nodiscard]] bool is_service(std::string_view component) const { return dockerfile(component) != nullptr; }

  [[nodiscard]] const git::Upstreams& upstreams() const;
  /// Null where there is none to ask: then what needs it is silent.
  [[nodiscard]] const index::PackageIndex* index() const;
  /// The package lists of the target's distribution; likewise.
  [[nodiscard]] const index::Distribution* distribution() const;

  /// The answer to a question about this snapshot, computed at most once (also when many threads ask).
  /// `key` tells apart the questions with the same type of answer. Cut (Cancelled) it is as if nobody had asked.
  template <class T, class Compute>
  const T& once(const std::string& key, const Compute& compute) const {
    Slot& slot = slot_for(typeid(T), key);
    return *static_cast<const T*>(slot.value
                                      .get([&]() -> std::shared_ptr<const void> {
                                        throw_if_cancelled();
                                        return std::make_shared<const T>(compute());
                                      })
                                      .get());
  }

 private:
  struct Slot {
    OnFirstUse<std::shared_ptr<const void>> value;
  };
  [[nodiscard]] Slot& slot_for(std::type_index type, const std::string& key) const;

  std::unique_ptr<const SnapshotParts> parts_;
  mutable std::mutex slots_mutex_;
  mutable std::map<std::pair<std::type_index, std::string>, std::unique_ptr<Slot>> slots_;
};

using SnapshotPtr = std::shared_ptr<const Snapshot>;

}  // namespace forge::workspace
