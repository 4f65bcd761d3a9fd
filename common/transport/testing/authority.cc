#include "common/transport/testing/authority.h"

#include <absl/strings/str_cat.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <atomic>

namespace lumbar::transport {
namespace {

std::string Text(BIO* bio) {
  char* bytes = nullptr;
  const auto size = BIO_get_mem_data(bio, &bytes);
  return {bytes, static_cast<size_t>(size)};
}

std::string Pem(X509* certificate) {
  const TextBio bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(bio.get(), certificate);
  return Text(bio.get());
}

std::string Pem(EVP_PKEY* key) {
  const TextBio bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
  return Text(bio.get());
}

void Extend(X509* certificate, int what, const char* value) {
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, what, value);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

}  // namespace

Authority::Authority(const std::string& name)
    : key_(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256")),
      own_(Make(name, key_.get(), nullptr, absl::UnixEpoch(), absl::FromUnixSeconds(4'000'000'000), nullptr)) {}

IssuedPair Authority::Issue(const std::string& name, absl::Time begins, absl::Time ends) const {
  const PrivateKey key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
  const std::string names = absl::StrCat("DNS:", name, ",DNS:localhost,IP:127.0.0.1");
  const Certificate issued = Make(name, key.get(), X509_get_subject_name(own_.get()), begins, ends, names.c_str());
  return {Pem(issued.get()), Pem(key.get())};
}

IssuedPair Authority::IssueFor(const std::string& uses, const std::string& names, absl::Time now) const {
  const PrivateKey key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
  const Certificate issued = Make("issued", key.get(), X509_get_subject_name(own_.get()), now - absl::Hours(24),
                                  now + absl::Hours(24), names.c_str(), uses.c_str());
  return {Pem(issued.get()), Pem(key.get())};
}

std::string Authority::certificate() const { return Pem(own_.get()); }

// Its own if it has no `issuer`.
Certificate Authority::Make(const std::string& name, EVP_PKEY* key, const X509_NAME* issuer, absl::Time begins,
                            absl::Time ends, const char* names, const char* uses) const {
  static std::atomic<uint64_t> serial = 0;
  Certificate made(X509_new());
  X509_set_version(made.get(), X509_VERSION_3);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(made.get()), ++serial);
  ASN1_TIME_set(X509_getm_notBefore(made.get()), absl::ToTimeT(begins));
  ASN1_TIME_set(X509_getm_notAfter(made.get()), absl::ToTimeT(ends));
  X509_set_pubkey(made.get(), key);
  X509_NAME* subject = X509_get_subject_name(made.get());
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(name.data()),
                             static_cast<int>(name.size()), -1, 0);
  X509_set_issuer_name(made.get(), issuer == nullptr ? subject : issuer);
  if (issuer == nullptr) Extend(made.get(), NID_basic_constraints, "critical,CA:TRUE");
  if (names != nullptr) Extend(made.get(), NID_subject_alt_name, names);
  if (uses != nullptr) Extend(made.get(), NID_ext_key_usage, uses);
  X509_sign(made.get(), key_.get(), EVP_sha256());
  return made;
}

}  // namespace lumbar::transport
