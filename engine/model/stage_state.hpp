/// What is known of a Dockerfile's stage at a point of it: its environment variables, virtual environments, its Python.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/formats/dockerfile_variables.hpp"
#include "engine/formats/version.hpp"
#include "engine/model/image_graph.hpp"
#include "engine/model/image_reference.hpp"

namespace forge::model {

struct StageState {
  /// The official image of docker.io at the bottom, or `scratch`; nothing where an image that can't be seen decides.
  std::optional<ImageReference> root;
  /// ENV, as far as its values can be told; ARGs are there without a value.
  formats::Variables variables;
  std::vector<std::string> environments;  ///< folders of virtual environments that a RUN creates
  bool other_environments = false;        ///< further ones are created or copied, and where can't be told
  bool other_python = false;              ///< a Python is brought in beside that of the distribution
  bool installer_settings = false;        ///< a configuration file of pip or uv is put in place
  std::optional<formats::Version> uv;     ///< nothing where unknown

  /// The value of ENV; nothing where it is unset or unknown.
  [[nodiscard]] std::optional<std::string> value(std::string_view name) const;
  /// Set, or unknown whether it is.
  [[nodiscard]] bool may_be_set(std::string_view name) const;
  /// `3.12`: what `python3` is on the image at the bottom; nothing where unknown.
  [[nodiscard]] std::optional<std::string> base_python() const;
};

/// Called for each instruction of each stage with the state before it.
using StageVisitor = std::function<void(std::size_t stage, const formats::Instruction&, const StageState&)>;
void walk_stages(const workspace::Snapshot& snapshot, const ImageNode& node, const StageVisitor& visit);

/// At the end of each stage, computed once per snapshot. What is built on an image of a cycle has no `root`.
[[nodiscard]] const std::vector<StageState>& stage_states(const workspace::Snapshot& snapshot, const ImageNode& node);

}  // namespace forge::model
