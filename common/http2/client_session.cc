#include "common/http2/client_session.h"

#include <absl/container/inlined_vector.h>

#include <algorithm>
#include <array>
#include <utility>

#include "common/http2/pair.h"

namespace lumbar::http2 {
namespace {

// Of a frame on the wire.
constexpr size_t kClientFrameHeaderBytes = 9;

absl::string_view TextOf(const uint8_t* bytes, size_t size) { return {reinterpret_cast<const char*>(bytes), size}; }

bool IsLast(const nghttp2_frame& frame) { return (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0; }

}  // namespace

// What nghttp2 calls. A stream that isn't found was reset by us.
struct ClientSession::Callbacks {
  static ClientSession& Of(void* self) { return *static_cast<ClientSession*>(self); }

  static nghttp2_session* Open(const Limits& limits, ClientSession* self);

  static int OnHeader(nghttp2_session*, const nghttp2_frame* frame, const uint8_t* name, size_t name_size,
                      const uint8_t* value, size_t value_size, uint8_t, void* self) {
    Running* running = Of(self).Find(frame->hd.stream_id);
    if (running == nullptr) return 0;
    running->answered = true;
    running->header_bytes += name_size + value_size + 32;
    if (running->header_bytes > Of(self).limits_.header_bytes) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    running->caller->OnField({TextOf(name, name_size), TextOf(value, value_size)});
    return 0;
  }

  static int OnData(nghttp2_session* raw, uint8_t, int32_t id, const uint8_t* bytes, size_t size, void* self) {
    // All streams share the connection's window, which no slow one may keep shut.
    nghttp2_session_consume_connection(raw, size);
    Running* running = Of(self).Find(id);
    if (running == nullptr) return 0;
    running->answered = true;
    // The caller may reset itself.
    const auto caller = running->caller;
    caller->OnBytes(TextOf(bytes, size));
    return 0;
  }

  static int OnFrame(nghttp2_session*, const nghttp2_frame* frame, void* self) {
    ClientSession& session = Of(self);
    const bool is_data = frame->hd.type == NGHTTP2_DATA && (frame->hd.length > 0 || IsLast(*frame));
    if (is_data || frame->hd.type == NGHTTP2_HEADERS) {
      session.guard_.Answered(frame->hd.length);
    } else if (!session.guard_.Spend(session.now_)) {
      return NGHTTP2_ERR_CALLBACK_FAILURE;
    }
    switch (frame->hd.type) {
      case NGHTTP2_HEADERS:
      case NGHTTP2_DATA:
        if (IsLast(*frame)) session.End(frame->hd.stream_id, Ending::kWhole, NGHTTP2_NO_ERROR);
        break;
      case NGHTTP2_SETTINGS:
        session.greeted_ = true;
        break;
      case NGHTTP2_GOAWAY:
        session.ending_ = true;
        break;
      default:
        break;
    }
    return 0;
  }

  static int OnInvalidFrame(nghttp2_session*, const nghttp2_frame*, int, void* self) {
    return Of(self).guard_.Spend(Of(self).now_) ? 0 : NGHTTP2_ERR_CALLBACK_FAILURE;
  }

  static int OnNotSent(nghttp2_session*, const nghttp2_frame* frame, int, void* self) {
    if (frame->hd.type != NGHTTP2_HEADERS) return 0;
    if (Running* running = Of(self).Find(frame->hd.stream_id)) running->unsent = true;
    return 0;
  }

  static int OnClose(nghttp2_session*, int32_t id, uint32_t error, void* self) {
    const Running* running = Of(self).Find(id);
    if (running == nullptr) return 0;
    const bool refused = running->unsent || (error == NGHTTP2_REFUSED_STREAM && !running->answered);
    Of(self).End(id, refused ? Ending::kRefused : Ending::kReset, error);
    return 0;
  }

  static ssize_t ReadBody(nghttp2_session*, int32_t id, uint8_t*, size_t most, uint32_t* flags, nghttp2_data_source*,
                          void* self) {
    const Running* running = Of(self).Find(id);
    if (running == nullptr) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    const size_t left = running->caller->Body().size() - running->sent;
    *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
    if (left <= most) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(std::min(most, left));
  }

