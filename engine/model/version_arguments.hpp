/// Build arguments that hand a version of test-refs.yaml or source-refs.yaml to a Dockerfile: `TEMPEST_VERSION`.
#pragma once

#include <string>
#include <string_view>

#include "engine/formats/source_refs.hpp"
#include "engine/workspace/snapshot.hpp"

namespace forge::model {

/// `KEYSTONE_TEMPEST_PLUGIN_VERSION` to `keystone-tempest-plugin`; empty for other names.
[[nodiscard]] std::string argument_component(std::string_view argument);

/// The component's ref where it is a version, as its text; else empty. Names are compared with `_` and `.` as `-`.
[[nodiscard]] std::string argument_version(const formats::SourceRefs& refs, std::string_view component);

/// What the release's test-refs.yaml, else its source-refs.yaml, has for that argument; empty where neither has.
[[nodiscard]] std::string argument_value(const workspace::Snapshot& snapshot, std::string_view release,
                                         std::string_view argument);

}  // namespace forge::model
