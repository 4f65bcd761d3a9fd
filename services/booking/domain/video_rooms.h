// The port to whoever runs the video rooms.
#pragma once

#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <string>

namespace lumbar::booking {

// One party's way into one visit's room.
struct RoomPass {
  // The appointment's resource name.
  absl::string_view appointment;
  // How the others in the room see the party. Never a patient's name: the provider needs none.
  std::string display_name;
  // Whether the party leads the visit.
  bool leads = false;
  // Good in [opens, closes).
  absl::Time opens;
  absl::Time closes;
};

class VideoRooms {
 public:
  virtual ~VideoRooms() = default;

  // The address of the room, with its proof that the holder may enter. The same pass gives the same address, and all
  // passes of an appointment the same room. Whoever has the address is let in: treat it like a password.
  virtual std::string JoinUri(const RoomPass& pass) const = 0;
};

}  // namespace lumbar::booking
