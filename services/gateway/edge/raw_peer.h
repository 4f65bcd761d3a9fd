// A peer that a test plays itself, frame by frame; for tests only.
#pragma once

#include <absl/strings/str_cat.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <nghttp2/nghttp2.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <optional>
#include <string>
#include <utility>

namespace lumbar::gateway {

struct RawFrame {
  uint8_t type = 0;
  uint8_t flags = 0;
  uint32_t stream = 0;
  std::string payload;
};

inline std::string FrameBytes(const RawFrame& frame) {
  const size_t size = frame.payload.size();
  std::string bytes;
  for (const int shift : {16, 8, 0}) bytes += static_cast<char>(size >> shift);
  bytes += static_cast<char>(frame.type);
  bytes += static_cast<char>(frame.flags);
  for (const int shift : {24, 16, 8, 0}) bytes += static_cast<char>(frame.stream >> shift);
  return bytes + frame.payload;
}

// A field that no table remembers; both parts are shorter than 127 bytes.
inline std::string PackedField(absl::string_view name, absl::string_view value) {
  return absl::StrCat(std::string(1, '\0'), std::string(1, static_cast<char>(name.size())), name,
                      std::string(1, static_cast<char>(value.size())), value);
}

inline std::string HeaderFrame(uint32_t stream, absl::string_view status = "200",
                               absl::string_view type = "application/grpc", uint8_t flags = 0) {
  return FrameBytes({NGHTTP2_HEADERS, static_cast<uint8_t>(flags | NGHTTP2_FLAG_END_HEADERS), stream,
                     PackedField(":status", status) + PackedField("content-type", type)});
}
inline std::string DataFrame(uint32_t stream, std::string bytes, uint8_t flags = 0) {
  return FrameBytes({NGHTTP2_DATA, flags, stream, std::move(bytes)});
}
inline std::string TrailerFrame(uint32_t stream, absl::string_view code = "0") {
  return FrameBytes(
      {NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS | NGHTTP2_FLAG_END_STREAM, stream, PackedField("grpc-status", code)});
}
inline std::string SettingsFrame(std::string settings = "") {
  return FrameBytes({NGHTTP2_SETTINGS, 0, 0, std::move(settings)});
}
inline std::string ResetFrame(uint32_t stream, uint8_t error) {
  return FrameBytes({NGHTTP2_RST_STREAM, 0, stream, std::string{0, 0, 0, static_cast<char>(error)}});
}
inline std::string GoawayFrame(uint8_t last_stream) {
  return FrameBytes({NGHTTP2_GOAWAY, 0, 0, std::string{0, 0, 0, static_cast<char>(last_stream), 0, 0, 0, 0}});
}

// One accepted connection.
class RawConnection {
 public:
  explicit RawConnection(int socket) : socket_(socket) {}
  RawConnection(RawConnection&& other) noexcept
      : socket_(std::exchange(other.socket_, -1)), in_(std::move(other.in_)) {}
  ~RawConnection() {
    if (socket_ >= 0) close(socket_);
  }

  // False: the other side is gone.
  bool Send(absl::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
    return true;
  }

  // The next frame of that type, others dropped; nothing: the connection ended, or none came in ten seconds.
  std::optional<RawFrame> Await(uint8_t type) {
    while (true) {
      while (auto frame = Next()) {
        if (frame->type == type) return frame;
      }
      if (!Read()) return std::nullopt;
    }
  }
  // The stream of the next request.
  uint32_t AwaitRequest() {
    const auto frame = Await(NGHTTP2_HEADERS);
    return frame ? frame->stream : 0;
  }
  // Whether the other side closes within ten seconds.
  bool AwaitEnd() {
    while (Read()) in_.clear();
    return over_;
  }

 private:
  std::optional<RawFrame> Next() {
    constexpr absl::string_view kHello = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    if (!greeted_ && in_.size() >= kHello.size()) {
      in_.erase(0, kHello.size());
      greeted_ = true;
    }
    if (!greeted_ || in_.size() < 9) return std::nullopt;
    const auto byte = [&](size_t i) { return static_cast<uint32_t>(static_cast<unsigned char>(in_[i])); };
    const size_t size = byte(0) << 16 | byte(1) << 8 | byte(2);
    if (in_.size() < 9 + size) return std::nullopt;
    RawFrame frame = {static_cast<uint8_t>(byte(3)), static_cast<uint8_t>(byte(4)),
                      byte(5) << 24 | byte(6) << 16 | byte(7) << 8 | byte(8), in_.substr(9, size)};
    in_.erase(0, 9 + size);
    return frame;
  }
  bool Read() {
    pollfd wanted = {socket_, POLLIN, 0};
    if (poll(&wanted, 1, 10'000) <= 0) return false;
    char buffer[16 * 1024];
    const ssize_t size = recv(socket_, buffer, sizeof(buffer), 0);
    over_ = size <= 0;
    if (!over_) in_.append(buffer, static_cast<size_t>(size));
    return !over_;
  }

  int socket_;
  std::string in_;
  bool greeted_ = false;
  bool over_ = false;
};

class RawPeer {
 public:
  RawPeer() : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    (void)bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
    listen(listener_, 16);
    socklen_t size = sizeof(address);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
  }
  ~RawPeer() { close(listener_); }

  int port() const { return port_; }
  RawConnection Accept() { return RawConnection(accept(listener_, nullptr, nullptr)); }
  // The same, and says hello.
  RawConnection Greet(std::string settings = "") {
    RawConnection connection = Accept();
    connection.Send(SettingsFrame(std::move(settings)));
    return connection;
  }

 private:
  int listener_;
  int port_ = 0;
};

}  // namespace lumbar::gateway
