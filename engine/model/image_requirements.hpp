/// Everything that an image of a release requires of Python packages by name: what its source trees declare, with the
/// extras they are installed with, and what is installed beside them. What those packages require in turn is not here.
#pragma once

#include <string>
#include <vector>

#include "engine/model/declared_requirements.hpp"
#include "engine/model/image_installs.hpp"
#include "engine/model/requirement_check.hpp"

namespace forge::model {

/// Pointers live as long as the snapshot.
struct ImageRequirement {
  const ComponentRequirements* tree = nullptr;             ///< that declares it; null for a package beside the trees
  const formats::DeclaredRequirement* declared = nullptr;  ///< likewise
  const formats::DeclaredExtra* extra = nullptr;           ///< of `tree`; null where it is required without any
  const InstalledPackage* package = nullptr;               ///< where `tree` is null
  RequirementAnswer answer;
  std::string sibling;  ///< the component whose tree in this image has that name; empty: it comes from an index

  [[nodiscard]] const formats::Requirement& requirement() const {
    return declared != nullptr ? declared->requirement : package->requirement;
  }
  [[nodiscard]] const std::string& text() const { return declared != nullptr ? declared->text : package->text; }
  [[nodiscard]] Place place() const { return declared != nullptr ? tree->place(declared->place) : package->place; }
  [[nodiscard]] bool applies() const { return answer.verdict != RequirementVerdict::not_applicable; }
};

struct ImageRequirements {
  std::string release;
  std::string image;
  std::vector<const ComponentRequirements*> trees;  ///< those that could be looked at
  bool complete = true;  ///< false where a tree could not be looked at, or its requirements can't be told
  std::vector<ImageRequirement> requirements;

  /// Whether something asks for that package.
  [[nodiscard]] bool names(const PackageName& name) const;
};

/// Computed once per snapshot.
[[nodiscard]] const ImageRequirements& image_requirements(const workspace::Snapshot& snapshot,
                                                          const std::string& release, const std::string& image);

/// Of every image of the release, sorted by image.
[[nodiscard]] std::vector<const ImageRequirements*> release_requirements(const workspace::Snapshot& snapshot,
                                                                         const std::string& release);

}  // namespace forge::model
