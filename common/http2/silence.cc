#include "common/http2/silence.h"

#include <netinet/tcp.h>

#include <algorithm>

namespace lumbar::http2 {

namespace net = boost::asio;

void WatchForSilence(net::ip::tcp::socket& socket, absl::Duration patience) {
  boost::system::error_code ignored;
  socket.set_option(net::socket_base::keep_alive(true), ignored);
  const int seconds = static_cast<int>(absl::ToInt64Seconds(patience));
  const int milliseconds = seconds * 1000;
  const int interval = std::max(1, seconds / 3);
  const int probes = 3;
  const int file = socket.native_handle();
  setsockopt(file, IPPROTO_TCP, TCP_KEEPIDLE, &seconds, sizeof(seconds));
  setsockopt(file, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof(interval));
  setsockopt(file, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof(probes));
  setsockopt(file, IPPROTO_TCP, TCP_USER_TIMEOUT, &milliseconds, sizeof(milliseconds));
}

}  // namespace lumbar::http2
