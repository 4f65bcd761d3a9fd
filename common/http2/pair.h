// A field as nghttp2 takes it.
#pragma once

#include <nghttp2/nghttp2.h>

#include "common/http2/header.h"

namespace lumbar::http2 {

// `flags` are nghttp2's, e.g. NGHTTP2_NV_FLAG_NO_INDEX for what the peer needn't remember.
inline nghttp2_nv PairOf(const Field& field, uint8_t flags = NGHTTP2_NV_FLAG_NONE) {
  const auto bytes = [](absl::string_view text) {
    return const_cast<uint8_t*>(reinterpret_cast<const uint8_t*>(text.data()));
  };
  return {bytes(field.name), bytes(field.value), field.name.size(), field.value.size(), flags};
}

}  // namespace lumbar::http2
