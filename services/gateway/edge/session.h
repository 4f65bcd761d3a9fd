// One HTTP/1.1 connection: reads a request, has it answered, writes the answer, and again.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/serializer.hpp>

#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <utility>  // Beast 1.74 uses std::exchange without including it.

#include "common/transport/socket.h"
#include "services/gateway/edge/connection_set.h"
#include "services/gateway/edge/edge_handler.h"
#include "services/gateway/edge/http.h"
#include "services/gateway/edge/limits.h"
#include "services/gateway/edge/pacer.h"

namespace lumbar::gateway {

// Lives as long as an operation of it runs. Its methods may be called by any thread; all else runs on its loop.
class Session final : public Connection, public std::enable_shared_from_this<Session> {
 public:
  // `seat` is held for as long as the session lives; `handler` and `pacer` outlive it.
  Session(transport::Socket socket, std::shared_ptr<void> seat, EdgeHandler& handler, const Limits& limits,
          Pacer& pacer);

  void Start();
  void Drain() override;
  void Close() override;

 private:
  using Error = boost::system::error_code;
  using TimePoint = std::chrono::steady_clock::time_point;
  enum class Phase { kIdle, kReading, kServing, kWriting, kStreaming, kLingering };

  // How long what comes next may take before the connection is closed.
  void Allow(absl::Duration time);
  void AwaitTime();
  void AwaitRequest();
  void ReadHeader();
  void OnHeader(Error error);
  void ReadBody();
  void OnRequest(Error error);
  void OnReadError(Error error);
  void Refuse(const absl::Status& failure);
  // A refusal waits for its turn.
  void Hold(HttpAnswer answer);
  void Write(HttpAnswer answer);
  void OnWritten(Error error);
  // The answer's header, and then its body piece by piece: in chunks, or to the end of the connection with HTTP/1.0.
  void Begin(HttpAnswer head, std::shared_ptr<BodySource> source);
  void AwaitPiece();
  void WritePiece(std::optional<std::string> piece);
  void EndBody();
  // A client that only waits is found to be gone by its end of the connection.
  void WatchClient();
  void OnAnswer(HttpAnswer answer, std::shared_ptr<BodySource> source);
  // Ends our side and takes what the client still sends, so that it gets to read the answer.
  void Linger();
  void Discard();
  void CloseNow();

  const std::shared_ptr<void> seat_;
  EdgeHandler& handler_;
  const Limits limits_;
  Pacer& pacer_;
  transport::Socket socket_;
  // Waits for `over_at_` as it was, and then for what it has become: most steps end long before.
  boost::asio::steady_timer timer_;
  TimePoint over_at_ = TimePoint::max();
  boost::asio::steady_timer hold_;
  boost::beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  http::response<http::empty_body> continue_{http::status::continue_, 11};
  HttpAnswer answer_;
  std::optional<http::response_serializer<http::string_body>> head_;
  const Visitor visitor_;
  // Of the request that is being served.
  GiveUp give_up_;
  std::shared_ptr<BodySource> source_;
  std::string piece_;
  Phase phase_ = Phase::kIdle;
  bool is_draining_ = false;
  // Of the request that is being answered.
  unsigned version_ = 11;
  bool keeps_alive_ = false;
  bool wants_head_ = false;
  std::array<char, 4096> discarded_;
  size_t discarded_bytes_ = 0;
};

}  // namespace lumbar::gateway
