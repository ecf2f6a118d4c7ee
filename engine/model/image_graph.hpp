/// Which image of the forge builds from which, and what every name in their Dockerfiles stands for.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/formats/dockerfile.hpp"
#include "engine/workspace/snapshot.hpp"

namespace forge::model {

enum class NeedKind {
  image,        ///< another image of the forge: the last component of the name, or what is before its `-image`, is a
                ///< folder of images/
  source,       ///< the source tree of a component, the image's own or a library's
  constraints,  ///< `upper-constraints`: the folder with the release's effective constraints
  libraries,    ///< `patched-libraries`: the folder with the source trees of patched_libraries(), each below its name
  external,     ///< an image that the forge does not build
  undefined,    ///< a bare name that nothing in the forge explains
  invalid       ///< no image reference at all
};

/// One name that a Dockerfile takes from outside.
struct ImageNeed {
  NeedKind kind = NeedKind::external;
  std::string name;    ///< in the form in which the build looks it up
  std::string target;  ///< the image's folder or the component; empty for the other kinds
  formats::ExternalName::Where where = formats::ExternalName::Where::from;
  TextSpan span;
  bool used = true;                    ///< false in a stage that a build of the last one skips
  std::optional<std::string> meant{};  ///< for `undefined`: the known name that is nearest
};

struct ImageNode {
  std::string image;  ///< folder below images/
  const workspace::Document<formats::Dockerfile>* document = nullptr;
  std::vector<ImageNeed> needs;      ///< in file order; a name may stand more than once
  std::vector<std::string> parents;  ///< images of the forge that it builds from, sorted
  bool is_base = false;              ///< another image names it
  std::size_t depth = 1;             ///< 1: builds from no image of the forge; else one more than its deepest parent
};

struct ImageGraph {
  std::vector<ImageNode> nodes;                  ///< every image with a Dockerfile, sorted by name
  std::vector<std::string> build_order;          ///< parents first, then by name; images of a cycle are left out
  std::vector<std::vector<std::string>> cycles;  ///< each starts with its first image by name

  [[nodiscard]] const ImageNode* find(std::string_view image) const;
};

/// The context by which a Dockerfile takes whatever libraries its release patches.
inline constexpr std::string_view libraries_context = "patched-libraries";
/// Components without an image that have a ref and patches in the release, sorted.
[[nodiscard]] std::vector<std::string> patched_libraries(const workspace::Snapshot& snapshot, std::string_view release);
/// Of the release's images some take the library's tree, and all of these with libraries_context.
[[nodiscard]] bool is_taken_by_libraries_context(const workspace::Snapshot& snapshot, std::string_view release,
                                                 std::string_view library);

/// Computed once per snapshot.
[[nodiscard]] const ImageGraph& image_graph(const workspace::Snapshot& snapshot);

/// Why no build of `node`'s image can be given what `need` names, as a sentence; nothing where it can.
[[nodiscard]] std::optional<std::string> context_problem(const workspace::Snapshot& snapshot, const ImageNode& node,
                                                         const ImageNeed& need);

/// A build argument with what extra-packages.yaml has for it.
struct BuildArgument {
  std::string_view name;  ///< `PIP_EXTRAS`, `PIP_PACKAGES` or `EXTRA_APT_PACKAGES`
  std::string value;      ///< entries joined as the Dockerfile expects them
  TextSpan span;          ///< of the first entry in extra-packages.yaml
};
/// Only those with an entry for the service.
[[nodiscard]] std::vector<BuildArgument> extra_arguments(const workspace::Snapshot& snapshot, std::string_view service,
                                                         std::string_view release);

/// The releases that have a ref for the component, sorted.
[[nodiscard]] std::vector<std::string> releases_with(const workspace::Snapshot& snapshot, std::string_view component);
/// The releases that an image is built for: those with a ref for it; of an image of published packages (`tempest`)
/// those whose test-refs.yaml names it. Empty where it is built once for all. Sorted.
[[nodiscard]] std::vector<std::string> image_releases(const workspace::Snapshot& snapshot, std::string_view image);

/// Some release has a ref for it.
[[nodiscard]] bool is_component(const workspace::Snapshot& snapshot, std::string_view name);

}  // namespace forge::model
