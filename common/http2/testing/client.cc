#include "common/http2/testing/client.h"

#include <absl/time/clock.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <nghttp2/nghttp2.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <vector>

#include "common/http2/pair.h"

namespace lumbar::http2 {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(5);
constexpr size_t kSendBytes = 16 * 1024;

std::string Text(const uint8_t* bytes, size_t size) { return {reinterpret_cast<const char*>(bytes), size}; }

bool Await(int socket, int16_t event, absl::Duration patience) {
  pollfd wanted = {socket, event, 0};
  return poll(&wanted, 1, static_cast<int>(absl::ToInt64Milliseconds(patience))) > 0;
}

}  // namespace

struct TestClient::Callbacks {
  static TestClient& Of(void* self) { return *static_cast<TestClient*>(self); }

  static int OnHeader(nghttp2_session*, const nghttp2_frame* frame, const uint8_t* name, size_t name_size,
                      const uint8_t* value, size_t value_size, uint8_t, void* self) {
    Answered& answer = Of(self).answers_[frame->hd.stream_id];
    auto& fields = frame->headers.cat == NGHTTP2_HCAT_RESPONSE ? answer.header : answer.trailer;
    fields[Text(name, name_size)] = Text(value, value_size);
    return 0;
  }

  static int OnData(nghttp2_session*, uint8_t, int32_t id, const uint8_t* bytes, size_t size, void* self) {
    Of(self).answers_[id].body += Text(bytes, size);
    return 0;
  }

  static int OnFrame(nghttp2_session*, const nghttp2_frame* frame, void* self) {
    if (frame->hd.type == NGHTTP2_GOAWAY) Of(self).goaway_ = frame->goaway.error_code;
    if (frame->hd.type == NGHTTP2_PING && (frame->hd.flags & NGHTTP2_FLAG_ACK) != 0) ++Of(self).pongs_;
    return 0;
  }

  static int OnClose(nghttp2_session*, int32_t id, uint32_t error, void* self) {
    Of(self).answers_[id].closed = true;
    Of(self).answers_[id].error = error;
    return 0;
  }

  static ssize_t ReadBody(nghttp2_session*, int32_t id, uint8_t* buffer, size_t most, uint32_t* flags,
                          nghttp2_data_source*, void* self) {
    std::string& body = Of(self).bodies_[id];
    const size_t size = std::min(most, body.size());
    std::copy_n(body.begin(), size, buffer);
    body.erase(0, size);
    const bool whole = Of(self).whole_[id];
    if (size == 0 && !whole) return NGHTTP2_ERR_DEFERRED;
    if (body.empty() && whole) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(size);
  }
};

TestClient::TestClient(uint16_t port, int receive_bytes, bool opens_windows)
    : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  if (receive_bytes > 0) setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof(receive_bytes));
  // Without this every request that follows another waits for the system's delayed acknowledgement.
  const int at_once = 1;
  setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof(at_once));
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  closed_ = connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0;
  nghttp2_session_callbacks* callbacks = nullptr;
  nghttp2_session_callbacks_new(&callbacks);
  nghttp2_session_callbacks_set_on_header_callback(callbacks, Callbacks::OnHeader);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, Callbacks::OnData);
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, Callbacks::OnFrame);
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, Callbacks::OnClose);
  nghttp2_option* option = nullptr;
  nghttp2_option_new(&option);
  nghttp2_option_set_no_auto_window_update(option, opens_windows ? 0 : 1);
  nghttp2_session_client_new2(&session_, callbacks, this, option);
  nghttp2_option_del(option);
  nghttp2_session_callbacks_del(callbacks);
  nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, nullptr, 0);
}

TestClient::~TestClient() {
  nghttp2_session_del(session_);
  close(socket_);
}

int32_t TestClient::Begin(absl::string_view path, std::string body, absl::Span<const Field> fields, bool whole,
                          absl::string_view method) {
  std::vector<nghttp2_nv> pairs = {PairOf({":method", method}), PairOf({":scheme", "http"}), PairOf({":path", path}),
                                   PairOf({":authority", "test"})};
  for (const Field& field : fields) pairs.push_back(PairOf(field));
  nghttp2_data_provider provider = {};
  provider.read_callback = Callbacks::ReadBody;
  const int32_t id = nghttp2_submit_request(session_, nullptr, pairs.data(), pairs.size(), &provider, nullptr);
  bodies_[id] = std::move(body);
  whole_[id] = whole;
  return id;
}

void TestClient::Reset(int32_t id) { nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL); }

void TestClient::Ping() { nghttp2_submit_ping(session_, NGHTTP2_FLAG_NONE, nullptr); }

void TestClient::OpenWindow(int32_t id, int32_t bytes) {
  nghttp2_submit_window_update(session_, NGHTTP2_FLAG_NONE, id, bytes);
}

bool TestClient::Send(absl::Duration patience) {
  while (Flush(patience)) {
    // Several frames in one call of the system.
    ssize_t size = 0;
    const uint8_t* data = nullptr;
    while (unsent_.size() < kSendBytes && (size = nghttp2_session_mem_send(session_, &data)) > 0) {
      unsent_ += Text(data, static_cast<size_t>(size));
    }
    if (unsent_.empty()) return size == 0;
  }
  return false;
}

bool TestClient::SendRaw(absl::string_view bytes, absl::Duration patience) {
  unsent_.append(bytes.data(), bytes.size());
  return Flush(patience);
}

bool TestClient::Flush(absl::Duration patience) {
  while (!closed_ && !unsent_.empty()) {
    if (!http2::Await(socket_, POLLOUT, patience)) return false;
    const ssize_t sent = send(socket_, unsent_.data(), unsent_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    closed_ = sent < 0 && errno != EAGAIN;
    if (sent > 0) unsent_.erase(0, static_cast<size_t>(sent));
  }
  return !closed_;
}

bool TestClient::Read(absl::Duration patience) {
  if (closed_ || !http2::Await(socket_, POLLIN, patience)) return false;
  std::array<uint8_t, 64 * 1024> buffer;
  const ssize_t size = recv(socket_, buffer.data(), buffer.size(), 0);
  closed_ = size <= 0 || nghttp2_session_mem_recv(session_, buffer.data(), static_cast<size_t>(size)) < 0;
  if (closed_) shutdown(socket_, SHUT_RDWR);
  return true;
}

bool TestClient::Until(const std::function<bool()>& done) {
  const absl::Time deadline = absl::Now() + kPatience;
  while (!done()) {
    if (closed_) return true;
    // What can't be sent any more doesn't keep us from reading why.
    Send(absl::ZeroDuration());
    closed_ = false;
    if (!Read(absl::Milliseconds(20)) && absl::Now() > deadline) return false;
  }
  return true;
}

const Answered& TestClient::Await(int32_t id) {
  Until([&] { return answers_[id].closed; });
  return answers_[id];
}

}  // namespace lumbar::http2
