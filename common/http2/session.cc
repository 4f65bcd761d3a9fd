#include "common/http2/session.h"

#include <absl/container/inlined_vector.h>
#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <utility>

#include "common/http2/pair.h"
#include "common/http2/session_callbacks.h"

namespace lumbar::http2 {
namespace {

// A header list this many times as long as allowed isn't even read to its end.
constexpr size_t kHeaderPatience = 4;

}  // namespace

Session::Session(const Limits& limits, Ledger& loop_ledger, Handler& handler, std::shared_ptr<Runner> runner,
                 std::function<void()> wake, absl::Time now, const boost::asio::ip::address& peer)
    : limits_(limits),
      handler_(handler),
      runner_(std::move(runner)),
      wake_(std::move(wake)),
      peer_(peer),
      ledger_(limits.connection_bytes, &loop_ledger),
      guard_(limits, now),
      session_(Callbacks::Open(limits, this)),
      now_(now),
      quiet_since_(now) {}

Session::~Session() {
  const auto followers = Followers();
  for (auto& [id, stream] : streams_) {
    stream->gone_.store(true, std::memory_order_relaxed);
    stream->session_ = nullptr;
    stream->progress_ = nullptr;
  }
  nghttp2_session_del(session_);
  for (const auto& follower : followers) follower->OnGone();
}

std::vector<std::shared_ptr<Progress>> Session::Followers() const {
  std::vector<std::shared_ptr<Progress>> followers;
  for (const auto& [id, stream] : streams_) {
    if (stream->progress_ != nullptr) followers.push_back(stream->progress_);
  }
  return followers;
}

void Session::Receive(absl::string_view bytes, absl::Time now) {
  if (condemned_) return;
  now_ = now;
  receiving_ = true;
  const auto* data = reinterpret_cast<const uint8_t*>(bytes.data());
  const ssize_t taken = nghttp2_session_mem_recv(session_, data, bytes.size());
  receiving_ = false;
  if (taken >= 0) return;
  if (taken == NGHTTP2_ERR_BAD_CLIENT_MAGIC) {
    stranger_ = true;
    return;
  }
  const bool flood = taken == NGHTTP2_ERR_FLOODED || taken == NGHTTP2_ERR_TOO_MANY_CONTINUATIONS ||
                     taken == NGHTTP2_ERR_TOO_MANY_SETTINGS || taken == NGHTTP2_ERR_CALLBACK_FAILURE;
  Condemn(flood ? NGHTTP2_ENHANCE_YOUR_CALM : NGHTTP2_PROTOCOL_ERROR);
}

void Session::Produce(std::string& out, size_t limit, absl::Time now) {
  now_ = now;
  out_ = &out;
  most_out_ = limit;
  while (out.size() < limit) {
    const uint8_t* data = nullptr;
    const ssize_t size = nghttp2_session_mem_send(session_, &data);
    if (size < 0) Condemn(NGHTTP2_INTERNAL_ERROR);
    if (size <= 0) break;
    out.append(reinterpret_cast<const char*>(data), static_cast<size_t>(size));
  }
  out_ = nullptr;
  // What they write now is sent with the next.
  for (const auto& follower : std::exchange(taken_, {})) follower->OnTaken();
}

void Session::Drain() {
  if (std::exchange(draining_, true)) return;
  nghttp2_submit_shutdown_notice(session_);
  nghttp2_submit_ping(session_, NGHTTP2_FLAG_NONE, nullptr);
  for (const auto& follower : Followers()) follower->OnDrain();
}

// Whatever the peer began before it read the notice is here by now.
void Session::OnRoundTrip() {
  if (!draining_ || std::exchange(ending_, true)) return;
  nghttp2_submit_goaway(session_, NGHTTP2_FLAG_NONE, nghttp2_session_get_last_proc_stream_id(session_),
                        NGHTTP2_NO_ERROR, nullptr, 0);
}

void Session::Tick(absl::Time now) {
  for (auto& [id, stream] : streams_) {
    const bool late = !stream->handed_over_ && now - stream->began_ > limits_.request_time;
    const bool stuck = stream->unsent() > 0 && now - stream->moved_ > limits_.write_time;
    if ((late || stuck) && !std::exchange(stream->reset_, true)) Reset(id, NGHTTP2_CANCEL);
  }
}

bool Session::IsIdle(absl::Time now) const { return streams_.empty() && now - quiet_since_ > limits_.idle_time; }

bool Session::IsSilent(absl::Time now) const { return !greeted_ && now - quiet_since_ > limits_.hello_time; }

bool Session::IsOver() const {
  if (stranger_) return true;
  if (nghttp2_session_want_write(session_) != 0) return false;
  return condemned_ || (ending_ && streams_.empty()) || nghttp2_session_want_read(session_) == 0;
}

void Session::Condemn(uint32_t error) {
  if (std::exchange(condemned_, true)) return;
  nghttp2_session_terminate_session(session_, error);
}

int Session::Spend() { return guard_.Spend(now_) ? 0 : NGHTTP2_ERR_CALLBACK_FAILURE; }

std::shared_ptr<Stream> Session::Find(int32_t id) {
  const auto found = streams_.find(id);
  return found == streams_.end() ? nullptr : found->second;
}

void Session::Open(int32_t id) { streams_.emplace(id, std::make_shared<Stream>(*this, id, now_, runner_, peer_)); }

int Session::AddField(int32_t id, Field field) {
  const auto found = streams_.find(id);
  if (found == streams_.end()) return 0;
  Stream& stream = *found->second;
  const size_t bytes = field.name.size() + field.value.size() + 32;
  stream.header_bytes_ += bytes;
  if (stream.header_bytes_ > kHeaderPatience * limits_.header_bytes) return NGHTTP2_ERR_CALLBACK_FAILURE;
  if (stream.header_bytes_ > limits_.header_bytes) {
    stream.request_.fault = Fault::kHeaderTooLarge;
  } else if (Hold(stream, bytes)) {
    stream.request_.header.Add(field);
  }
  return 0;
}

void Session::AddBody(int32_t id, absl::string_view bytes) {
  const auto stream = Find(id);
  if (stream == nullptr || stream->handed_over_) return;
  if (stream->request_.body.size() + bytes.size() > limits_.body_bytes) {
    stream->request_.fault = Fault::kBodyTooLarge;
  } else if (Hold(*stream, bytes.size())) {
    stream->request_.body.append(bytes.data(), bytes.size());
  }
  if (stream->request_.fault != Fault::kNone) HandOver(stream);
}

void Session::OnPart(int32_t id, bool last) {
  const auto stream = Find(id);
  if (stream == nullptr) return;
  stream->received_ |= last;
  // A request that fitted in while none was answered may be one too many by now.
  if (stream->request_.fault == Fault::kNone && !ledger_.Fits(0)) stream->request_.fault = Fault::kNoRoom;
  if (last || stream->request_.fault != Fault::kNone) HandOver(stream);
}

void Session::HandOver(const std::shared_ptr<Stream>& stream) {
  if (!std::exchange(stream->handed_over_, true)) handler_.OnRequest(stream);
}

// The peer needn't send the rest of a request that is answered.
void Session::OnAnswered(int32_t id) {
  guard_.Answered(0);
  const auto stream = Find(id);
  if (stream != nullptr && !stream->received_) Reset(id, NGHTTP2_NO_ERROR);
}

// Else the peer would wait for an answer that never comes.
void Session::OnUnanswerable(int32_t id) {
  if (Find(id) != nullptr) Reset(id, NGHTTP2_INTERNAL_ERROR);
}

void Session::Forget(int32_t id) {
  const auto found = streams_.find(id);
  if (found == streams_.end()) return;
  const std::shared_ptr<Stream> stream = found->second;
  stream->gone_.store(true, std::memory_order_relaxed);
  stream->session_ = nullptr;
  ledger_.Release(stream->held_);
  streams_.erase(found);
  if (streams_.empty()) quiet_since_ = now_;
  if (const auto follower = std::exchange(stream->progress_, nullptr)) follower->OnGone();
}

bool Session::Hold(Stream& stream, size_t bytes) {
  if (!ledger_.Fits(bytes)) {
    stream.request_.fault = Fault::kNoRoom;
    return false;
  }
  HoldAnswer(stream, bytes);
  return true;
}

void Session::HoldAnswer(Stream& stream, size_t bytes) {
  ledger_.Hold(bytes);
  stream.held_ += bytes;
}

void Session::TakeAnswer(Stream& stream, size_t bytes) {
  stream.sent_ += bytes;
  stream.held_ -= bytes;
  stream.moved_ = std::min(now_, stream.moved_ + limits_.write_time * bytes / limits_.unsent_bytes);
  ledger_.Release(bytes);
  guard_.Answered(bytes);
  if (stream.progress_ != nullptr && stream.unsent() == 0) taken_.push_back(stream.progress_);
}

void Session::Abandon(Stream& stream) {
  Reset(stream.id_, NGHTTP2_CANCEL);
  if (!receiving_) wake_();
}

void Session::Reset(int32_t id, uint32_t error) { nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, id, error); }

void Session::SubmitHeader(Stream& stream, absl::Span<const Field> header, bool whole) {
  absl::InlinedVector<nghttp2_nv, 8> pairs;
  for (const Field& field : header) pairs.push_back(PairOf(field));
  const auto body = Callbacks::BodyOf(stream);
  const int refused =
      nghttp2_submit_response(session_, stream.id_, pairs.data(), pairs.size(), whole ? nullptr : &body);
  if (refused != 0) OnUnanswerable(stream.id_);
  if (!receiving_) wake_();
}

void Session::Resume(Stream& stream) {
  // Fails, and needn't succeed, as long as the body waits for nothing.
  nghttp2_session_resume_data(session_, stream.id_);
  if (!receiving_) wake_();
}

}  // namespace lumbar::http2
