/// The packages that the RUN instructions of a Dockerfile install by name with apt-get or apt.
#pragma once

#include <string>
#include <vector>

#include "engine/formats/dockerfile.hpp"

namespace forge::model {

/// The packages that a stage has at its end because one of its own RUNs names them: bare names, without version and
/// architecture. Files, variables and patterns are left out, and packages that the stage removes again.
[[nodiscard]] std::vector<Spanned<std::string>> apt_installs(const formats::Stage& stage, std::string_view text);

}  // namespace forge::model
