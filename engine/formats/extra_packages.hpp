/// releases/<release>/extra-packages.yaml: service -> what is installed beside it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/problem.hpp"
#include "engine/base/span.hpp"

namespace forge::formats {

struct ServiceExtras {
  Spanned<std::string> service;
  std::vector<Spanned<std::string>> pip_extras;    ///< bare extra names
  std::vector<Spanned<std::string>> pip_packages;  ///< requirements
  std::vector<Spanned<std::string>> apt_packages;  ///< runtime packages of the final stage
};

struct ExtraPackages {
  std::vector<ServiceExtras> services;

  [[nodiscard]] const ServiceExtras* find(std::string_view service) const;
};

[[nodiscard]] Parsed<ExtraPackages> parse_extra_packages(std::string_view text);

}  // namespace forge::formats
