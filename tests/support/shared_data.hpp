/// Golden data that lies outside of the repository.
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

namespace forge::support {

/// The folder `name` of the golden data: data/ of $FORGE_SHARED, or of ../shared beside the repository.
/// Nothing where it does not exist; a test then says so and passes.
[[nodiscard]] std::optional<std::filesystem::path> shared_data(std::string_view name);

}  // namespace forge::support
