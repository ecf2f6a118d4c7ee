/// Which file of a forge is what: path -> kind of document, release, component.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace forge::workspace {

enum class DocumentKind {
  config,             ///< forge.yaml
  source_refs,        ///< releases/<release>/source-refs.yaml
  test_refs,          ///< releases/<release>/test-refs.yaml: Python package -> version, written as source-refs.yaml is
  upper_constraints,  ///< releases/<release>/upper-constraints.txt
  extra_packages,     ///< releases/<release>/extra-packages.yaml
  overrides,          ///< overrides/<release>/constraints.txt
  patch,              ///< patches/<component>/<release>/*.patch
  patch_stray,        ///< anything else below patches/<component>/<release>/ that a glob can catch
  dockerfile,         ///< images/<image>/Dockerfile
  bindep,             ///< images/<image>/bindep.txt, or bindep.txt at the root
  image_text,         ///< another images/<image>/*.txt: what its Dockerfile may hand to pip or uv; read, not parsed
  workflow,           ///< .github/workflows/*.yaml, and action.yaml of the composite actions below .github/
  update_config,      ///< renovate.json: which lines an update bot knows
  build_script,       ///< other YAML and shell below .github/, what is below scripts/, and the shell below hack/, ci/,
                      ///< tools/: read, and kept as text
  other
};

struct DocumentPath {
  DocumentKind kind = DocumentKind::other;
  std::string release{};
  std::string component{};
};

/// Where a forge's files are: in these folders at its root, however deep, and these files beside them. Each is sorted;
/// what classify() knows is in them.
[[nodiscard]] std::span<const std::string_view> forge_folders();
[[nodiscard]] std::span<const std::string_view> forge_root_files();

/// `path` is relative to the root, with `/`.
[[nodiscard]] DocumentPath classify(std::string_view path);

/// A workflow or a script: what can run a part of a build.
[[nodiscard]] bool is_build_text(DocumentKind kind);

}  // namespace forge::workspace
