/// Edits of source-refs.yaml that several rules offer.
#pragma once

#include <string>

#include "engine/base/finding.hpp"
#include "engine/workspace/snapshot.hpp"

namespace forge::rules {

/// A line for `component` in its place in a sorted file, else behind the last one.
[[nodiscard]] Fix insert_ref(const workspace::Document<formats::SourceRefs>& refs, const std::string& component,
                             const std::string& value);

}  // namespace forge::rules
