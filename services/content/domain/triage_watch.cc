#include "services/content/domain/triage_watch.h"

#include <absl/strings/str_cat.h>

#include <utility>
#include <vector>

#include "common/status/macros.h"
#include "common/telemetry/log.h"
#include "services/content/domain/workflow.h"
#include "services/content/errors.h"

namespace lumbar::content {

void TriageWatch::Look() {
  const absl::Status compared = Compare();
  if (!compared.ok()) Log(LogLevel::kWarning, "triage_not_compared", {{"error", compared.message()}});
}

absl::Status TriageWatch::Compare() {
  LUMBAR_ASSIGN_OR_RETURN(const triage::v1::Protocol protocol, rules_.Read());
  const std::vector<v1::TriageLink> links = LinksOf(protocol);
  if (links.empty() || links.size() > kMostLinks) return ProtocolRefused();
  Digests digests;
  for (const v1::TriageLink& link : links) digests[link.name()] = link.digest();
  const bool settled = compared_.empty() || digests == seen_;
  seen_ = digests;
  if (!settled || digests == compared_) return absl::OkStatus();
  LUMBAR_ASSIGN_OR_RETURN(
      const v1::FlagArticlesResponse flagged,
      drafts_.CompareLinks({}, links, [](const v1::Draft& draft, absl::string_view link, absl::Time now) {
        return Flag(draft, TriageChanged(link), kServiceItself, now);
      }));
  compared_ = std::move(digests);
  if (flagged.changed().empty()) return absl::OkStatus();
  Log(LogLevel::kInfo, "articles_flagged",
      {{"protocol_version", protocol.version()},
       {"changed", flagged.changed_size()},
       {"articles", flagged.articles_size()}});
  return absl::OkStatus();
}

}  // namespace lumbar::content
