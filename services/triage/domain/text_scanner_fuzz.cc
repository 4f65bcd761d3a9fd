// Scanning arbitrary bytes: no crash, and what a text adds to another never takes an emergency away.
#include "services/triage/domain/text_scanner.h"

#include <cstdint>
#include <cstdlib>
#include <string>

#include "services/triage/domain/testing.h"

namespace lumbar::triage {
namespace {

const TextScanner& Scanner() {
  static const FakeClock clock(kTestTime);
  static const auto* const scanner = [] {
    const auto& protocol = Shipped().definition();
    return new TextScanner(LoadLexicon(ShippedLexicon(), protocol).value(), protocol, clock);
  }();
  return *scanner;
}

}  // namespace
}  // namespace lumbar::triage

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  using namespace lumbar::triage;
  const std::string text(reinterpret_cast<const char*>(bytes), size);
  const auto alone = Scanner().Scan(text);
  for (const auto& mention : alone.mentions()) {
    if (mention.phrase().empty()) std::abort();
  }
  // A sentence of its own stands, whatever comes before and after it.
  const auto with = Scanner().Scan(text + ".\nI can't pee.\n" + text);
  if (with.level() < v1::LEVEL_EMERGENCY || with.level() < alone.level()) std::abort();
  return 0;
}