  static int SendBody(nghttp2_session*, nghttp2_frame* frame, const uint8_t* frame_header, size_t size,
                      nghttp2_data_source*, void* self) {
    ClientSession& session = Of(self);
    Running* running = session.Find(frame->hd.stream_id);
    if (running == nullptr) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    if (session.out_->size() >= session.most_out_) return NGHTTP2_ERR_WOULDBLOCK;
    const absl::string_view bytes = running->caller->Body().substr(running->sent, size);
    session.out_->append(reinterpret_cast<const char*>(frame_header), kClientFrameHeaderBytes);
    session.out_->append(bytes.data(), bytes.size());
    running->sent += size;
    return 0;
  }
};

nghttp2_session* ClientSession::Callbacks::Open(const Limits& limits, ClientSession* self) {
  nghttp2_session_callbacks* callbacks = nullptr;
  nghttp2_session_callbacks_new(&callbacks);
  nghttp2_session_callbacks_set_on_header_callback(callbacks, OnHeader);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, OnData);
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, OnFrame);
  nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(callbacks, OnInvalidFrame);
  nghttp2_session_callbacks_set_on_frame_not_send_callback(callbacks, OnNotSent);
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, OnClose);
  nghttp2_session_callbacks_set_send_data_callback(callbacks, SendBody);
  nghttp2_option* option = nullptr;
  nghttp2_option_new(&option);
  nghttp2_option_set_no_auto_window_update(option, 1);
  nghttp2_session* session = nullptr;
  nghttp2_session_client_new2(&session, callbacks, self, option);
  nghttp2_option_del(option);
  nghttp2_session_callbacks_del(callbacks);
  const std::array<nghttp2_settings_entry, 3> settings = {
      {{NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
       {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, limits.window_bytes},
       {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, static_cast<uint32_t>(limits.header_bytes)}}};
  nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, settings.data(), settings.size());
  nghttp2_session_set_local_window_size(session, NGHTTP2_FLAG_NONE, 0, static_cast<int32_t>(limits.connection_bytes));
  return session;
}

ClientSession::ClientSession(const Limits& limits, absl::Time now)
    : limits_(limits), guard_(limits, now), session_(Callbacks::Open(limits, this)), now_(now) {}

ClientSession::~ClientSession() { nghttp2_session_del(session_); }

bool ClientSession::Receive(absl::string_view bytes, absl::Time now) {
  now_ = now;
  const ssize_t taken =
      nghttp2_session_mem_recv(session_, reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  TellEnds();
  return taken >= 0;
}

void ClientSession::Produce(std::string& out, size_t limit, absl::Time now) {
  now_ = now;
  out_ = &out;
  most_out_ = limit;
  while (out.size() < limit) {
    const uint8_t* data = nullptr;
    const ssize_t size = nghttp2_session_mem_send(session_, &data);
    if (size <= 0) break;
    out.append(reinterpret_cast<const char*>(data), static_cast<size_t>(size));
  }
  out_ = nullptr;
  TellEnds();
}

int32_t ClientSession::Begin(absl::Span<const Field> header, absl::Span<const Field> once,
                             std::shared_ptr<Caller> caller) {
  absl::InlinedVector<nghttp2_nv, 16> pairs;
  for (const Field& field : header) pairs.push_back(PairOf(field));
  for (const Field& field : once) pairs.push_back(PairOf(field, NGHTTP2_NV_FLAG_NO_INDEX));
  nghttp2_data_provider body = {};
  body.read_callback = Callbacks::ReadBody;
  const int32_t id = nghttp2_submit_request(session_, nullptr, pairs.data(), pairs.size(), &body, nullptr);
  if (id < 0) {
    ending_ = true;
    return 0;
  }
  streams_.emplace(id, Running{std::move(caller)});
  return id;
}

void ClientSession::Reset(int32_t id) {
  if (streams_.erase(id) > 0) nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL);
}

void ClientSession::OpenWindow(int32_t id, size_t bytes) {
  if (Find(id) != nullptr) nghttp2_session_consume_stream(session_, id, bytes);
}

void ClientSession::Ping() { nghttp2_submit_ping(session_, NGHTTP2_FLAG_NONE, nullptr); }

void ClientSession::Lose() {
  ending_ = true;
  for (const auto& [id, running] : std::exchange(streams_, {})) {
    ended_.push_back({running.caller, Ending::kLost, NGHTTP2_NO_ERROR});
  }
  TellEnds();
}

size_t ClientSession::room() const {
  if (!greeted_ || ending_) return 0;
  const size_t most =
      std::min(limits_.streams, nghttp2_session_get_remote_settings(session_, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS));
  return most > streams_.size() ? most - streams_.size() : 0;
}

bool ClientSession::IsOver() const {
  if (nghttp2_session_want_write(session_) != 0) return false;
  return (ending_ && streams_.empty()) || nghttp2_session_want_read(session_) == 0;
}

ClientSession::Running* ClientSession::Find(int32_t id) {
  const auto found = streams_.find(id);
  return found == streams_.end() ? nullptr : &found->second;
}

void ClientSession::End(int32_t id, Ending ending, uint32_t error) {
  const auto found = streams_.find(id);
  if (found == streams_.end()) return;
  ended_.push_back({std::move(found->second.caller), ending, error});
  const bool wants_more = found->second.sent < ended_.back().caller->Body().size();
  streams_.erase(found);
  // Who has answered needn't hear the rest of the request.
  if (ending == Ending::kWhole && wants_more) {
    nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, id, NGHTTP2_NO_ERROR);
  }
}

void ClientSession::TellEnds() {
  for (const auto& ended : std::exchange(ended_, {})) ended.caller->OnOver(ended.ending, ended.error);
}

}  // namespace lumbar::http2
