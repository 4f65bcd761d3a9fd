#include "services/content/domain/workflow.h"

#include <absl/algorithm/container.h>
#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>
#include <absl/strings/str_replace.h>
#include <absl/strings/strip.h>

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/text/words.h"
#include "common/time/proto_time.h"
#include "services/content/domain/article_parser.h"
#include "services/content/errors.h"

namespace lumbar::content {
namespace {

constexpr absl::string_view kStepNames[] = {"create",  "edit",     "submit",   "approve", "reject",
                                            "publish", "schedule", "fall due", "flag",    "retract"};

absl::string_view NameOf(Step step) { return kStepNames[static_cast<size_t>(step)]; }

// "in review".
std::string InWords(v1::ArticleState state) {
  const std::string name = v1::ArticleState_Name(state);
  return absl::StrReplaceAll(absl::AsciiStrToLower(absl::StripPrefix(name, "ARTICLE_STATE_")), {{"_", " "}});
}

// `draft` after `step`, and the entry that tells of it.
absl::StatusOr<EditorialChange> Advance(const v1::Draft& draft, Step step, const std::string& actor, absl::Time now) {
  EditorialChange change{draft, {}};
  LUMBAR_ASSIGN_OR_RETURN(const v1::ArticleState to, StateAfter(draft.state(), step));
  change.draft.set_state(to);
  *change.draft.mutable_update_time() = ToProtoTime(now);
  if (to != v1::ARTICLE_STATE_SCHEDULED) change.draft.clear_schedule_time();
  change.entry.set_action(std::string(NameOf(step)));
  change.entry.set_actor(actor);
  change.entry.set_from(draft.state());
  change.entry.set_to(to);
  change.entry.set_etag(draft.etag());
  *change.entry.mutable_create_time() = ToProtoTime(now);
  return change;
}

std::string FileOf(const std::string& name) { return absl::StrCat(absl::StripPrefix(name, "articles/"), ".md"); }

void AddLinks(const v1::Article& article, v1::Draft& draft) {
  const auto add = [&](std::string link) {
    if (!absl::c_linear_search(draft.triage_links(), link)) draft.add_triage_links(std::move(link));
  };
  for (const std::string& rule : article.rules()) add("rules/" + rule);
  for (const std::string& cause : article.causes()) add("causes/" + cause);
}

// Puts a text in, written by `author`. What readers get may rest on other links than the text: both are kept.
void Take(const v1::Article& article, absl::string_view source, const std::string& author, EditorialChange& change) {
  v1::Draft& draft = change.draft;
  draft.set_source(std::string(source));
  draft.set_etag(DigestOf(source));
  draft.set_title(article.title());
  if (!absl::c_linear_search(draft.writers(), author)) draft.add_writers(author);
  draft.clear_reviews();
  draft.clear_shipped();
  AddLinks(article, draft);
  change.entry.set_etag(draft.etag());
}

// Also by variants of one subject, which an issuer of tokens may know as one account.
bool IsSamePerson(absl::string_view a, absl::string_view b) { return LooksAlike(a, b); }

bool Wrote(const v1::Draft& draft, const std::string& person) {
  return absl::c_any_of(draft.writers(), [&](const std::string& writer) { return IsSamePerson(writer, person); });
}

// Something to be called by: two letters or figures of ours, or a letter of a script that needs more bytes for one.
bool IsName(absl::string_view shown) { return absl::StrJoin(FoldedWords(shown), "").size() >= 2; }

// The verdict of `kind` that counts: the last. Null: there is none, or it didn't pass.
const v1::Review* Passed(const v1::Draft& draft, v1::ReviewKind kind) {
  const v1::Review* last = nullptr;
  for (const v1::Review& review : draft.reviews()) {
    if (review.kind() == kind && review.round() == draft.round() && review.etag() == draft.etag()) last = &review;
  }
  return last != nullptr && last->approved() ? last : nullptr;
}

// Whether readers would take `name` for one of the authors, or for who gave the other review that counts.
bool IsTaken(absl::string_view name, v1::ReviewKind kind, const v1::Draft& draft, const v1::Article& article) {
  const v1::Review* const other =
      Passed(draft, kind == v1::REVIEW_KIND_MEDICAL ? v1::REVIEW_KIND_FACT_CHECK : v1::REVIEW_KIND_MEDICAL);
  if (other != nullptr && LooksAlike(name, other->shown_name())) return true;
  return absl::c_any_of(article.authors(), [&](const std::string& author) { return LooksAlike(name, author); });
}

absl::Status CheckName(const v1::Review& verdict, const v1::Draft& draft) {
  LUMBAR_ASSIGN_OR_RETURN(const ParsedArticle parsed, ParseArticle(FileOf(draft.name()), draft.source(), Text::kTaken));
  if (!IsTaken(verdict.shown_name(), verdict.kind(), draft, parsed.article)) return absl::OkStatus();
  return InvalidField(
      "shown_name", "looks to readers like an author or the other reviewer; write it so that they can tell them apart");
}

// What readers are told of the reviews is what was recorded, whatever the front matter says.
absl::StatusOr<v1::Article> ArticleOf(const v1::Draft& draft, absl::Time now) {
  LUMBAR_ASSIGN_OR_RETURN(ParsedArticle parsed, ParseArticle(FileOf(draft.name()), draft.source(), Text::kTaken));
  v1::Article& article = parsed.article;
  const v1::Review& medical = *Passed(draft, v1::REVIEW_KIND_MEDICAL);
  const v1::Review& facts = *Passed(draft, v1::REVIEW_KIND_FACT_CHECK);
  article.set_medical_reviewer(medical.shown_name());
  article.set_fact_checker(facts.shown_name());
  *article.mutable_review_time() = medical.create_time();
  *article.mutable_publish_time() = ToProtoTime(now);
  if (FromProto(article.review_due_time()) <= now) return ReviewDuePassed();
  for (const v1::Review* review : {&medical, &facts}) {
    if (IsTaken(review->shown_name(), review->kind(), draft, article)) return SamePerson();
  }
  article.set_etag(EtagOf(article));
  return std::move(article);
}

void ShowTo(const v1::Article& article, EditorialChange& change) {
  *change.draft.mutable_review_due_time() = article.review_due_time();
  change.draft.clear_flags();
  change.draft.clear_triage_links();
  AddLinks(article, change.draft);
  change.publish = article;
}

}  // namespace

absl::StatusOr<v1::ArticleState> StateAfter(v1::ArticleState from, Step step) {
  const auto legal = [&](const Transition& row) { return row.from == from && row.step == step; };
  const auto* const row = std::find_if(std::begin(kTransitions), std::end(kTransitions), legal);
  if (row != std::end(kTransitions)) return row->to;
  std::vector<absl::string_view> others;
  for (const Transition& other : kTransitions) {
    if (other.from == from) others.push_back(NameOf(other.step));
  }
  return WrongState(NameOf(step), InWords(from), others);
}

absl::Status CheckReviewed(const v1::Draft& draft) {
  const v1::Review* const medical = Passed(draft, v1::REVIEW_KIND_MEDICAL);
  const v1::Review* const facts = Passed(draft, v1::REVIEW_KIND_FACT_CHECK);
  if (medical == nullptr) return ReviewMissing("medical review");
  if (facts == nullptr) return ReviewMissing("fact check");
  if (Wrote(draft, medical->reviewer()) || Wrote(draft, facts->reviewer())) return SamePerson();
  return IsSamePerson(medical->reviewer(), facts->reviewer()) ? SamePerson() : absl::OkStatus();
}

absl::StatusOr<EditorialChange> Create(absl::string_view name, absl::string_view source, const auth::Caller& author,
                                       absl::Time now) {
  v1::Draft draft;
  draft.set_name(std::string(name));
  LUMBAR_ASSIGN_OR_RETURN(const ParsedArticle parsed, ParseArticle(FileOf(draft.name()), source));
  LUMBAR_ASSIGN_OR_RETURN(EditorialChange change, Advance(draft, Step::kCreate, author.subject, now));
  Take(parsed.article, source, author.subject, change);
  return change;
}

absl::StatusOr<EditorialChange> Edit(const v1::Draft& draft, absl::string_view source, absl::string_view etag,
                                     const auth::Caller& author, absl::Time now) {
  LUMBAR_ASSIGN_OR_RETURN(EditorialChange change, Advance(draft, Step::kEdit, author.subject, now));
  if (etag != draft.etag()) return EtagMismatch();
  LUMBAR_ASSIGN_OR_RETURN(const ParsedArticle parsed, ParseArticle(FileOf(draft.name()), source));
  Take(parsed.article, source, author.subject, change);
  return change;
}

absl::StatusOr<EditorialChange> Submit(const v1::Draft& draft, const auth::Caller& by, absl::Time now) {
  LUMBAR_ASSIGN_OR_RETURN(EditorialChange change, Advance(draft, Step::kSubmit, by.subject, now));
  change.draft.set_round(draft.round() + 1);
  change.draft.clear_reviews();
  change.draft.clear_shipped();
  return change;
}

absl::StatusOr<EditorialChange> Judge(const v1::Draft& draft, v1::Review verdict, const auth::Caller& reviewer,
                                      absl::Time now) {
  const Step step = verdict.approved() ? Step::kApprove : Step::kReject;
  LUMBAR_ASSIGN_OR_RETURN(EditorialChange change, Advance(draft, step, reviewer.subject, now));
  if (verdict.etag() != draft.etag()) return EtagMismatch();
  if (verdict.kind() == v1::REVIEW_KIND_MEDICAL && reviewer.role != options::v1::ROLE_CLINICIAN) return NotAClinician();
  if (Wrote(draft, reviewer.subject)) return SamePerson();
  for (const v1::Review& other : draft.reviews()) {
    if (other.kind() != verdict.kind() && IsSamePerson(other.reviewer(), reviewer.subject)) return SamePerson();
  }
  if (!IsName(verdict.shown_name())) return InvalidField("shown_name", "must be a person's name, e.g. Rea Roe, MD");
  if (!verdict.approved() && verdict.note().empty()) return InvalidField("note", "say what is wrong, for the author");
  // Of who says no readers hear nothing.
  if (verdict.approved()) LUMBAR_RETURN_IF_ERROR(CheckName(verdict, draft));
  verdict.set_reviewer(reviewer.subject);
  verdict.set_round(draft.round());
  *verdict.mutable_create_time() = ToProtoTime(now);
  change.entry.set_note(absl::StrCat(verdict.kind() == v1::REVIEW_KIND_MEDICAL ? "medical review" : "fact check",
                                     verdict.note().empty() ? "" : ": ", verdict.note()));
  *change.draft.add_reviews() = std::move(verdict);
  return change;
}

absl::StatusOr<EditorialChange> Publish(const v1::Draft& draft, absl::Time schedule_time, const std::string& by,
                                        absl::Time now) {
  const bool later = schedule_time > now;
  LUMBAR_ASSIGN_OR_RETURN(EditorialChange change, Advance(draft, later ? Step::kSchedule : Step::kPublish, by, now));
  LUMBAR_RETURN_IF_ERROR(CheckReviewed(draft));
  LUMBAR_ASSIGN_OR_RETURN(const v1::Article article, ArticleOf(draft, std::max(now, schedule_time)));
  if (later) {
    *change.draft.mutable_schedule_time() = ToProtoTime(schedule_time);
  } else {
    ShowTo(article, change);
  }
  return change;
}

absl::StatusOr<std::optional<EditorialChange>> WakeUp(const v1::Draft& draft, absl::Time now) {
  if (WakeTime(draft) > now) return std::nullopt;
  absl::Status unpublished;
  if (draft.state() == v1::ARTICLE_STATE_SCHEDULED) {
    auto published = Publish(draft, now, kServiceItself, now);
    if (published.ok()) return *std::move(published);
    unpublished = published.status();
  }
  LUMBAR_ASSIGN_OR_RETURN(EditorialChange change, Advance(draft, Step::kFallDue, kServiceItself, now));
  change.entry.set_note(std::string(unpublished.message()));
  return change;
}

std::string TriageChanged(absl::string_view link) { return absl::StrCat("triage changed: ", link); }

absl::StatusOr<EditorialChange> Flag(const v1::Draft& draft, absl::string_view why, const std::string& by,
                                     absl::Time now) {
  LUMBAR_ASSIGN_OR_RETURN(EditorialChange change, Advance(draft, Step::kFlag, by, now));
  if (!absl::c_linear_search(draft.flags(), why)) change.draft.add_flags(std::string(why));
  change.entry.set_note(std::string(why));
  return change;
}

absl::StatusOr<EditorialChange> Retract(const v1::Draft& draft, absl::string_view reason, const std::string& by,
                                        absl::Time now) {
  LUMBAR_ASSIGN_OR_RETURN(EditorialChange change, Advance(draft, Step::kRetract, by, now));
  change.draft.set_retraction_reason(std::string(reason));
  change.entry.set_note(std::string(reason));
  change.withdraw = true;
  return change;
}

absl::Time WakeTime(const v1::Draft& draft) {
  if (draft.state() == v1::ARTICLE_STATE_SCHEDULED) return FromProto(draft.schedule_time());
  if (draft.state() == v1::ARTICLE_STATE_PUBLISHED) return FromProto(draft.review_due_time());
  return absl::InfiniteFuture();
}

}  // namespace lumbar::content
