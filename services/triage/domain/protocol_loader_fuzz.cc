// The loader on arbitrary text: what it lets pass can be compiled and answers.
#include "services/triage/domain/protocol_loader.h"

#include <cstdint>
#include <cstdlib>

#include "services/triage/domain/engine.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  using namespace lumbar::triage;
  const auto protocol = ParseProtocol(std::string(reinterpret_cast<const char*>(bytes), size), "fuzz");
  if (!protocol.ok()) return 0;
  const absl::Time now = absl::FromUnixSeconds(1'790'000'000);
  const CompiledProtocol compiled(*protocol);
  for (const auto& rule_set : compiled.rule_sets()) {
    const auto assessment = AssessFacts(compiled, rule_set, *compiled.ReadFacts({}, now), now);
    if (assessment.safety_net().empty()) std::abort();
  }
  return 0;
}
