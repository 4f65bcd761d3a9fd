// How this program connects to PostgreSQL, from what the operator wrote.
#pragma once

#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <string>

namespace lumbar::store {

// libpq's own form of `url`, with what it leaves open: a limit to connecting of at least `patience`, the loss of a
// silent peer noticed in kPeerLostAfter, and a server that takes writes when it names several. What `url` says itself
// is kept. Holds the password, if `url` does. INVALID_ARGUMENT/STORE_URL.
absl::StatusOr<std::string> ConnectionString(absl::string_view url, absl::Duration patience);

// Both for a peer that answers no probe and for one that acknowledges nothing of what was sent.
inline constexpr absl::Duration kPeerLostAfter = absl::Seconds(9);

}  // namespace lumbar::store
