// Any bytes may lie in a shared cache, sealed by another version of this program too. What Unpack accepts must be
// exactly what Pack makes.
#include "common/cache/kept.h"

#include <cstdint>
#include <cstdlib>

#include "common/cache/envelope.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  using lumbar::cache::Kept;
  const std::string packed(bytes, bytes + size);
  if (const auto kept = Kept::Unpack(packed); kept && kept->Pack() != packed) std::abort();
  const auto opened = lumbar::cache::Decode(1, "key", packed);
  if (opened && Kept::Unpack(*opened)) std::abort();  // Nobody forges a seal by chance.
  const auto whole = Kept::Unpack("1700000000000000 stamp +\n" + packed);
  if (!whole || whole->stamp != "stamp" || *whole->bytes != packed) std::abort();
  if (Kept::Unpack("1700000000000000 stamp -\n" + packed).has_value() != packed.empty()) std::abort();
  return 0;
}
