// An answer as it lies in the shared cache, within its envelope.
#pragma once

#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <optional>
#include <string>

#include "common/cache/near_cache.h"

namespace lumbar::cache {

// "<read time in microseconds since 1970 UTC> <stamp> <+ or ->\n<bytes>".
struct Kept {
  // When its reading began at the origin.
  absl::Time read_time;
  // The key's when its reading began, without a space or a line's end; empty: it had none.
  std::string stamp;
  // Null: there is nothing.
  Bytes bytes;

  std::string Pack() const;
  // Nullopt for whatever Pack doesn't make.
  static std::optional<Kept> Unpack(absl::string_view packed);
};

}  // namespace lumbar::cache
