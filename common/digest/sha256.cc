#include "common/digest/sha256.h"

#include <openssl/evp.h>

#include <utility>

namespace lumbar {
namespace {

constexpr size_t kBytes = 32;

// Fetched once: EVP_sha256() is looked up anew by each digest, which takes longer than a token's digest.
const EVP_MD* Fetched() {
  static const EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return sha256;
}

unsigned char* Raw(std::string& bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }

}  // namespace

std::string Sha256(absl::string_view bytes) {
  std::string digest(kBytes, '\0');
  EVP_Digest(bytes.data(), bytes.size(), Raw(digest), nullptr, Fetched(), nullptr);
  return digest;
}

struct Sha256Stream::State {
  State() : context(EVP_MD_CTX_new()) {}
  ~State() { EVP_MD_CTX_free(context); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  EVP_MD_CTX* const context;
};

Sha256Stream::Sha256Stream() : state_(std::make_unique<State>()) {
  EVP_DigestInit_ex2(state_->context, Fetched(), nullptr);
}

Sha256Stream::Sha256Stream(const Sha256Stream& other) : state_(std::make_unique<State>()) {
  EVP_MD_CTX_copy_ex(state_->context, other.state_->context);
}

Sha256Stream& Sha256Stream::operator=(const Sha256Stream& other) {
  if (this != &other) *this = Sha256Stream(other);
  return *this;
}

Sha256Stream::Sha256Stream(Sha256Stream&&) noexcept = default;
Sha256Stream& Sha256Stream::operator=(Sha256Stream&&) noexcept = default;
Sha256Stream::~Sha256Stream() = default;

void Sha256Stream::Add(absl::string_view bytes) { EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()); }

std::string Sha256Stream::Finish() && {
  std::string digest(kBytes, '\0');
  EVP_DigestFinal_ex(state_->context, Raw(digest), nullptr);
  return digest;
}

}  // namespace lumbar
