// Peers that are gone without a word.
#pragma once

#include <absl/time/time.h>
#include <boost/asio/ip/tcp.hpp>

namespace lumbar::http2 {

// Lets the kernel find out, and end the connection, when nothing has come or been taken for about `patience`.
void WatchForSilence(boost::asio::ip::tcp::socket& socket, absl::Duration patience);

}  // namespace lumbar::http2
