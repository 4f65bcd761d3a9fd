// The steps of the editorial process: which are legal, who may make them, and what they make of an article. Pure
// functions; the store calls them inside the transaction that saves the result, with the time read there.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <optional>
#include <string>

#include "common/auth/caller.h"
#include "lumbar/content/v1/article.pb.h"
#include "lumbar/content/v1/draft.pb.h"

namespace lumbar::content {

// Who made what the service did by itself.
inline constexpr char kServiceItself[] = "content";

enum class Step { kCreate, kEdit, kSubmit, kApprove, kReject, kPublish, kSchedule, kFallDue, kFlag, kRetract };

struct Transition {
  v1::ArticleState from;
  Step step;
  v1::ArticleState to;
};

// Every legal step; what isn't here is refused. Nothing leads out of RETRACTED, and to PUBLISHED only what
// CheckReviewed passed. While an article is a draft again, readers keep the revision that they have.
inline constexpr Transition kTransitions[] = {
    {v1::ARTICLE_STATE_UNSPECIFIED, Step::kCreate, v1::ARTICLE_STATE_DRAFT},
    {v1::ARTICLE_STATE_DRAFT, Step::kEdit, v1::ARTICLE_STATE_DRAFT},
    {v1::ARTICLE_STATE_DRAFT, Step::kSubmit, v1::ARTICLE_STATE_IN_REVIEW},
    {v1::ARTICLE_STATE_DRAFT, Step::kFlag, v1::ARTICLE_STATE_DRAFT},
    {v1::ARTICLE_STATE_DRAFT, Step::kRetract, v1::ARTICLE_STATE_RETRACTED},
    {v1::ARTICLE_STATE_IN_REVIEW, Step::kEdit, v1::ARTICLE_STATE_DRAFT},
    {v1::ARTICLE_STATE_IN_REVIEW, Step::kApprove, v1::ARTICLE_STATE_IN_REVIEW},
    {v1::ARTICLE_STATE_IN_REVIEW, Step::kReject, v1::ARTICLE_STATE_DRAFT},
    {v1::ARTICLE_STATE_IN_REVIEW, Step::kPublish, v1::ARTICLE_STATE_PUBLISHED},
    {v1::ARTICLE_STATE_IN_REVIEW, Step::kSchedule, v1::ARTICLE_STATE_SCHEDULED},
    // What was reviewed may be wrong by the rule as it is now.
    {v1::ARTICLE_STATE_IN_REVIEW, Step::kFlag, v1::ARTICLE_STATE_DRAFT},
    {v1::ARTICLE_STATE_IN_REVIEW, Step::kRetract, v1::ARTICLE_STATE_RETRACTED},
    {v1::ARTICLE_STATE_SCHEDULED, Step::kEdit, v1::ARTICLE_STATE_DRAFT},
    {v1::ARTICLE_STATE_SCHEDULED, Step::kReject, v1::ARTICLE_STATE_DRAFT},
    {v1::ARTICLE_STATE_SCHEDULED, Step::kPublish, v1::ARTICLE_STATE_PUBLISHED},
    {v1::ARTICLE_STATE_SCHEDULED, Step::kSchedule, v1::ARTICLE_STATE_SCHEDULED},
    // The time came too late: by then its next review was due.
    {v1::ARTICLE_STATE_SCHEDULED, Step::kFallDue, v1::ARTICLE_STATE_DRAFT},
    {v1::ARTICLE_STATE_SCHEDULED, Step::kFlag, v1::ARTICLE_STATE_DRAFT},
    {v1::ARTICLE_STATE_SCHEDULED, Step::kRetract, v1::ARTICLE_STATE_RETRACTED},
    {v1::ARTICLE_STATE_PUBLISHED, Step::kEdit, v1::ARTICLE_STATE_DRAFT},
    {v1::ARTICLE_STATE_PUBLISHED, Step::kSubmit, v1::ARTICLE_STATE_IN_REVIEW},
    {v1::ARTICLE_STATE_PUBLISHED, Step::kFallDue, v1::ARTICLE_STATE_REVIEW_DUE},
    {v1::ARTICLE_STATE_PUBLISHED, Step::kFlag, v1::ARTICLE_STATE_REVIEW_DUE},
    {v1::ARTICLE_STATE_PUBLISHED, Step::kRetract, v1::ARTICLE_STATE_RETRACTED},
    {v1::ARTICLE_STATE_REVIEW_DUE, Step::kEdit, v1::ARTICLE_STATE_DRAFT},
    {v1::ARTICLE_STATE_REVIEW_DUE, Step::kSubmit, v1::ARTICLE_STATE_IN_REVIEW},
    {v1::ARTICLE_STATE_REVIEW_DUE, Step::kFlag, v1::ARTICLE_STATE_REVIEW_DUE},
    {v1::ARTICLE_STATE_REVIEW_DUE, Step::kRetract, v1::ARTICLE_STATE_RETRACTED},
};

// FAILED_PRECONDITION/WRONG_STATE: kTransitions doesn't have the step.
absl::StatusOr<v1::ArticleState> StateAfter(v1::ArticleState from, Step step);

// What a step makes of an article.
struct EditorialChange {
  v1::Draft draft;
  // For the record, but for its number.
  v1::EditorialStep entry;
  // What readers get from now on.
  std::optional<v1::Article> publish = std::nullopt;
  // Readers get nothing any more.
  bool withdraw = false;
};

// OK if both verdicts that count in this round passed the text, and were given by two people who never wrote on it.
// FAILED_PRECONDITION: REVIEW_MISSING, SAME_PERSON.
absl::Status CheckReviewed(const v1::Draft& draft);

// All of them refuse as StateAfter does; texts as ParseArticle does.
absl::StatusOr<EditorialChange> Create(absl::string_view name, absl::string_view source, const auth::Caller& author,
                                       absl::Time now);
// ABORTED/ETAG_MISMATCH unless the text is the one of `etag`.
absl::StatusOr<EditorialChange> Edit(const v1::Draft& draft, absl::string_view source, absl::string_view etag,
                                     const auth::Caller& author, absl::Time now);
absl::StatusOr<EditorialChange> Submit(const v1::Draft& draft, const auth::Caller& by, absl::Time now);
// `verdict` but for who, when and which round. ABORTED/ETAG_MISMATCH, FAILED_PRECONDITION/SAME_PERSON,
// PERMISSION_DENIED/NOT_A_CLINICIAN; INVALID_ARGUMENT of a shown_name that is none, or an author's or the other
// reviewer's, and of a rejection without a note.
absl::StatusOr<EditorialChange> Judge(const v1::Draft& draft, v1::Review verdict, const auth::Caller& reviewer,
                                      absl::Time now);
// Now, or at `schedule_time` if that is later. As CheckReviewed; FAILED_PRECONDITION/REVIEW_DUE_PASSED.
absl::StatusOr<EditorialChange> Publish(const v1::Draft& draft, absl::Time schedule_time, const std::string& by,
                                        absl::Time now);
// What the service does by itself when the time has come: publishes what is scheduled, says what is due. Nullopt: it
// hasn't come.
absl::StatusOr<std::optional<EditorialChange>> WakeUp(const v1::Draft& draft, absl::Time now);
// Why an article is flagged that rests on `link`.
std::string TriageChanged(absl::string_view link);
absl::StatusOr<EditorialChange> Flag(const v1::Draft& draft, absl::string_view why, const std::string& by,
                                     absl::Time now);
absl::StatusOr<EditorialChange> Retract(const v1::Draft& draft, absl::string_view reason, const std::string& by,
                                        absl::Time now);

// When WakeUp has something to do; the infinite future if never.
absl::Time WakeTime(const v1::Draft& draft);

}  // namespace lumbar::content
