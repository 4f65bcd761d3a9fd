#include "common/http2/session_callbacks.h"

#include <algorithm>
#include <array>

#include "common/http2/pair.h"

namespace lumbar::http2 {
namespace {

// Of a frame on the wire.
constexpr size_t kFrameHeaderBytes = 9;

absl::string_view View(const uint8_t* bytes, size_t size) { return {reinterpret_cast<const char*>(bytes), size}; }

Session& Of(void* self) { return *static_cast<Session*>(self); }

bool EndsStream(const nghttp2_frame& frame) { return (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0; }

// Whether the frame asks for no answer, so that a peer may send only so many of them.
bool AsksNothing(const nghttp2_frame& frame) {
  switch (frame.hd.type) {
    case NGHTTP2_HEADERS:
      return frame.headers.cat != NGHTTP2_HCAT_REQUEST;
    case NGHTTP2_DATA:
      return frame.hd.length == 0 && !EndsStream(frame);
    default:
      return true;
  }
}

std::array<nghttp2_settings_entry, 5> SettingsOf(const Limits& limits) {
  // A stream's window takes the whole body, so that a request needs no round trip for a window.
  const auto window = static_cast<uint32_t>(std::max<size_t>(limits.body_bytes, NGHTTP2_INITIAL_WINDOW_SIZE));
  return {{{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, limits.streams},
           {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, window},
           {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, static_cast<uint32_t>(limits.header_bytes)},
           {NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
           {NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1}}};
}

}  // namespace

nghttp2_session* Session::Callbacks::Open(const Limits& limits, Session* self) {
  nghttp2_session_callbacks* callbacks = nullptr;
  nghttp2_session_callbacks_new(&callbacks);
  nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, OnBeginHeaders);
  nghttp2_session_callbacks_set_on_header_callback(callbacks, OnHeader);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, OnData);
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, OnFrame);
  nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(callbacks, OnInvalidFrame);
  nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, OnSent);
  nghttp2_session_callbacks_set_on_frame_not_send_callback(callbacks, OnNotSent);
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, OnStreamClose);
  nghttp2_session_callbacks_set_send_data_callback(callbacks, SendBody);
  nghttp2_option* option = nullptr;
  nghttp2_option_new(&option);
  // Closed streams would be kept for priorities, which nobody uses.
  nghttp2_option_set_no_closed_streams(option, 1);
  // Resets are the flood guard's business: the library would end a connection for as many as a busy client's timeouts.
  nghttp2_option_set_stream_reset_rate_limit(option, UINT64_MAX, 0);
  nghttp2_session* session = nullptr;
  nghttp2_session_server_new2(&session, callbacks, self, option);
  nghttp2_option_del(option);
  nghttp2_session_callbacks_del(callbacks);
  const auto settings = SettingsOf(limits);
  nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, settings.data(), settings.size());
  // What is received is held or refused at once, so that the connection's window only has to be no bottleneck.
  nghttp2_session_set_local_window_size(session, NGHTTP2_FLAG_NONE, 0, static_cast<int32_t>(limits.connection_bytes));
  return session;
}

nghttp2_data_provider Session::Callbacks::BodyOf(Stream& stream) {
  nghttp2_data_provider provider;
  provider.source.ptr = &stream;
  provider.read_callback = ReadBody;
  return provider;
}

int Session::Callbacks::OnBeginHeaders(nghttp2_session*, const nghttp2_frame* frame, void* self) {
  if (frame->headers.cat == NGHTTP2_HCAT_REQUEST) Of(self).Open(frame->hd.stream_id);
  return 0;
}

int Session::Callbacks::OnHeader(nghttp2_session*, const nghttp2_frame* frame, const uint8_t* name, size_t name_size,
                                 const uint8_t* value, size_t value_size, uint8_t, void* self) {
  // A request's trailer tells us nothing.
  if (frame->headers.cat != NGHTTP2_HCAT_REQUEST) return 0;
  return Of(self).AddField(frame->hd.stream_id, {View(name, name_size), View(value, value_size)});
}

int Session::Callbacks::OnData(nghttp2_session*, uint8_t, int32_t id, const uint8_t* bytes, size_t size, void* self) {
  Of(self).AddBody(id, View(bytes, size));
  return 0;
}

int Session::Callbacks::OnFrame(nghttp2_session*, const nghttp2_frame* frame, void* self) {
  Session& session = Of(self);
  if (AsksNothing(*frame)) {
    if (const int stop = session.Spend(); stop != 0) return stop;
  }
  switch (frame->hd.type) {
    case NGHTTP2_SETTINGS:
      session.greeted_ = true;
      break;
    case NGHTTP2_PING:
      if ((frame->hd.flags & NGHTTP2_FLAG_ACK) != 0) session.OnRoundTrip();
      break;
    case NGHTTP2_HEADERS:
    case NGHTTP2_DATA:
      session.OnPart(frame->hd.stream_id, EndsStream(*frame));
      break;
    default:
      break;
  }
  return 0;
}

int Session::Callbacks::OnInvalidFrame(nghttp2_session*, const nghttp2_frame*, int, void* self) {
  return Of(self).Spend();
}

int Session::Callbacks::OnSent(nghttp2_session*, const nghttp2_frame* frame, void* self) {
  const bool part = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
  if (part && EndsStream(*frame)) Of(self).OnAnswered(frame->hd.stream_id);
  return 0;
}

int Session::Callbacks::OnNotSent(nghttp2_session*, const nghttp2_frame* frame, int, void* self) {
  if (frame->hd.type == NGHTTP2_HEADERS) Of(self).OnUnanswerable(frame->hd.stream_id);
  return 0;
}

int Session::Callbacks::OnStreamClose(nghttp2_session*, int32_t id, uint32_t, void* self) {
  Of(self).Forget(id);
  return 0;
}

ssize_t Session::Callbacks::ReadBody(nghttp2_session* raw, int32_t id, uint8_t*, size_t most, uint32_t* flags,
                                     nghttp2_data_source* source, void*) {
  const Stream& stream = *static_cast<const Stream*>(source->ptr);
  const size_t size = std::min(most, stream.unsent());
  if (size == 0 && !stream.ended_) return NGHTTP2_ERR_DEFERRED;
  *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
  if (!stream.ended_ || size < stream.unsent()) return static_cast<ssize_t>(size);
  *flags |= NGHTTP2_DATA_FLAG_EOF;
  if (stream.trailer_.size() == 0) return static_cast<ssize_t>(size);
  *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
  absl::InlinedVector<nghttp2_nv, 8> pairs;
  for (size_t i = 0; i < stream.trailer_.size(); ++i) pairs.push_back(PairOf(stream.trailer_[i]));
  nghttp2_submit_trailer(raw, id, pairs.data(), pairs.size());
  return static_cast<ssize_t>(size);
}

int Session::Callbacks::SendBody(nghttp2_session*, nghttp2_frame*, const uint8_t* frame_header, size_t size,
                                 nghttp2_data_source* source, void* self) {
  Session& session = Of(self);
  if (session.out_->size() >= session.most_out_) return NGHTTP2_ERR_WOULDBLOCK;
  Stream& stream = *static_cast<Stream*>(source->ptr);
  session.out_->append(reinterpret_cast<const char*>(frame_header), kFrameHeaderBytes);
  session.out_->append(stream.unsent_, stream.sent_, size);
  session.TakeAnswer(stream, size);
  return 0;
}

}  // namespace lumbar::http2
