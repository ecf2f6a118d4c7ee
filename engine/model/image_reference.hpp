/// References to container images: `ubuntu:noble`, `ghcr.io/c5c3/python-base:3.12-noble@sha256:…`.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace forge::model {

struct ImageReference {
  std::string domain;  ///< `docker.io` where none is written
  std::string path;    ///< `library/ubuntu`, `c5c3/python-base`
  std::string tag;     ///< empty where none is written
  std::string digest;  ///< `sha256:…`, or empty

  /// The last component of the path.
  [[nodiscard]] std::string_view name() const { return std::string_view(path).substr(path.rfind('/') + 1); }
  /// As people write it, without `docker.io`, `library/` and `:latest`: the form in which BuildKit looks a named
  /// context up.
  [[nodiscard]] std::string short_form() const;
  /// With domain and tag: equal for two references that mean one thing.
  [[nodiscard]] std::string long_form() const;
};

/// Nothing where no registry would take it: capitals or other characters outside of the grammar, empty components.
[[nodiscard]] std::optional<ImageReference> parse_image_reference(std::string_view text);

/// `[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}`
[[nodiscard]] bool is_image_tag(std::string_view text);
/// `sha256:` and 64 lower-case hexadecimal digits.
[[nodiscard]] bool is_image_digest(std::string_view text);

}  // namespace forge::model
