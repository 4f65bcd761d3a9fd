// A request that came in, and the way to answer it.
#pragma once

#include <absl/strings/string_view.h>
#include <absl/time/time.h>
#include <absl/types/span.h>
#include <boost/asio/ip/address.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "common/http2/header.h"

namespace lumbar::http2 {

class Session;

// Why a request is handed over before it is whole.
enum class Fault { kNone, kHeaderTooLarge, kBodyTooLarge, kNoRoom };

struct Request {
  Header header{512};
  std::string body;
  Fault fault = Fault::kNone;

  absl::string_view method() const { return header.Find(":method"); }
  absl::string_view path() const { return header.Find(":path"); }
};

// The loop of a connection, for whoever is elsewhere. Lives for as long as anybody holds it. Thread safe.
class Runner {
 public:
  virtual ~Runner() = default;
  // Whether the calling thread is the loop's.
  virtual bool IsHere() const = 0;
  // Runs `task` on the loop; drops it when the loop has ended.
  virtual void Post(std::function<void()> task) = 0;
};

// Told what becomes of an answer that is made bit by bit. Called on the connection's loop.
class Progress {
 public:
  virtual ~Progress() = default;
  // Nothing of what was written waits any more.
  virtual void OnTaken() = 0;
  // The connection is to end once its answers have: this one should.
  virtual void OnDrain() = 0;
  // The stream is over, whether answered or not. Nothing comes after it.
  virtual void OnGone() = 0;
};

// Lives until the session and whoever answers have both let it go: it may outlive its connection, and then answering
// does nothing. Whatever isn't called thread safe needs the loop; see OnLoop.
class Stream {
 public:
  Stream(Session& session, int32_t id, absl::Time now, std::shared_ptr<Runner> runner,
         const boost::asio::ip::address& peer)
      : session_(&session), runner_(std::move(runner)), id_(id), peer_(peer), began_(now), moved_(now) {}
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  // Whole, or with a fault; unchanged from when the handler got it.
  const Request& request() const { return request_; }
  // Where its connection comes from.
  const boost::asio::ip::address& peer() const { return peer_; }
  // The peer reset the stream, or its connection is over. Thread safe.
  bool IsGone() const { return gone_.load(std::memory_order_relaxed); }
  // Runs `task` on the loop: at once if that is where we are, which then costs nothing. Thread safe.
  template <typename Task>
  void OnLoop(Task task) const {
    if (runner_->IsHere()) {
      task();
    } else {
      runner_->Post(std::move(task));
    }
  }

  // An answer: Begin, Write as often as there is something, End with the trailer's fields, which may be none.
  void Begin(absl::Span<const Field> header);
  void Write(std::string bytes);
  void End(absl::Span<const Field> trailer);
  // An answer that is a header and nothing else.
  void Answer(absl::Span<const Field> header);
  // Gives the answer up, whatever of it has been sent.
  void Abandon();
  // Who is told from here on; kept until OnGone, which comes at once if the stream is gone.
  void Follow(std::shared_ptr<Progress> progress);
  // The connection is to end; whoever follows from now on isn't told again.
  bool IsDraining() const;
  // Bytes written that the peer hasn't taken.
  size_t unsent() const { return unsent_.size() - sent_; }

 private:
  friend class Session;

  Request request_;
  // Null once the session has forgotten the stream.
  Session* session_;
  const std::shared_ptr<Runner> runner_;
  const int32_t id_;
  const boost::asio::ip::address peer_;
  const absl::Time began_;
  // Since when the peer takes nothing of the answer; of one that takes little, it moves on by as much.
  absl::Time moved_;
  std::atomic<bool> gone_ = false;
  bool received_ = false;
  bool handed_over_ = false;
  bool begun_ = false;
  bool ended_ = false;
  bool reset_ = false;
  size_t header_bytes_ = 0;
  std::string unsent_;
  size_t sent_ = 0;
  Header trailer_;
  std::shared_ptr<Progress> progress_;
  // What the session's ledger has for this stream.
  size_t held_ = 0;
};

class Handler {
 public:
  virtual ~Handler() = default;
  // A request is there. Called on the connection's loop, by one thread for each loop; answers now or later. Never
  // throws.
  virtual void OnRequest(const std::shared_ptr<Stream>& stream) = 0;
};

}  // namespace lumbar::http2
