// Articles for readers, through the whole process.
#pragma once

#include <absl/status/status.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/string_view.h>

#include <string>

#include "common/status/macros.h"
#include "services/content/domain/desk.h"
#include "services/content/domain/workflow.h"

namespace lumbar::content {

// Takes `source` to the readers of articles/<id> as three people do, and announces it to `shelf`.
inline absl::Status PublishSource(EditorialStore& drafts, ArticleStore& shelf, absl::string_view id,
                                  absl::string_view source) {
  const auth::Caller author{"staff/ann", options::v1::ROLE_STAFF}, checker{"staff/finn", options::v1::ROLE_STAFF},
      doctor{"clinicians/rea", options::v1::ROLE_CLINICIAN};
  const std::string name = absl::StrCat("articles/", id);
  const auto judged = [](const EditorialChange& before, v1::ReviewKind kind, const auth::Caller& by, absl::Time now) {
    v1::Review verdict;
    verdict.set_kind(kind);
    verdict.set_shown_name(by.subject);
    verdict.set_approved(true);
    verdict.set_etag(before.draft.etag());
    return Judge(before.draft, verdict, by, now);
  };
  shelf.Prepare(name);
  const auto published = drafts.Change(
      {}, name, [&](const v1::Draft* known, absl::Time now) -> absl::StatusOr<std::optional<EditorialChange>> {
        LUMBAR_ASSIGN_OR_RETURN(EditorialChange change, known == nullptr
                                                            ? Create(name, source, author, now)
                                                            : Edit(*known, source, known->etag(), author, now));
        LUMBAR_ASSIGN_OR_RETURN(change, Submit(change.draft, author, now));
        LUMBAR_ASSIGN_OR_RETURN(change, judged(change, v1::REVIEW_KIND_MEDICAL, doctor, now));
        LUMBAR_ASSIGN_OR_RETURN(change, judged(change, v1::REVIEW_KIND_FACT_CHECK, checker, now));
        LUMBAR_ASSIGN_OR_RETURN(change, Publish(change.draft, absl::InfinitePast(), "staff/pat", now));
        return change;
      });
  AnnounceChange(shelf, name, published);
  return published.status();
}

}  // namespace lumbar::content
