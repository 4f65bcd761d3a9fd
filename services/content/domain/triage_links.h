// What articles rest on in triage: the rules and causes of its protocol.
#pragma once

#include <absl/status/statusor.h>

#include <vector>

#include "lumbar/content/v1/triage_links.pb.h"
#include "lumbar/triage/v1/protocol.pb.h"

namespace lumbar::content {

// More than FlagArticles takes.
inline constexpr size_t kMostLinks = 2000;

// Every rule, whatever rule sets have it, and every cause, by name, with a digest of all that it says.
std::vector<v1::TriageLink> LinksOf(const triage::v1::Protocol& protocol);

// The port to triage.
class TriageRules {
 public:
  virtual ~TriageRules() = default;

  // The protocol as it is now. Fails as the call does; bounded in time.
  virtual absl::StatusOr<triage::v1::Protocol> Read() = 0;
};

}  // namespace lumbar::content
