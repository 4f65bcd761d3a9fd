// Makes articles due for review when what they rest on in triage changes, without anybody asking for it.
#pragma once

#include <map>
#include <string>

#include "services/content/domain/editorial_store.h"
#include "services/content/domain/triage_links.h"

namespace lumbar::content {

// One for each process, used by one thread at a time. However many replicas look, a change flags an article once: the
// store compares with what any of them saw last.
class TriageWatch {
 public:
  // Both must outlive it.
  TriageWatch(TriageRules& rules, EditorialStore& drafts) : rules_(rules), drafts_(drafts) {}

  // Asks triage, and flags as FlagArticles does, in the service's own name. A change counts at the first look of this
  // process, or once two looks in a row saw the same: while triage is rolled out, its replicas disagree. Logs what was
  // flagged; a failure is logged and left to the next look.
  void Look();

 private:
  using Digests = std::map<std::string, std::string>;

  absl::Status Compare();

  TriageRules& rules_;
  EditorialStore& drafts_;
  // As they were at the last look, and when they were last compared; empty: never.
  Digests seen_, compared_;
};

}  // namespace lumbar::content
