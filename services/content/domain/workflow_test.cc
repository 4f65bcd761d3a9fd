#include "services/content/domain/workflow.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/status/matchers.h"
#include "common/time/proto_time.h"
#include "services/content/testing/samples.h"

namespace lumbar::content {
namespace {

using absl::StatusCode;
using options::v1::ROLE_CLINICIAN;
using options::v1::ROLE_STAFF;

const auth::Caller kAuthor{"staff/ann", ROLE_STAFF}, kChecker{"staff/finn", ROLE_STAFF},
    kDoctor{"clinicians/rea", ROLE_CLINICIAN};
const absl::Time kNow = absl::FromCivil(absl::CivilDay(2026, 12, 1), absl::UTCTimeZone());

v1::Draft Written() { return Create("articles/sample", kSampleSource, kAuthor, kNow)->draft; }
v1::Draft Submitted() { return Submit(Written(), kAuthor, kNow)->draft; }

v1::Review Verdict(v1::ReviewKind kind, const v1::Draft& draft, bool approved = true) {
  v1::Review verdict;
  verdict.set_kind(kind);
  verdict.set_shown_name(kind == v1::REVIEW_KIND_MEDICAL ? "Rea Reviewer, MD" : "Finn Checker");
  verdict.set_approved(approved);
  verdict.set_etag(draft.etag());
  if (!approved) verdict.set_note("A dose is wrong.");
  return verdict;
}
v1::Draft Passing(const v1::Draft& draft, v1::ReviewKind kind, const auth::Caller& by) {
  return Judge(draft, Verdict(kind, draft), by, kNow)->draft;
}
v1::Draft Reviewed() {
  return Passing(Passing(Submitted(), v1::REVIEW_KIND_MEDICAL, kDoctor), v1::REVIEW_KIND_FACT_CHECK, kChecker);
}

absl::Status PublishNow(const v1::Draft& draft) {
  return Publish(draft, absl::InfinitePast(), "staff/pat", kNow).status();
}

// Every state and step that the table doesn't name, whoever makes it.
TEST(Workflow, RefusesEveryStepThatIsNotInTheTable) {
  int legal = 0;
  for (int from = 0; from < v1::ArticleState_ARRAYSIZE; ++from) {
    for (int step = 0; step <= static_cast<int>(Step::kRetract); ++step) {
      const auto to = StateAfter(static_cast<v1::ArticleState>(from), static_cast<Step>(step));
      legal += to.ok();
      EXPECT_TRUE(to.ok() || ReasonOf(to.status()) == "WRONG_STATE");
    }
  }
  EXPECT_EQ(legal, static_cast<int>(std::size(kTransitions)));
}

TEST(Workflow, LeadsNowhereFromRetractedAndToReadersOnlyFromReview) {
  for (const Transition& row : kTransitions) {
    EXPECT_NE(row.from, v1::ARTICLE_STATE_RETRACTED);
    if (row.to == v1::ARTICLE_STATE_PUBLISHED) {
      EXPECT_EQ(row.step, Step::kPublish);
    }
    if (row.step == Step::kPublish) {
      EXPECT_TRUE(row.from == v1::ARTICLE_STATE_IN_REVIEW || row.from == v1::ARTICLE_STATE_SCHEDULED);
    }
  }
}

TEST(Workflow, PublishesWhatBothReviewsPassedUnderTheirNames) {
  ASSERT_OK_AND_ASSIGN(const EditorialChange change, Publish(Reviewed(), absl::InfinitePast(), "staff/pat", kNow));
  EXPECT_EQ(change.draft.state(), v1::ARTICLE_STATE_PUBLISHED);
  ASSERT_TRUE(change.publish);
  EXPECT_EQ(change.publish->medical_reviewer(), "Rea Reviewer, MD");
  EXPECT_EQ(change.publish->fact_checker(), "Finn Checker");
  EXPECT_EQ(FromProto(change.publish->review_time()), kNow);
  EXPECT_EQ(change.entry.actor(), "staff/pat");
}

TEST(Workflow, WantsBothReviews) {
  EXPECT_THAT(PublishNow(Submitted()), FailsWith(StatusCode::kFailedPrecondition, "REVIEW_MISSING"));
  EXPECT_THAT(PublishNow(Passing(Submitted(), v1::REVIEW_KIND_MEDICAL, kDoctor)),
              FailsWith(StatusCode::kFailedPrecondition, "REVIEW_MISSING"));
  EXPECT_THAT(PublishNow(Passing(Submitted(), v1::REVIEW_KIND_FACT_CHECK, kChecker)),
              FailsWith(StatusCode::kFailedPrecondition, "REVIEW_MISSING"));
  EXPECT_THAT(PublishNow(Written()), FailsWith(StatusCode::kFailedPrecondition, "WRONG_STATE"));
  EXPECT_EQ(PublishNow(Written()).message(),
            "can't publish an article that is draft; what can be done is: edit, submit, flag, retract");
}

TEST(Workflow, AsksForReviewAgainAfterAnEdit) {
  const v1::Draft reviewed = Reviewed();
  // Even back to the very text that was reviewed.
  const std::string other = std::string(kSampleSource) + "More.\n";
  const v1::Draft edited = Edit(reviewed, other, reviewed.etag(), kAuthor, kNow)->draft;
  EXPECT_THAT(PublishNow(edited), FailsWith(StatusCode::kFailedPrecondition, "WRONG_STATE"));
  const v1::Draft back = Edit(edited, kSampleSource, edited.etag(), kAuthor, kNow)->draft;
  EXPECT_THAT(PublishNow(Submit(back, kAuthor, kNow)->draft),
              FailsWith(StatusCode::kFailedPrecondition, "REVIEW_MISSING"));
}

TEST(Workflow, CountsNoReviewOfAnEarlierRoundOrOfAnotherText) {
  v1::Draft draft = Reviewed();
  draft.set_round(draft.round() + 1);
  EXPECT_THAT(CheckReviewed(draft), FailsWith(StatusCode::kFailedPrecondition, "REVIEW_MISSING"));
  draft = Reviewed();
  draft.set_etag("another");
  EXPECT_THAT(CheckReviewed(draft), FailsWith(StatusCode::kFailedPrecondition, "REVIEW_MISSING"));
}

TEST(Workflow, LetsTheLastVerdictOfAKindCount) {
  const v1::Draft reviewed = Reviewed();
  v1::Draft rejected = Judge(reviewed, Verdict(v1::REVIEW_KIND_FACT_CHECK, reviewed, false), kChecker, kNow)->draft;
  EXPECT_EQ(rejected.state(), v1::ARTICLE_STATE_DRAFT);
  EXPECT_THAT(CheckReviewed(rejected), FailsWith(StatusCode::kFailedPrecondition, "REVIEW_MISSING"));
}

TEST(Workflow, KeepsAuthorReviewerAndCheckerApart) {
  const v1::Draft draft = Submitted();
  const auth::Caller writing_doctor{"staff/ann", ROLE_CLINICIAN};
  EXPECT_THAT(Judge(draft, Verdict(v1::REVIEW_KIND_FACT_CHECK, draft), kAuthor, kNow),
              FailsWith(StatusCode::kFailedPrecondition, "SAME_PERSON"));
  EXPECT_THAT(Judge(draft, Verdict(v1::REVIEW_KIND_MEDICAL, draft), writing_doctor, kNow),
              FailsWith(StatusCode::kFailedPrecondition, "SAME_PERSON"));
  const v1::Draft half = Passing(draft, v1::REVIEW_KIND_MEDICAL, kDoctor);
  EXPECT_THAT(Judge(half, Verdict(v1::REVIEW_KIND_FACT_CHECK, half), kDoctor, kNow),
              FailsWith(StatusCode::kFailedPrecondition, "SAME_PERSON"));
  // A reviewer who then writes on it is an author.
  v1::Draft written = Reviewed();
  written.add_writers(kDoctor.subject);
  EXPECT_THAT(PublishNow(written), FailsWith(StatusCode::kFailedPrecondition, "SAME_PERSON"));
}

TEST(Workflow, ShowsReadersThreePeopleToo) {
  const v1::Draft half = Passing(Submitted(), v1::REVIEW_KIND_MEDICAL, kDoctor);
  for (const char* name : {"ann author", "\u0410nn  Author ", "rea reviewer, MD"}) {
    v1::Review verdict = Verdict(v1::REVIEW_KIND_FACT_CHECK, half);
    verdict.set_shown_name(name);
    EXPECT_THAT(Judge(half, verdict, kChecker, kNow), FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELD")) << name;
  }
}

TEST(Workflow, LetsACorrectedNameFreeTheOneThatWasGivenByMistake) {
  const v1::Draft draft = Submitted();
  v1::Review mistaken = Verdict(v1::REVIEW_KIND_FACT_CHECK, draft);
  mistaken.set_shown_name("Rea Reviewer, MD");
  const v1::Draft half = Judge(draft, mistaken, kChecker, kNow)->draft;
  EXPECT_THAT(Judge(half, Verdict(v1::REVIEW_KIND_MEDICAL, half), kDoctor, kNow),
              FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELD"));
  EXPECT_THAT(Judge(half, Verdict(v1::REVIEW_KIND_MEDICAL, half, false), kDoctor, kNow), IsOk());
  const v1::Draft corrected = Passing(half, v1::REVIEW_KIND_FACT_CHECK, kChecker);
  EXPECT_THAT(Judge(corrected, Verdict(v1::REVIEW_KIND_MEDICAL, corrected), kDoctor, kNow), IsOk());
}

TEST(Workflow, WorksOnWithATextThatSaysWhoReviewedIt) {
  v1::Draft former = Reviewed();
  std::string source = kSampleSource;
  former.set_source(source.replace(source.find("topic:"), 0, "reviewed: 2026-11-01\nmedical_reviewer: Somebody\n"));
  const EditorialChange published = *Publish(former, absl::InfinitePast(), "staff/pat", kNow);
  EXPECT_EQ(published.publish->medical_reviewer(), "Rea Reviewer, MD");
  EXPECT_THAT(Edit(former, former.source(), former.etag(), kAuthor, kNow),
              FailsWith(StatusCode::kInvalidArgument, "ARTICLE_REFUSED"));
}

TEST(Workflow, TakesVariantsOfASubjectForOnePerson) {
  const v1::Draft half = Passing(Submitted(), v1::REVIEW_KIND_MEDICAL, kDoctor);
  for (const char* subject : {"staff/ann ", "STAFF/Ann", "staff/\u0430nn", "clinicians/Rea"}) {
    const auth::Caller variant{subject, ROLE_STAFF};
    EXPECT_THAT(Judge(half, Verdict(v1::REVIEW_KIND_FACT_CHECK, half), variant, kNow),
                FailsWith(StatusCode::kFailedPrecondition, "SAME_PERSON"))
        << subject;
  }
}

TEST(Workflow, WantsANameThatReadersCanReadAndAReasonOfARejection) {
  const v1::Draft draft = Submitted();
  for (const char* nobody : {" ", "-", "\u00a0", "\u3000", "\u3164\u3164", "\u2800", "A"}) {
    v1::Review verdict = Verdict(v1::REVIEW_KIND_FACT_CHECK, draft);
    verdict.set_shown_name(nobody);
    EXPECT_THAT(Judge(draft, verdict, kChecker, kNow), FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELD"))
        << nobody;
  }
  v1::Review rejection = Verdict(v1::REVIEW_KIND_FACT_CHECK, draft, false);
  rejection.clear_note();
  EXPECT_THAT(Judge(draft, rejection, kChecker, kNow), FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELD"));
}

TEST(Workflow, TakesAMedicalReviewOfAClinicianAloneAndOfTheTextThatWasRead) {
  const v1::Draft draft = Submitted();
  EXPECT_THAT(Judge(draft, Verdict(v1::REVIEW_KIND_MEDICAL, draft), kChecker, kNow),
              FailsWith(StatusCode::kPermissionDenied, "NOT_A_CLINICIAN"));
  v1::Review stale = Verdict(v1::REVIEW_KIND_MEDICAL, draft);
  stale.set_etag("old");
  EXPECT_THAT(Judge(draft, stale, kDoctor, kNow), FailsWith(StatusCode::kAborted, "ETAG_MISMATCH"));
  EXPECT_THAT(Edit(draft, kSampleSource, "old", kAuthor, kNow), FailsWith(StatusCode::kAborted, "ETAG_MISMATCH"));
}

TEST(Workflow, PublishesAtItsTimeUnlessItIsEditedOrFlaggedBefore) {
  const absl::Time later = kNow + absl::Hours(24);
  const EditorialChange scheduled = *Publish(Reviewed(), later, "staff/pat", kNow);
  EXPECT_EQ(scheduled.draft.state(), v1::ARTICLE_STATE_SCHEDULED);
  EXPECT_FALSE(scheduled.publish);
  EXPECT_EQ(*WakeUp(scheduled.draft, later - absl::Seconds(1)), std::nullopt);
  const auto woken = *WakeUp(scheduled.draft, later);
  EXPECT_EQ(woken->draft.state(), v1::ARTICLE_STATE_PUBLISHED);
  EXPECT_EQ(FromProto(woken->publish->publish_time()), later);
  EXPECT_EQ(woken->entry.actor(), kServiceItself);
  const v1::Draft edited = Edit(scheduled.draft, kSampleSource, scheduled.draft.etag(), kAuthor, kNow)->draft;
  EXPECT_EQ(*WakeUp(edited, later), std::nullopt);
  EXPECT_EQ(*WakeUp(Flag(scheduled.draft, "a rule", "services/x", kNow)->draft, later), std::nullopt);
}

TEST(Workflow, PublishesNothingWhoseNextReviewIsDue) {
  const absl::Time due = absl::FromCivil(absl::CivilDay(2027, 11, 1), absl::UTCTimeZone());
  EXPECT_THAT(Publish(Reviewed(), due, "staff/pat", kNow),
              FailsWith(StatusCode::kFailedPrecondition, "REVIEW_DUE_PASSED"));
  v1::Draft scheduled = Publish(Reviewed(), kNow + absl::Hours(1), "staff/pat", kNow)->draft;
  const auto late = *WakeUp(scheduled, due);
  EXPECT_EQ(late->draft.state(), v1::ARTICLE_STATE_DRAFT) << "nobody woke it for a year";
  EXPECT_THAT(late->entry.note(), testing::HasSubstr("review_due"));
}

TEST(Workflow, MakesAPublishedArticleDueByItsDateOrByARule) {
  const v1::Draft published = Publish(Reviewed(), absl::InfinitePast(), "staff/pat", kNow)->draft;
  const absl::Time due = FromProto(published.review_due_time());
  EXPECT_EQ(*WakeUp(published, due - absl::Seconds(1)), std::nullopt);
  EXPECT_EQ((*WakeUp(published, due))->draft.state(), v1::ARTICLE_STATE_REVIEW_DUE);
  v1::Draft flagged = Flag(published, "triage changed: causes/sciatica", "services/x", kNow)->draft;
  EXPECT_EQ(flagged.state(), v1::ARTICLE_STATE_REVIEW_DUE);
  EXPECT_THAT(flagged.flags(), testing::ElementsAre("triage changed: causes/sciatica"));
  // The same text may be reviewed again, and that takes the flag away.
  flagged = Submit(flagged, kAuthor, kNow)->draft;
  EXPECT_THAT(PublishNow(flagged), FailsWith(StatusCode::kFailedPrecondition, "REVIEW_MISSING"));
  flagged = Passing(Passing(flagged, v1::REVIEW_KIND_MEDICAL, kDoctor), v1::REVIEW_KIND_FACT_CHECK, kChecker);
  EXPECT_THAT(Publish(flagged, absl::InfinitePast(), "staff/pat", kNow)->draft.flags(), testing::IsEmpty());
}

TEST(Workflow, LeadsNowhereFromARetractedArticle) {
  const v1::Draft retracted = Retract(Reviewed(), "wrong", "staff/pat", kNow)->draft;
  EXPECT_THAT(Edit(retracted, kSampleSource, retracted.etag(), kAuthor, kNow),
              FailsWith(StatusCode::kFailedPrecondition, "WRONG_STATE"));
  EXPECT_THAT(PublishNow(retracted), FailsWith(StatusCode::kFailedPrecondition, "WRONG_STATE"));
}

}  // namespace
}  // namespace lumbar::content
