// One HTTP/2 connection of a client without its socket: requests in, bytes out; bytes in, answers out. On nghttp2.
#pragma once

#include <absl/container/flat_hash_map.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>
#include <absl/types/span.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/http2/flood_guard.h"
#include "common/http2/header.h"
#include "common/http2/limits.h"

// nghttp2's own.
struct nghttp2_session;

namespace lumbar::http2 {

// How an answer ended.
enum class Ending {
  // With its last byte.
  kWhole,
  // Before the server did anything for it: the request may be sent again.
  kRefused,
  // The server took it back, or it can't be read.
  kReset,
  // With its connection.
  kLost,
};

// Who sends a request and is told its answer, on the session's loop. It may begin and reset requests when it is told.
class Caller {
 public:
  virtual ~Caller() = default;
  // The request's body, unchanged for as long as the session holds the caller.
  virtual absl::string_view Body() const = 0;
  // Of the header or the trailer.
  virtual void OnField(const Field& field) = 0;
  // Of the answer's body. Takes room of the stream's window until OpenWindow gives it back.
  virtual void OnBytes(absl::string_view bytes) = 0;
  // Nothing comes after it. `error` is HTTP/2's own if it was reset.
  virtual void OnOver(Ending ending, uint32_t error) = 0;
};

// Everything on one loop.
class ClientSession {
 public:
  // `limits` outlives the session.
  ClientSession(const Limits& limits, absl::Time now);
  ~ClientSession();
  ClientSession(const ClientSession&) = delete;
  ClientSession& operator=(const ClientSession&) = delete;

  // Takes what the server sent, and tells the callers. False: after this there is nothing to be understood.
  bool Receive(absl::string_view bytes, absl::Time now);
  // Appends what is to be sent until nothing is left or `out` has about `limit` bytes.
  void Produce(std::string& out, size_t limit, absl::Time now);

  // Begins a request. The fields of `once` have other values each time, so that nobody remembers them. 0: the session
  // takes no more.
  int32_t Begin(absl::Span<const Field> header, absl::Span<const Field> once, std::shared_ptr<Caller> caller);
  // Takes a request back; its caller isn't told anything any more.
  void Reset(int32_t id);
  // So many bytes of an answer have been taken.
  void OpenWindow(int32_t id, size_t bytes);
  void Ping();
  // Tells all callers that the connection is lost.
  void Lose();

  // How many requests more may run now; none before the server has said hello, or once it wants no more.
  size_t room() const;
  size_t streams() const { return streams_.size(); }
  bool is_greeted() const { return greeted_; }
  // No further request can begin.
  bool is_ending() const { return ending_; }
  // The connection may be closed once everything produced is sent.
  bool IsOver() const;

 private:
  struct Callbacks;
  struct Running {
    std::shared_ptr<Caller> caller;
    size_t sent = 0;
    size_t header_bytes = 0;
    // Whether anything of an answer came; whether the request was never sent.
    bool answered = false;
    bool unsent = false;
  };
  struct Ended {
    std::shared_ptr<Caller> caller;
    Ending ending;
    uint32_t error;
  };

  Running* Find(int32_t id);
  void End(int32_t id, Ending ending, uint32_t error);
  void TellEnds();

  const Limits& limits_;
  FloodGuard guard_;
  nghttp2_session* session_ = nullptr;
  absl::flat_hash_map<int32_t, Running> streams_;
  // Told when nghttp2 has come back.
  std::vector<Ended> ended_;
  // Where Produce is appending.
  std::string* out_ = nullptr;
  size_t most_out_ = 0;
  absl::Time now_;
  bool greeted_ = false;
  bool ending_ = false;
};

}  // namespace lumbar::http2
