// Who asked for a change and how to know the request again.
#pragma once

#include <string>

namespace lumbar::store {

struct Mutation {
  // The authenticated caller: one caller's request_id never answers another's.
  std::string caller;
  // The full method, e.g. "lumbar.booking.v1.BookingService/CreateHold".
  std::string method;
  // What the caller chose (AIP-155); empty: the caller asked for no protection from repeats.
  std::string request_id;
  // A hash of the request without its request_id.
  std::string body_hash;
};

}  // namespace lumbar::store
