#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

namespace forge {

/// SHA-1 (FIPS 180-4) of bytes that come in pieces. For git's ids, never for secrets.
class Sha1 {
 public:
  using Digest = std::array<std::uint8_t, 20>;

  Sha1();
  ~Sha1();
  Sha1(const Sha1&) = delete;
  Sha1& operator=(const Sha1&) = delete;

  void update(std::string_view bytes);
  /// Of all since the start or the last call.
  [[nodiscard]] Digest finish();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

}  // namespace forge
