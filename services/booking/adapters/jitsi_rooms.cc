#include "services/booking/adapters/jitsi_rooms.h"

#include <absl/strings/ascii.h>
#include <absl/strings/escaping.h>
#include <absl/strings/str_cat.h>
#include <nlohmann/json.hpp>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <re2/re2.h>

#include <fstream>
#include <utility>

#include "common/auth/encoding.h"
#include "common/auth/evp.h"
#include "services/booking/errors.h"

namespace lumbar::booking {
namespace {

// HS256 with a shorter key is weaker than its hash (RFC 7518, section 3.2).
constexpr size_t kShortestSecret = 32;
constexpr size_t kLongestSecret = 4096;

std::string HmacSha256(const std::string& secret, absl::string_view text) {
  std::string mac(EVP_MAX_MD_SIZE, '\0');
  unsigned int size = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()), auth::Bytes(text.data()), text.size(),
       auth::Bytes(mac.data()), &size);
  mac.resize(size);
  return mac;
}

std::string ReadSecret(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kLongestSecret, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(file.gcount()));
  absl::StripTrailingAsciiWhitespace(&text);
  return text;
}

}  // namespace

absl::StatusOr<std::unique_ptr<JitsiRooms>> JitsiRooms::Open(const Config& config) {
  static const RE2* const kHost = new RE2("[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(:[0-9]{1,5})?");
  if (!RE2::FullMatch(config.domain, *kHost)) return VideoRefused("--video-domain must be a host name");
  if (config.app_id.empty()) return VideoRefused("--video-app-id must not be empty");
  std::string secret = ReadSecret(config.secret_file);
  if (secret.size() < kShortestSecret)
    return VideoRefused("the file of --video-secret-file needs 32 characters or more");
  return std::unique_ptr<JitsiRooms>(new JitsiRooms(config, std::move(secret)));
}

std::string JitsiRooms::JoinUri(const RoomPass& pass) const {
  // The provider learns nothing by which it could ask us for the appointment.
  const std::string digest = HmacSha256(secret_, absl::StrCat("room of ", pass.appointment));
  const std::string room = absl::StrCat("lumbar-", absl::BytesToHexString(digest.substr(0, 16)));
  const nlohmann::json header = {{"alg", "HS256"}, {"typ", "JWT"}};
  const nlohmann::json claims = {
      {"iss", config_.app_id},
      {"aud", "jitsi"},
      {"sub", config_.domain},
      {"room", room},
      {"nbf", absl::ToUnixSeconds(pass.opens)},
      {"exp", absl::ToUnixSeconds(pass.closes)},
      {"context", {{"user", {{"name", pass.display_name}, {"moderator", pass.leads}}}}},
  };
  const std::string signed_part =
      absl::StrCat(auth::Base64UrlEncode(header.dump()), ".", auth::Base64UrlEncode(claims.dump()));
  return absl::StrCat("https://", config_.domain, "/", room, "?jwt=", signed_part, ".",
                      auth::Base64UrlEncode(HmacSha256(secret_, signed_part)));
}

}  // namespace lumbar::booking
