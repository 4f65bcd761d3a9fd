// Video rooms of a Jitsi Meet that asks for tokens (prosody's token authentication).
#pragma once

#include <absl/status/statusor.h>

#include <memory>
#include <string>

#include "services/booking/domain/video_rooms.h"

namespace lumbar::booking {

// Thread safe.
class JitsiRooms final : public VideoRooms {
 public:
  struct Config {
    // Host of the Jitsi Meet, e.g. "meet.clinic.example".
    std::string domain;
    // As in its configuration: app_id.
    std::string app_id;
    // A file that holds nothing but its app_secret, at least 32 characters.
    std::string secret_file;
  };
  // INVALID_ARGUMENT/VIDEO_REFUSED: no such host name, an empty app_id, a secret that can't be read or is too short.
  static absl::StatusOr<std::unique_ptr<JitsiRooms>> Open(const Config& config);

  std::string JoinUri(const RoomPass& pass) const override;

 private:
  JitsiRooms(Config config, std::string secret) : config_(std::move(config)), secret_(std::move(secret)) {}

  const Config config_;
  const std::string secret_;
};

}  // namespace lumbar::booking
