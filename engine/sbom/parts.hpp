/// The parts that image_sbom() puts together; each adds components and gaps to a document.
#pragma once

#include <string>

#include "engine/plan/build_plan.hpp"
#include "engine/sbom/image_sbom.hpp"
#include "engine/sbom/sbom.hpp"
#include "engine/workspace/snapshot.hpp"

namespace forge::sbom {

/// What a part is made of, and where it goes.
struct Part {
  const workspace::Snapshot& snapshot;
  const plan::PlanTarget& target;
  const SbomRequest& request;
  Sbom& sbom;
};

/// The image's own tree and those of patched libraries that are installed with it, with patches; and what the install
/// brings from pins and the index.
void add_python(const Part& part);
/// What apt installs in the last stage, and what the distribution's image has.
void add_system(const Part& part);
/// The images below it, and that what it has beside all this is not known.
void add_images(const Part& part);

/// One tree of the plan, as a component with its patches and linked trees.
[[nodiscard]] Component source_component(const Part& part, const plan::PlanSource& source);
/// Trees inside of it (submodules), each with its own patches; the refs go into `outer`.
void add_linked_trees(const Part& part, const plan::PlanSource& source, Component& outer);

}  // namespace forge::sbom
