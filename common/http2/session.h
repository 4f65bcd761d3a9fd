// One HTTP/2 connection without its socket: bytes in, requests out; answers in, bytes out. On nghttp2.
#pragma once

#include <absl/container/flat_hash_map.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/http2/flood_guard.h"
#include "common/http2/ledger.h"
#include "common/http2/limits.h"
#include "common/http2/stream.h"

// nghttp2's own.
struct nghttp2_session;

namespace lumbar::http2 {

// Everything on one loop. Prior knowledge only: whatever doesn't begin with HTTP/2's preface is over at once.
class Session {
 public:
  // `wake` is called when an answer waits to be sent that no Receive asked for. All must outlive the session; streams
  // need not die before it. `peer` is what they are told.
  Session(const Limits& limits, Ledger& loop_ledger, Handler& handler, std::shared_ptr<Runner> runner,
          std::function<void()> wake, absl::Time now, const boost::asio::ip::address& peer = {});
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Takes what the peer sent, and hands its requests over. After a breach of the protocol, or a flood, it takes nothing
  // more, and what Produce still gives ends with GOAWAY.
  void Receive(absl::string_view bytes, absl::Time now);
  // Appends what is to be sent until nothing is left or `out` has about `limit` bytes.
  void Produce(std::string& out, size_t limit, absl::Time now);

  // Asks the peer to begin no more, without losing what is on its way: a notice, and the end after a round trip.
  void Drain();
  // Resets requests and answers that make no progress.
  void Tick(absl::Time now);
  // For too long there was no stream; the peer hasn't said hello.
  bool IsIdle(absl::Time now) const;
  bool IsSilent(absl::Time now) const;

  // Nothing is to be read any more; what Produce gives is to be sent still.
  bool stopped_reading() const { return condemned_; }
  // The connection may be closed once everything produced is sent.
  bool IsOver() const;
  // The peer speaks something else: there is nobody to say goodbye to.
  bool is_stranger() const { return stranger_; }
  size_t streams() const { return streams_.size(); }
  // What it holds of requests and answers, in bytes.
  size_t held() const { return ledger_.held(); }

 private:
  friend class Stream;
  struct Callbacks;

  void Condemn(uint32_t error);
  // For a frame that asks for no answer. Not 0: one too many.
  int Spend();
  std::shared_ptr<Stream> Find(int32_t id);
  void Open(int32_t id);
  int AddField(int32_t id, Field field);
  void AddBody(int32_t id, absl::string_view bytes);
  // A HEADERS or DATA frame is complete.
  void OnPart(int32_t id, bool last);
  void OnRoundTrip();
  void OnAnswered(int32_t id);
  // An answer's header or trailer can't be sent, being too long for a frame's block.
  void OnUnanswerable(int32_t id);
  void HandOver(const std::shared_ptr<Stream>& stream);
  void Forget(int32_t id);
  bool Hold(Stream& stream, size_t bytes);
  void HoldAnswer(Stream& stream, size_t bytes);
  void TakeAnswer(Stream& stream, size_t bytes);
  void Reset(int32_t id, uint32_t error);
  void Abandon(Stream& stream);
  // Those that are followed.
  std::vector<std::shared_ptr<Progress>> Followers() const;
  void SubmitHeader(Stream& stream, absl::Span<const Field> header, bool whole);
  void Resume(Stream& stream);

  const Limits& limits_;
  Handler& handler_;
  const std::shared_ptr<Runner> runner_;
  const std::function<void()> wake_;
  const boost::asio::ip::address peer_;
  Ledger ledger_;
  FloodGuard guard_;
  absl::flat_hash_map<int32_t, std::shared_ptr<Stream>> streams_;
  nghttp2_session* session_ = nullptr;
  // Where Produce is appending.
  std::string* out_ = nullptr;
  size_t most_out_ = 0;
  // Of whom everything was taken while Produce was appending.
  std::vector<std::shared_ptr<Progress>> taken_;
  absl::Time now_;
  // Since when there is no stream.
  absl::Time quiet_since_;
  bool greeted_ = false;
  bool receiving_ = false;
  bool draining_ = false;
  bool ending_ = false;
  bool condemned_ = false;
  bool stranger_ = false;
};

}  // namespace lumbar::http2
