// What nghttp2 calls, and how its sessions are set up; for session.cc alone.
#pragma once

#include <nghttp2/nghttp2.h>

#include "common/http2/session.h"

namespace lumbar::http2 {

// Each finds the session and asks it.
struct Session::Callbacks {
  // A server's session that keeps `limits`, which its settings announce.
  static nghttp2_session* Open(const Limits& limits, Session* self);
  static nghttp2_data_provider BodyOf(Stream& stream);

 private:
  static int OnBeginHeaders(nghttp2_session*, const nghttp2_frame* frame, void* self);
  static int OnHeader(nghttp2_session*, const nghttp2_frame* frame, const uint8_t* name, size_t name_size,
                      const uint8_t* value, size_t value_size, uint8_t flags, void* self);
  static int OnData(nghttp2_session*, uint8_t flags, int32_t id, const uint8_t* bytes, size_t size, void* self);
  static int OnFrame(nghttp2_session*, const nghttp2_frame* frame, void* self);
  static int OnInvalidFrame(nghttp2_session*, const nghttp2_frame* frame, int error, void* self);
  static int OnSent(nghttp2_session*, const nghttp2_frame* frame, void* self);
  static int OnNotSent(nghttp2_session*, const nghttp2_frame* frame, int error, void* self);
  static int OnStreamClose(nghttp2_session*, int32_t id, uint32_t error, void* self);
  static ssize_t ReadBody(nghttp2_session*, int32_t id, uint8_t* buffer, size_t most, uint32_t* flags,
                          nghttp2_data_source* source, void* self);
  static int SendBody(nghttp2_session*, nghttp2_frame* frame, const uint8_t* frame_header, size_t size,
                      nghttp2_data_source* source, void* self);
};

}  // namespace lumbar::http2
