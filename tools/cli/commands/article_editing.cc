// For authors, reviewers and editors: an article through the editorial process.
#include <CLI/CLI.hpp>
#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>

#include <filesystem>
#include <map>
#include <memory>
#include <ostream>
#include <vector>

#include "common/status/errors.h"
#include "common/status/macros.h"
#include "lumbar/content/v1/editorial_service.pb.h"
#include "services/content/domain/article_parser.h"
#include "services/content/errors.h"
#include "tools/cli/commands/article_commands.h"
#include "tools/cli/commands/change.h"
#include "tools/cli/commands/paging.h"
#include "tools/cli/commands/slot_text.h"
#include "tools/cli/errors.h"
#include "tools/cli/session.h"
#include "tools/cli/text.h"

namespace lumbar::cli {
namespace {

const std::map<std::string, content::v1::ReviewKind> kKinds = {{"medical", content::v1::REVIEW_KIND_MEDICAL},
                                                               {"fact-check", content::v1::REVIEW_KIND_FACT_CHECK}};

struct EditingFlags {
  std::vector<std::string> files;
  std::string name;
  std::string request_id;
  bool submit = false;
  std::string kind;
  bool rejected = false;
  std::string shown_name;
  std::string etag;
  std::string note;
  std::string at;
  std::string reason;
  std::string state;
  Paging paging;
};

std::string StateText(content::v1::ArticleState state) {
  return Label(content::v1::ArticleState_Name(state), "ARTICLE_STATE_");
}

ExitCode Tell(const content::v1::Article& article, const Session& session) {
  if (session.flags.json) return ExitCode::kOk;
  session.world.out << Plain(article.name()) << ": " << StateText(article.state()) << ", etag " << Plain(article.etag())
                    << "\n";
  return ExitCode::kOk;
}

// The route of a verb on the article of `flags`.
std::string VerbOf(const EditingFlags& flags, const char* verb) { return absl::StrCat("/v1/", flags.name, ":", verb); }

absl::StatusOr<ExitCode> SubmitIt(const EditingFlags& flags, const Session& session) {
  content::v1::SubmitForReviewRequest request;
  request.set_request_id(flags.request_id);
  request.set_name(flags.name);
  content::v1::Article article;
  LUMBAR_RETURN_IF_ERROR(Change(session, VerbOf(flags, "submitForReview"), request, article));
  return Tell(article, session);
}

// What the server has; without an etag if it has none. Says nothing on stdout.
absl::StatusOr<content::v1::Draft> Known(const std::string& name, const Session& session) {
  Session quiet = session;
  quiet.flags.json = false;
  content::v1::Draft draft;
  const absl::Status known = Get(quiet, absl::StrCat("/v1/", name, "/draft"), draft);
  if (ReasonOf(known) == "ARTICLE_NOT_FOUND") return content::v1::Draft();
  LUMBAR_RETURN_IF_ERROR(known);
  return draft;
}

struct Written {
  std::string id;
  std::string source;
};

absl::Status CreateIt(const Written& text, const Session& session) {
  content::v1::CreateArticleRequest request;
  request.set_article_id(text.id);
  request.set_source(text.source);
  content::v1::Article article;
  LUMBAR_RETURN_IF_ERROR(Change(session, "/v1/articles", request, article));
  Tell(article, session);
  return absl::OkStatus();
}

absl::Status UpdateIt(const content::v1::Draft& known, const Written& text, const Session& session) {
  content::v1::UpdateDraftRequest request;
  request.set_name(known.name());
  request.set_source(text.source);
  request.set_etag(known.etag());
  content::v1::Article article;
  LUMBAR_RETURN_IF_ERROR(Change(session, absl::StrCat("/v1/", known.name(), ":updateDraft"), request, article));
  Tell(article, session);
  return absl::OkStatus();
}

absl::Status ImportText(const Written& text, const EditingFlags& flags, const Session& session) {
  const std::string name = "articles/" + text.id;
  LUMBAR_ASSIGN_OR_RETURN(const content::v1::Draft known, Known(name, session));
  if (known.etag().empty()) {
    LUMBAR_RETURN_IF_ERROR(CreateIt(text, session));
  } else if (known.source() != text.source) {
    LUMBAR_RETURN_IF_ERROR(UpdateIt(known, text, session));
  } else {
    // To send it again would take its reviews away.
    if (!session.flags.json) session.world.out << name << ": unchanged, " << StateText(known.state()) << "\n";
    if (known.state() != content::v1::ARTICLE_STATE_DRAFT) return absl::OkStatus();
  }
  if (!flags.submit) return absl::OkStatus();
  EditingFlags next;
  next.name = name;
  return SubmitIt(next, session).status();
}

// Nothing is sent while one of the files is wrong.
absl::StatusOr<ExitCode> Import(const EditingFlags& flags, const Session& session) {
  std::vector<Written> texts;
  std::vector<std::string> problems;
  for (const std::string& path : flags.files) {
    const std::filesystem::path file(path);
    LUMBAR_ASSIGN_OR_RETURN(std::string source, ReadInput(path, session.world.in));
    const auto parsed = content::ParseArticle(file.filename().string(), source);
    if (!parsed.ok()) problems.emplace_back(parsed.status().message());
    texts.push_back({file.stem().string(), std::move(source)});
  }
  if (!problems.empty()) return content::ArticleRefused(problems);
  for (const Written& text : texts) LUMBAR_RETURN_IF_ERROR(ImportText(text, flags, session));
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> Review(const EditingFlags& flags, const Session& session) {
  content::v1::RecordReviewRequest request;
  request.set_request_id(flags.request_id);
  request.set_name(flags.name);
  request.set_kind(kKinds.at(flags.kind));
  request.set_approved(!flags.rejected);
  request.set_etag(flags.etag);
  request.set_shown_name(flags.shown_name);
  request.set_note(flags.note);
  content::v1::Article article;
  LUMBAR_RETURN_IF_ERROR(Change(session, VerbOf(flags, "recordReview"), request, article));
  return Tell(article, session);
}

absl::StatusOr<ExitCode> Publish(const EditingFlags& flags, const Session& session) {
  content::v1::PublishArticleRequest request;
  request.set_request_id(flags.request_id);
  request.set_name(flags.name);
  if (!flags.at.empty()) *request.mutable_schedule_time() = InstantOf(flags.at);
  content::v1::Article article;
  LUMBAR_RETURN_IF_ERROR(Change(session, VerbOf(flags, "publish"), request, article));
  return Tell(article, session);
}

absl::StatusOr<ExitCode> Retract(const EditingFlags& flags, const Session& session) {
  content::v1::RetractArticleRequest request;
  request.set_request_id(flags.request_id);
  request.set_name(flags.name);
  request.set_reason(flags.reason);
  content::v1::RetractArticleResponse retracted;
  LUMBAR_RETURN_IF_ERROR(Change(session, VerbOf(flags, "retract"), request, retracted));
  Tell(retracted.article(), session);
  if (session.flags.json) return ExitCode::kOk;
  session.world.out << "No reader gets it any more from " << UtcTime(retracted.gone_time()) << " on.\n";
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> ShowDraft(const EditingFlags& flags, const Session& session) {
  content::v1::Draft draft;
  LUMBAR_RETURN_IF_ERROR(Get(session, absl::StrCat("/v1/", flags.name, "/draft"), draft));
  if (session.flags.json) return ExitCode::kOk;
  auto& out = session.world.out;
  out << Plain(draft.name()) << ": " << StateText(draft.state()) << ", etag " << Plain(draft.etag()) << "\n"
      << Wrapped(absl::StrJoin(draft.writers(), ", "), "Written by ");
  for (const content::v1::Review& review : draft.reviews()) {
    out << Wrapped(
        absl::StrCat(Label(content::v1::ReviewKind_Name(review.kind()), "REVIEW_KIND_"), " by ", review.reviewer(),
                     ", shown as ", review.shown_name(), ": ", review.approved() ? "passed" : "not passed",
                     review.note().empty() ? "" : "; ", review.note()),
        "  - ");
  }
  for (const std::string& flag : draft.flags()) out << Wrapped(flag, "  ! ");
  out << "\n" << Plain(draft.source());
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> ListDrafts(const EditingFlags& flags, const Session& session) {
  content::v1::ListDraftsResponse found;
  const std::string state = flags.state.empty() ? "" : "ARTICLE_STATE_" + flags.state;
  LUMBAR_RETURN_IF_ERROR(Get(
      session,
      Route("/v1/drafts", {{"state", state}, {"pageSize", flags.paging.SizeText()}, {"pageToken", flags.paging.token}}),
      found));
  if (session.flags.json) return ExitCode::kOk;
  std::vector<std::vector<std::string>> rows = {{"NAME", "STATE", "CHANGED (UTC)", "FLAGS"}};
  for (const auto& draft : found.drafts()) {
    rows.push_back(
        {draft.name(), StateText(draft.state()), UtcTime(draft.update_time()), absl::StrJoin(draft.flags(), "; ")});
  }
  session.world.out << Table(rows) << MoreText(found.next_page_token());
  return ExitCode::kOk;
}

using Action = absl::StatusOr<ExitCode> (*)(const EditingFlags&, const Session&);
using Flags = std::shared_ptr<EditingFlags>;

CLI::App* AddAction(CLI::App& article, const char* name, const char* about, Action action, const Flags& flags,
                    Session& session) {
  auto* command = article.add_subcommand(name, about);
  command->callback(
      [action, flags, &session] { session.command = [action, flags, &session] { return action(*flags, session); }; });
  return command;
}

CLI::App* AddStep(CLI::App& article, const char* name, const char* about, Action action, const Flags& flags,
                  Session& session) {
  auto* command = AddAction(article, name, about, action, flags, session);
  command->add_option("NAME", flags->name, "e.g. articles/sciatica")->required()->check(NameIn("articles"));
  AddRequestId(*command, flags->request_id);
  return command;
}

void AddReview(CLI::App& article, const Flags& flags, Session& session) {
  auto* review = AddStep(article, "review", "Records a verdict on the text that was read", &Review, flags, session);
  review->add_option("--kind", flags->kind, "medical (by a clinician) or fact-check")
      ->required()
      ->check(CLI::IsMember({"medical", "fact-check"}));
  review->add_option("--etag", flags->etag, "of the text that was read, as `draft` shows it")->required();
  review->add_option("--shown-name", flags->shown_name, "as readers will see it, e.g. \"Rea Roe, MD\"")->required();
  review->add_flag("--rejected", flags->rejected, "it did not pass; without this flag it did");
  review->add_option("--note", flags->note, "for the author");
}

}  // namespace

void AddEditing(CLI::App& article, Session& session) {
  const auto flags = std::make_shared<EditingFlags>();
  auto* import =
      AddAction(article, "import", "Makes drafts of files, or changes those that are there", &Import, flags, session);
  import->add_option("FILE", flags->files, "Markdown with front matter, named like sciatica.md")->required();
  import->add_flag("--submit", flags->submit, "hands them to their reviewers too");
  AddStep(article, "submit", "Hands a text to its reviewers", &SubmitIt, flags, session);
  AddReview(article, flags, session);
  AddStep(article, "publish", "Publishes what both reviews passed", &Publish, flags, session)
      ->add_option("--at", flags->at, "later, at this time (RFC 3339)")
      ->check(InstantText());
  AddStep(article, "retract", "Withdraws an article from every reader, for good", &Retract, flags, session)
      ->add_option("--reason", flags->reason, "why, for the record")
      ->required();
  AddAction(article, "draft", "Shows a text and what was said of it", &ShowDraft, flags, session)
      ->add_option("NAME", flags->name, "e.g. articles/sciatica")
      ->required()
      ->check(NameIn("articles"));
  auto* drafts = AddAction(article, "drafts", "Lists articles of the editorial process", &ListDrafts, flags, session);
  drafts->add_option("--state", flags->state, "only these")
      ->check(CLI::IsMember({"DRAFT", "IN_REVIEW", "SCHEDULED", "PUBLISHED", "REVIEW_DUE", "RETRACTED"}));
  AddPaging(*drafts, flags->paging);
}

}  // namespace lumbar::cli
