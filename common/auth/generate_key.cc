#include <fcntl.h>
#include <openssl/pem.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <optional>

#include "common/auth/encoding.h"
#include "common/auth/errors.h"
#include "common/auth/jwk.h"
#include "common/auth/jwks.h"
#include "common/auth/signer.h"
#include "common/file/read_file.h"
#include "common/status/errors.h"
#include "common/status/macros.h"

namespace lumbar::auth {
namespace {

absl::Status NotWritten(absl::string_view path) {
  return WithReason(absl::UnavailableError(absl::StrCat("can't write ", path)), "KEY_NOT_WRITTEN");
}

absl::Status KeyExists(absl::string_view what) {
  return WithReason(absl::AlreadyExistsError(absl::StrCat(what, " is there already; pick another name")), "KEY_EXISTS");
}

// Writes a file that isn't there yet, down to the disk.
absl::Status WriteNew(const std::string& path, absl::string_view content, mode_t mode) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (file < 0) return errno == EEXIST ? KeyExists(path) : NotWritten(path);
  const bool written = ::write(file, content.data(), content.size()) == static_cast<ssize_t>(content.size());
  const bool kept = ::fsync(file) == 0;
  if (::close(file) == 0 && written && kept) return absl::OkStatus();
  ::unlink(path.c_str());
  return NotWritten(path);
}

absl::Status Replace(const std::string& path, absl::string_view content) {
  const std::string fresh = path + ".new";
  ::unlink(fresh.c_str());  // what an interrupted run left
  LUMBAR_RETURN_IF_ERROR(WriteNew(fresh, content, 0644));
  return ::rename(fresh.c_str(), path.c_str()) == 0 ? absl::OkStatus() : NotWritten(path);
}

absl::StatusOr<std::string> PrivatePem(EVP_PKEY* key) {
  const Bio memory(BIO_new(BIO_s_mem()));
  char* text = nullptr;
  if (!memory || PEM_write_bio_PrivateKey(memory.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    return absl::InternalError("can't encode the private key");
  }
  const int64_t size = BIO_get_mem_data(memory.get(), &text);
  return std::string(text, static_cast<size_t>(size));
}

// The JWKS at `path`, without keys if there is no such file.
absl::StatusOr<nlohmann::json> ExistingSet(const std::string& path, const std::string& kid) {
  if (::access(path.c_str(), F_OK) != 0 && errno == ENOENT) return nlohmann::json{{"keys", nlohmann::json::array()}};
  const std::optional<std::string> text = ReadWholeFile(path, kMaxKeySetBytes);
  if (!text) return KeyFileUnreadable(path);
  LUMBAR_ASSIGN_OR_RETURN(const KeySet keys, KeySet::Parse(*text));
  if (keys.Find(kid) != nullptr) return KeyExists(absl::StrCat("the kid ", kid));
  return *ParseStrictObject(*text);
}

}  // namespace

absl::Status GenerateKey(const std::string& kid, const std::string& private_path, const std::string& jwks_path) {
  const ErrorQueueGuard guard;
  LUMBAR_ASSIGN_OR_RETURN(nlohmann::json set, ExistingSet(jwks_path, kid));
  const EvpKey key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
  if (!key) return absl::InternalError("can't make a P-256 key");
  LUMBAR_ASSIGN_OR_RETURN(nlohmann::json jwk, FormatKey(Algorithm::kEs256, key.get()));
  jwk["kid"] = kid;
  set["keys"].push_back(std::move(jwk));
  const std::string text = set.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  // Refuses what a verifier would: an odd kid, one key too many.
  LUMBAR_ASSIGN_OR_RETURN(const KeySet published, KeySet::Parse(text));
  if (published.Find(kid) == nullptr) return KeySetRefused("the kid isn't UTF-8");
  LUMBAR_ASSIGN_OR_RETURN(const std::string pem, PrivatePem(key.get()));
  LUMBAR_RETURN_IF_ERROR(WriteNew(private_path, pem, 0600));
  auto replaced = Replace(jwks_path, text);
  if (!replaced.ok()) ::unlink(private_path.c_str());  // a key that nobody can verify
  return replaced;
}

}  // namespace lumbar::auth
