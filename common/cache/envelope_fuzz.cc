// Any bytes may lie in a shared cache. What Decode accepts must be exactly what Encode makes.
#include "common/cache/envelope.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  const std::string value(bytes, bytes + size);
  const auto payload = lumbar::cache::Decode(1, "key", value);
  if (payload && lumbar::cache::Encode(1, "key", *payload) != value) std::abort();
  const std::string sealed = lumbar::cache::Encode(1, value, value);
  if (lumbar::cache::Decode(1, value, sealed) != value) std::abort();
  if (lumbar::cache::Decode(1, value + "x", sealed) || lumbar::cache::Decode(2, value, sealed)) std::abort();
  return 0;
}
