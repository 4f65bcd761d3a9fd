// Every protocol that this server knows, in every version and language.
#pragma once

#include <absl/strings/string_view.h>

#include <memory>
#include <vector>

#include "services/triage/domain/compiled_protocol.h"

namespace lumbar::triage {

// Rules of a protocol, ready for use.
struct Rules {
  const CompiledProtocol* protocol = nullptr;
  const CompiledRuleSet* rule_set = nullptr;

  // Whether they are the protocol's default.
  bool are_default() const { return rule_set == &protocol->rule_sets().front(); }
};

// Immutable, so thread safe.
class ProtocolRegistry {
 public:
  // `protocols` as LoadProtocols gives them: of one name, the current version first.
  explicit ProtocolRegistry(const std::vector<v1::Protocol>& protocols);

  // The current version; "" finds protocols/low-back-pain. `language` is BCP 47: its region is left aside, and English
  // stands in for what the protocol isn't translated to. Null if there is none of that name.
  const CompiledProtocol* Find(absl::string_view name, absl::string_view language) const;
  // Of any version. Nulls if no rule set has that hash.
  Rules FindByHash(absl::string_view sha256, absl::string_view language) const;
  // The current versions in English, by name.
  const std::vector<const CompiledProtocol*>& current() const { return current_; }

 private:
  // The same protocol in one language each; English first.
  using Edition = std::vector<std::unique_ptr<const CompiledProtocol>>;

  static const CompiledProtocol* In(absl::string_view language, const Edition& edition);

  std::vector<Edition> editions_;
  std::vector<const CompiledProtocol*> current_;
};

}  // namespace lumbar::triage
