#include "engine/base/sha1.hpp"

#include <nettle/sha1.h>

namespace forge {

static_assert(std::tuple_size_v<Sha1::Digest> == SHA1_DIGEST_SIZE);

struct Sha1::Context : sha1_ctx {};

Sha1::Sha1() : context_(std::make_unique<Context>()) {
  sha1_init(context_.get());
}

Sha1::~Sha1() = default;

void Sha1::update(std::string_view bytes) {
  sha1_update(context_.get(), bytes.size(), reinterpret_cast<const std::uint8_t*>(bytes.data()));
}

Sha1::Digest Sha1::finish() {
  Digest digest{};
  sha1_digest(context_.get(), digest.size(), digest.data());  // starts the next one, too
  return digest;
}

}  // namespace forge
