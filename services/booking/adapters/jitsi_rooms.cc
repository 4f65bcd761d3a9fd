#include "services/booking/adapters/jitsi_rooms.h"

#include <absl/strings/escaping.h>
#include <absl/strings/str_cat.h>
#include <nlohmann/json.hpp>
#include <re2/re2.h>

#include <utility>

#include "common/auth/encoding.h"
#include "common/digest/hmac_sha256.h"
#include "services/booking/adapters/secret_file.h"
#include "services/booking/errors.h"

namespace lumbar::booking {
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
