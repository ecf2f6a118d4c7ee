#include "lsp/environment.hpp"

#include <memory>

#include <fmt/format.h>

namespace forge::lsp {

namespace {

/// Until mirrors are wired in: every component is unavailable.
class NoUpstreams : public git::Upstreams {
 public:
  [[nodiscard]] Result<git::RepositoryPtr> open(std::string_view component) const override {
    return fail(Failure::Kind::unavailable, fmt::format("There is no mirror of `{}`.", component));
  }
};

}  // namespace

workspace::UpstreamsFactory local_upstreams(const std::string&) {
  return [](const formats::ForgeConfig&) { return std::make_shared<const NoUpstreams>(); };
}

}  // namespace forge::lsp
