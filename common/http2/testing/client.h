// A client of another make, nghttp2's own session on a blocking socket; for tests only.
#pragma once

#include <absl/strings/string_view.h>
#include <absl/time/time.h>
#include <absl/types/span.h>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "common/http2/header.h"

struct nghttp2_session;

namespace lumbar::http2 {

struct Answered {
  std::map<std::string, std::string> header;
  std::map<std::string, std::string> trailer;
  std::string body;
  bool closed = false;
  uint32_t error = 0;
};

// One thread's.
class TestClient {
 public:
  // `receive_bytes` is the socket's buffer; 0: as the system has it. Windows that the client doesn't open stay as they
  // were at first, 64 KiB.
  explicit TestClient(uint16_t port, int receive_bytes = 0, bool opens_windows = true);
  ~TestClient();
  TestClient(const TestClient&) = delete;
  TestClient& operator=(const TestClient&) = delete;

  // Begins POST `path`; the fields come after those that a request needs. Without `whole` the request stays open.
  int32_t Begin(absl::string_view path, std::string body, absl::Span<const Field> fields = {}, bool whole = true,
                absl::string_view method = "POST");
  void Reset(int32_t id);
  void Ping();
  // Lets the server send so many bytes more of a stream, or, for 0, of the connection.
  void OpenWindow(int32_t id, int32_t bytes);
  // Sends what waits, without reading. False: the connection is gone, or the socket takes no more for `patience`.
  bool Send(absl::Duration patience = absl::Seconds(5));
  bool SendRaw(absl::string_view bytes, absl::Duration patience = absl::Seconds(5));
  // Sends and reads until `done`, or until the connection's end. False: neither came within five seconds.
  bool Until(const std::function<bool()>& done);
  // The answer to one request, waited for.
  const Answered& Await(int32_t id);

  Answered& answer(int32_t id) { return answers_[id]; }
  bool closed() const { return closed_; }
  // Of the last GOAWAY.
  const std::optional<uint32_t>& goaway() const { return goaway_; }
  size_t pongs() const { return pongs_; }

 private:
  struct Callbacks;
  bool Read(absl::Duration patience);
  // Sends `unsent_`, as Send does.
  bool Flush(absl::Duration patience);

  int socket_;
  nghttp2_session* session_ = nullptr;
  std::string unsent_;
  std::map<int32_t, Answered> answers_;
  std::map<int32_t, std::string> bodies_;
  std::map<int32_t, bool> whole_;
  std::optional<uint32_t> goaway_;
  size_t pongs_ = 0;
  bool closed_ = false;
};

}  // namespace lumbar::http2
