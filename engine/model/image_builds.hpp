/// Where the forge's own workflows build and push images: by docker's actions, by commands, in scripts.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/model/workflow_text.hpp"

namespace forge::model {

/// One value of a build, as written, and where.
struct BuildValue {
  std::string written;
  SourceFilePtr file;
  TextSpan span;
  JobStep step;        ///< in whose scope it is read
  ScriptPtr script{};  ///< of a command: shell replaces in it
};

struct ImageBuild {
  const WorkflowRun* run = nullptr;
  const JobRun* job = nullptr;
  JobStep step;
  SourceFilePtr file;
  TextSpan span;  ///< the action's name, or the command's first word
  bool is_bake = false;
  bool is_merge = false;  ///< puts tags on images that are there: `imagetools create`, `docker push`

  std::vector<BuildValue> context{};     ///< at most one
  std::vector<BuildValue> dockerfile{};  ///< likewise
  std::vector<BuildValue> contexts{};    ///< `name=value`
  std::vector<BuildValue> arguments{};   ///< `NAME=value`
  std::vector<BuildValue> tags{};
  std::vector<BuildValue> push{};  ///< a condition; at most one
  std::vector<BuildValue> outputs{};
  std::vector<BuildValue> cache_to{};
  std::vector<BuildValue> cache_from{};
  bool pushes_always = false;  ///< `--push`, `docker push`
};

/// Of all runs, in their order. Computed once per snapshot.
[[nodiscard]] const std::vector<ImageBuild>& image_builds(const workspace::Snapshot& snapshot);

[[nodiscard]] SymbolicText value_text(const ImageBuild& build, const BuildValue& value, const Occasion& occasion);

/// Whether the build pushes on that occasion, conditions of its step and job counted in; nothing where unknown.
[[nodiscard]] std::optional<bool> pushes(const ImageBuild& build, const Occasion& occasion);

/// The folder below images/ that is built, `images/X` as symbolic text behind `images/`; nothing where it is another
/// folder or can't be told.
[[nodiscard]] std::optional<SymbolicText> image_folder(const ImageBuild& build);
/// The same in every cell, each name once; nothing where one of them can't be told.
[[nodiscard]] std::optional<std::vector<std::string>> images_of(const ImageBuild& build);
/// It builds an image that some release has a ref for, as far as can be told.
[[nodiscard]] bool builds_service(const workspace::Snapshot& snapshot, const ImageBuild& build);

}  // namespace forge::model
