#include "services/triage/domain/protocol_registry.h"

#include <absl/strings/ascii.h>

#include <algorithm>

namespace lumbar::triage {
namespace {

constexpr absl::string_view kDefaultProtocol = "protocols/low-back-pain";

}  // namespace

ProtocolRegistry::ProtocolRegistry(const std::vector<v1::Protocol>& protocols) {
  for (const auto& protocol : protocols) {
    Edition edition;
    edition.push_back(std::make_unique<CompiledProtocol>(protocol));
    for (const auto& language : TranslatedTo(protocol)) {
      edition.push_back(std::make_unique<CompiledProtocol>(protocol, language));
    }
    const auto* english = edition.front().get();
    const auto same_name = [&](const auto* known) { return known->definition().name() == protocol.name(); };
    if (std::none_of(current_.begin(), current_.end(), same_name)) current_.push_back(english);
    editions_.push_back(std::move(edition));
  }
  std::sort(current_.begin(), current_.end(),
            [](const auto* a, const auto* b) { return a->definition().name() < b->definition().name(); });
}

const CompiledProtocol* ProtocolRegistry::Find(absl::string_view name, absl::string_view language) const {
  if (name.empty()) name = kDefaultProtocol;
  // Of one name, the current version comes first.
  for (const auto& edition : editions_) {
    if (edition.front()->definition().name() == name) return In(language, edition);
  }
  return nullptr;
}

Rules ProtocolRegistry::FindByHash(absl::string_view sha256, absl::string_view language) const {
  for (const auto& edition : editions_) {
    const CompiledProtocol* protocol = In(language, edition);
    for (const auto& rule_set : protocol->rule_sets()) {
      if (rule_set.sha256 == sha256) return {protocol, &rule_set};
    }
  }
  return {};
}

const CompiledProtocol* ProtocolRegistry::In(absl::string_view language, const Edition& edition) {
  const std::string primary = absl::AsciiStrToLower(language.substr(0, language.find('-')));
  for (const auto& protocol : edition) {
    if (protocol->language() == primary) return protocol.get();
  }
  return edition.front().get();
}

}  // namespace lumbar::triage
