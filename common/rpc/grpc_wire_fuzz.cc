// What a caller writes into a body and into grpc-timeout, and how it comes back.
#include "common/rpc/grpc_wire.h"

#include <cstdlib>

namespace {

void Require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  using namespace lumbar::rpc;
  const absl::string_view text(reinterpret_cast<const char*>(bytes), size);
  const auto message = MessageIn(text);
  Require(!message.ok() || message->size() + kFramePrefixBytes == size);
  const auto timeout = ParseTimeout(text);
  Require(!timeout.ok() || (*timeout >= absl::ZeroDuration() && *timeout <= absl::Hours(99'999'999)));
  for (const char c : PercentEncoded(text)) Require(c >= ' ' && c <= '~');
  return 0;
}
