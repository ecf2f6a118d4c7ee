/// Which version of a project an installer takes, and which file of it.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/index/project_page.hpp"
#include "engine/model/closure.hpp"

namespace forge::model {

/// One version of a project on the index.
struct Release {
  formats::Version version;
  IndexFilePtr usable{};  ///< what is installed on the target; null: nothing can be
  /// Whose metadata an installer resolves with: a wheel of another platform speaks for an sdist, and where nothing can
  /// be installed. Null: nobody's.
  IndexFilePtr metadata_source{};
  bool python_excluded = false;   ///< files there are for the target, if only Python were another
  std::string requires_python{};  ///< of those
};

/// What is asked of a version that no pin decides.
struct Wanted {
  std::vector<formats::SpecifierSet> specifiers;
  std::set<std::string> banned;  ///< versions in normal form
  bool names_prerelease = false;
};

/// The line that decides a version: the first that admits exactly one. Null where none does.
[[nodiscard]] const formats::Pin* pinned_to(const std::vector<const EffectivePin*>& pins);
/// All clauses of a line.
[[nodiscard]] formats::SpecifierSet specifiers_of(const formats::Pin& pin);
/// Whether a clause asks for a pre-release by name; `!=` does not.
[[nodiscard]] bool names_prerelease(const formats::SpecifierSet& specifiers);

class ReleaseChoice {
 public:
  ReleaseChoice(const formats::WheelTarget& target, const formats::MarkerEnvironment& environment, Installer installer);

  /// As the installer compares: pre-releases count, `===` is text for pip and a version for uv.
  [[nodiscard]] bool admits(const formats::SpecifierSet& specifiers, const formats::Version& version) const;
  /// Nothing where the index does not have that version. Yanked files count.
  [[nodiscard]] std::optional<Release> pinned(const index::ProjectPage& page, const formats::Version& version) const;
  [[nodiscard]] std::optional<Release> newest(const index::ProjectPage& page, const Wanted& wanted) const;
  /// The versions before and behind one that is not published; fewer at an end.
  [[nodiscard]] static std::vector<std::string> neighbours(const index::ProjectPage& page,
                                                           const formats::Version& version);

 private:
  [[nodiscard]] Release release_of(const formats::Version& version, std::vector<formats::IndexFile> files,
                                   bool with_yanked) const;

  formats::WheelTarget target_;
  std::optional<formats::Version> python_;
  Installer installer_;
};

}  // namespace forge::model
