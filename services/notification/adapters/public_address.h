// Which addresses a webhook may go to: a URL that somebody chose must not reach into this machine or its network.
#pragma once

#include <sys/socket.h>

namespace lumbar::notification {

// Whether it is one of the public internet: not private, local, link-local, shared, multicast, reserved or of
// documentation (IANA's special-purpose registries), nor an IPv6 address that stands for such an IPv4 one.
bool IsPublicAddress(const sockaddr& address);

}  // namespace lumbar::notification
