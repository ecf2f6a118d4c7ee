#include "engine/base/sha1.hpp"

#include <new>

#include <openssl/crypto.h>
#include <openssl/evp.h>

namespace forge {

namespace {

/// Fetched once: OpenSSL 3 otherwise looks the algorithm up for every digest. Its configuration file is of no
/// interest here and costs a cold process more than the hashing.
const EVP_MD* algorithm() {
  static const EVP_MD* const sha1 = [] {
    OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
    return EVP_MD_fetch(nullptr, "SHA1", nullptr);
  }();
  return sha1;
}

EVP_MD_CTX* openssl(void* context) {
  return static_cast<EVP_MD_CTX*>(context);
}

}  // namespace

void Sha1::Free::operator()(void* context) const {
  EVP_MD_CTX_free(openssl(context));
}

Sha1::Sha1() : context_(EVP_MD_CTX_new()) {
  start();
}

Sha1::~Sha1() = default;

void Sha1::start() {
  if (context_ == nullptr || EVP_DigestInit_ex(openssl(context_.get()), algorithm(), nullptr) != 1)
    throw std::bad_alloc();
}

void Sha1::update(std::string_view bytes) {
  if (EVP_DigestUpdate(openssl(context_.get()), bytes.data(), bytes.size()) != 1) throw std::bad_alloc();
}

Sha1::Digest Sha1::finish() {
  Digest digest{};
  unsigned length = 0;
  if (EVP_DigestFinal_ex(openssl(context_.get()), digest.data(), &length) != 1) throw std::bad_alloc();
  start();
  return digest;
}

}  // namespace forge
