#include "services/content/domain/triage_links.h"

#include <absl/strings/escaping.h>

#include <map>
#include <string>

#include "common/digest/sha256.h"

namespace lumbar::content {

std::vector<v1::TriageLink> LinksOf(const triage::v1::Protocol& protocol) {
  // Messages without maps have one serialised form only.
  std::map<std::string, std::string> texts;
  for (const auto& rule_set : protocol.rule_sets()) {
    for (const auto& rule : rule_set.rules()) texts["rules/" + rule.id()] += rule.SerializeAsString();
  }
  for (const auto& cause : protocol.causes()) texts["causes/" + cause.id()] += cause.SerializeAsString();
  std::vector<v1::TriageLink> links;
  for (const auto& [name, text] : texts) {
    links.emplace_back().set_name(name);
    links.back().set_digest(absl::BytesToHexString(Sha256(text).substr(0, 16)));
  }
  return links;
}

}  // namespace lumbar::content
