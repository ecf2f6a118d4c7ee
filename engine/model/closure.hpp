/// What an install brings: the packages and versions that a component needs under a release's constraints on a target,
/// and who needs them. Follows what uv and pip do with a fully pinned set; only names without a pin need a search.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/finding.hpp"
#include "engine/base/result.hpp"
#include "engine/formats/distribution_file.hpp"
#include "engine/formats/requirement.hpp"
#include "engine/index/package_index.hpp"
#include "engine/model/effective_pins.hpp"

namespace forge::model {

/// They differ: pip compares a `===` as text and holds to the whole of Requires-Python; uv compares versions and holds
/// to the lower bound alone. They allow pre-releases for different reasons.
enum class Installer { uv, pip };

/// A requirement that somebody wrote.
struct WrittenRequirement {
  formats::Requirement requirement;
  std::string text;     ///< as written
  std::string extra{};  ///< it belongs to this extra, normalised; empty: always, or its marker says so
  std::optional<Place> place{};
};

/// A package that is built from a tree instead of taken from an index.
struct SourceComponent {
  PackageName name;
  std::optional<formats::Version> version;  ///< absent: not known, and then nothing that asks for one is judged
  std::vector<WrittenRequirement> requirements;
  std::vector<std::string> extras;  ///< declared ones, normalised, sorted
};

struct ClosureRequest {
  std::vector<SourceComponent> sources;
  std::vector<WrittenRequirement> roots;  ///< what the install names: `keystone[ldap]`, `PyMySQL`
  formats::MarkerEnvironment environment;
  formats::WheelTarget target;
  Installer installer = Installer::uv;
};

/// Who asks for a package.
struct Requirer {
  std::string name;          ///< normalised; empty: the install's own command line
  std::string version;       ///< empty where not known
  std::string text;          ///< the requirement as written
  bool from_source = false;  ///< the command line, or a package built from a tree
  std::optional<Place> place{};
  friend bool operator==(const Requirer& a, const Requirer& b) {
    return a.name == b.name && a.version == b.version && a.text == b.text;
  }
};

using IndexFilePtr = std::shared_ptr<const formats::IndexFile>;

enum class PackageFrom { pin, source, index };
/// `pin`, `source`, `index`.
[[nodiscard]] std::string_view to_string(PackageFrom from);

struct ClosurePackage {
  PackageName name;
  std::string spelling;  ///< as its files or its pin have it
  std::string version;   ///< empty where none could be told
  PackageFrom from = PackageFrom::index;
  const EffectivePin* pin = nullptr;  ///< the first line that counts
  std::vector<std::string> extras;    ///< asked for and provided; normalised, sorted
  std::vector<Requirer> required_by;  ///< sorted by name
  /// What an installer takes; null for a source, a direct URL, and where none fits. Shared, since many images of a
  /// forge install the same.
  IndexFilePtr file;
  /// What its file says of itself; null where that is not known.
  index::FileMetadataPtr metadata{};
  /// Why it is not known for certain what it requires; empty where it is.
  std::string unknown{};
  /// Only a build of its sdist can tell; what was recorded when that was made is followed.
  bool as_recorded = false;
  /// What the index failed with; then `unknown` says so too.
  std::optional<Failure> failure{};
  bool needs_pkg_resources = false;  ///< its setup.py does, and nothing else than an sdist can be installed

  /// No line decides its version: the next install may bring another one.
  [[nodiscard]] bool floats() const { return from == PackageFrom::index; }
};

enum class ConflictKind {
  pins_differ,           ///< two lines count and exclude each other
  requirement_excludes,  ///< a requirement excludes what is pinned or built
  pin_excludes_source,   ///< the component is pinned to another version than the tree builds
  not_published,         ///< the index does not have the pinned version
  spelled_otherwise,     ///< it has, under another spelling (`1.0.0` for `1.0`)
  no_usable_file,        ///< it has, but no file of it can be installed on the target
  requires_python,       ///< every file of it excludes the target's Python
  nothing_fits           ///< not pinned, and no version fulfils all that is asked of it
};

struct ClosureConflict {
  ConflictKind kind = ConflictKind::requirement_excludes;
  PackageName name;
  std::string version;                ///< pinned or built; empty for nothing_fits
  const EffectivePin* pin = nullptr;  ///< where a pin is concerned
  const EffectivePin* other_pin = nullptr;
  std::optional<Requirer> requirer{};  ///< where a requirement is concerned
  std::string detail{};                ///< Requires-Python; why nothing fits; ...
  std::vector<std::string>
      nearest{};      ///< of not_published: versions around it, the older first; of spelled_otherwise: how
  bool stops = true;  ///< false: the installer that was asked about goes on, the other one stops
};

/// Both installers only warn.
struct UnknownExtra {
  PackageName name;
  std::string version;
  std::string extra;
  std::vector<std::string> provided;
  Requirer requirer;
};

struct Closure {
  std::vector<ClosurePackage> packages;  ///< sorted by name
  std::vector<ClosureConflict> conflicts;
  std::vector<UnknownExtra> unknown_extras;

  [[nodiscard]] const ClosurePackage* find(const PackageName& name) const;
  /// Whether the install ends well, as far as could be seen.
  [[nodiscard]] bool succeeds() const;
};

class PublishedVersions;

[[nodiscard]] Closure closure(const ClosureRequest& request, const EffectivePins& pins,
                              const index::PackageIndex& index);
/// The same with what other closures found out; only those of the same environment, target, installer and index may
/// share it.
[[nodiscard]] Closure closure(const ClosureRequest& request, const EffectivePins& pins,
                              const index::PackageIndex& index, const PublishedVersions& known);

/// Whether a file with this Requires-Python is taken on this Python. A text that makes no sense excludes nothing.
[[nodiscard]] bool admits_python(std::string_view requires_python, const formats::Version& python, Installer installer);

}  // namespace forge::model
