#include "services/content/domain/desk.h"

#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/strip.h>

#include <string>
#include <utility>
#include <vector>

#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/store/page_token.h"
#include "common/time/proto_time.h"
#include "services/content/domain/article_parser.h"
#include "services/content/domain/workflow.h"
#include "services/content/errors.h"

namespace lumbar::content {
namespace {

constexpr int kUsualRows = 50, kMostRows = 200;
constexpr absl::Duration kFarthestSchedule = absl::Hours(24 * 366);

using Changed = absl::StatusOr<std::optional<EditorialChange>>;

// An act on an article that must be there.
template <typename Act>
auto OnExisting(Act act) {
  return [act](const v1::Draft* draft, absl::Time now) -> Changed {
    if (draft == nullptr) return ArticleNotFound();
    return act(*draft, now);
  };
}

template <typename Response>
absl::StatusOr<Response> Shown(const absl::StatusOr<v1::Draft>& draft) {
  LUMBAR_RETURN_IF_ERROR(draft.status());
  Response response;
  *response.mutable_article() = Preview(*draft);
  return response;
}

// A page of rows that are counted: `rows` holds one more than `size` if there is another page.
template <typename Row, typename Add>
std::string FillPage(std::vector<Row>& rows, int size, absl::string_view query, Add add) {
  const bool more = rows.size() > static_cast<size_t>(size);
  if (more) rows.resize(static_cast<size_t>(size));
  std::string last;
  for (Row& row : rows) last = add(std::move(row));
  return more ? store::EncodePageToken(last, query) : "";
}

absl::StatusOr<int64_t> DecodeNumber(const std::string& token, absl::string_view query) {
  LUMBAR_ASSIGN_OR_RETURN(const std::string key, store::DecodePageToken(token, query));
  int64_t number = 0;
  // Who made the token wrote a number.
  (void)absl::SimpleAtoi(key, &number);
  return number;
}

}  // namespace

v1::Article Preview(const v1::Draft& draft) {
  v1::Article article;
  const std::string file = absl::StrCat(absl::StripPrefix(draft.name(), "articles/"), ".md");
  if (auto parsed = ParseArticle(file, draft.source(), Text::kTaken); parsed.ok()) article = std::move(parsed->article);
  article.set_name(draft.name());
  article.set_state(draft.state());
  article.set_etag(draft.etag());
  article.set_revision(draft.revision());
  return article;
}

absl::Time AnnounceChange(ArticleStore& shelf, absl::string_view name, const absl::StatusOr<v1::Draft>& changed) {
  ShelfChange change{std::string(name)};
  if (changed.ok()) {
    change.retracted = changed->state() == v1::ARTICLE_STATE_RETRACTED;
    change.revision = changed->revision() + (change.retracted ? 1 : 0);
  }
  return shelf.Announce(change);
}

absl::StatusOr<v1::CreateArticleResponse> Desk::CreateArticle(const rpc::CallContext& context,
                                                              const v1::CreateArticleRequest& request) {
  const std::string name = absl::StrCat("articles/", request.article_id());
  const auto act = [&](const v1::Draft* draft, absl::Time now) -> Changed {
    if (draft != nullptr) return ArticleExists();
    return Create(name, request.source(), context.caller(), now);
  };
  return Shown<v1::CreateArticleResponse>(drafts_.Change(context.mutation(), name, act));
}

absl::StatusOr<v1::UpdateDraftResponse> Desk::UpdateDraft(const rpc::CallContext& context,
                                                          const v1::UpdateDraftRequest& request) {
  const auto act = OnExisting([&](const v1::Draft& draft, absl::Time now) -> Changed {
    return Edit(draft, request.source(), request.etag(), context.caller(), now);
  });
  return Shown<v1::UpdateDraftResponse>(drafts_.Change(context.mutation(), request.name(), act));
}

absl::StatusOr<v1::SubmitForReviewResponse> Desk::SubmitForReview(const rpc::CallContext& context,
                                                                  const v1::SubmitForReviewRequest& request) {
  const auto act = OnExisting(
      [&](const v1::Draft& draft, absl::Time now) -> Changed { return Submit(draft, context.caller(), now); });
  return Shown<v1::SubmitForReviewResponse>(drafts_.Change(context.mutation(), request.name(), act));
}

absl::StatusOr<v1::RecordReviewResponse> Desk::RecordReview(const rpc::CallContext& context,
                                                            const v1::RecordReviewRequest& request) {
  v1::Review verdict;
  verdict.set_kind(request.kind());
  verdict.set_shown_name(request.shown_name());
  verdict.set_approved(request.approved());
  verdict.set_note(request.note());
  verdict.set_etag(request.etag());
  const auto act = OnExisting(
      [&](const v1::Draft& draft, absl::Time now) -> Changed { return Judge(draft, verdict, context.caller(), now); });
  return Shown<v1::RecordReviewResponse>(drafts_.Change(context.mutation(), request.name(), act));
}

absl::StatusOr<v1::PublishArticleResponse> Desk::PublishArticle(const rpc::CallContext& context,
                                                                const v1::PublishArticleRequest& request) {
  const bool later = request.has_schedule_time();
  const absl::Time schedule = later ? FromProto(request.schedule_time()) : absl::InfinitePast();
  const auto act = OnExisting([&](const v1::Draft& draft, absl::Time now) -> Changed {
    if (later && schedule <= now) return InvalidField("schedule_time", "is over; leave it out to publish now");
    if (schedule > now + kFarthestSchedule) return InvalidField("schedule_time", "is more than a year ahead");
    return Publish(draft, schedule, context.caller().subject, now);
  });
  shelf_.Prepare(request.name());
  const absl::StatusOr<v1::Draft> published = drafts_.Change(context.mutation(), request.name(), act);
  AnnounceChange(shelf_, request.name(), published);
  return Shown<v1::PublishArticleResponse>(published);
}

absl::StatusOr<v1::RetractArticleResponse> Desk::RetractArticle(const rpc::CallContext& context,
                                                                const v1::RetractArticleRequest& request) {
  const auto act = OnExisting([&](const v1::Draft& draft, absl::Time now) -> Changed {
    return Retract(draft, request.reason(), context.caller().subject, now);
  });
  shelf_.Prepare(request.name());
  const absl::StatusOr<v1::Draft> retracted = drafts_.Change(context.mutation(), request.name(), act);
  const absl::Time gone = AnnounceChange(shelf_, request.name(), retracted);
  LUMBAR_ASSIGN_OR_RETURN(auto response, Shown<v1::RetractArticleResponse>(retracted));
  *response.mutable_gone_time() = gone == absl::InfinitePast() ? retracted->update_time() : ToProtoTime(gone);
  return response;
}

absl::StatusOr<v1::FlagArticlesResponse> Desk::FlagArticles(const rpc::CallContext& context,
                                                            const v1::FlagArticlesRequest& request) {
  return drafts_.CompareLinks(context.mutation(), {request.links().begin(), request.links().end()},
                              [&](const v1::Draft& draft, absl::string_view link, absl::Time now) {
                                return Flag(draft, TriageChanged(link), context.caller().subject, now);
                              });
}

absl::StatusOr<v1::ListRevisionsResponse> Desk::ListRevisions(const rpc::CallContext&,
                                                              const v1::ListRevisionsRequest& request) {
  LUMBAR_ASSIGN_OR_RETURN(const int size, store::PageSize(request.page_size(), kUsualRows, kMostRows));
  LUMBAR_ASSIGN_OR_RETURN(const int64_t before, DecodeNumber(request.page_token(), request.name()));
  LUMBAR_ASSIGN_OR_RETURN(auto rows, drafts_.Revisions(request.name(), before, size + 1));
  v1::ListRevisionsResponse response;
  response.set_next_page_token(FillPage(rows, size, request.name(), [&](v1::Article&& row) {
    *response.add_articles() = std::move(row);
    return absl::StrCat(response.articles().rbegin()->revision());
  }));
  return response;
}

absl::StatusOr<v1::GetDraftResponse> Desk::GetDraft(const rpc::CallContext&, const v1::GetDraftRequest& request) {
  v1::GetDraftResponse response;
  LUMBAR_ASSIGN_OR_RETURN(*response.mutable_draft(), drafts_.Get(request.name()));
  return response;
}

absl::StatusOr<v1::ListDraftsResponse> Desk::ListDrafts(const rpc::CallContext&, const v1::ListDraftsRequest& request) {
  const std::string query = absl::StrCat("drafts ", request.state());
  LUMBAR_ASSIGN_OR_RETURN(const int size, store::PageSize(request.page_size(), kUsualRows, kMostRows));
  LUMBAR_ASSIGN_OR_RETURN(const std::string after, store::DecodePageToken(request.page_token(), query));
  LUMBAR_ASSIGN_OR_RETURN(auto rows, drafts_.List({request.state(), after, size + 1}));
  v1::ListDraftsResponse response;
  response.set_next_page_token(FillPage(rows, size, query, [&](v1::Draft&& row) {
    *response.add_drafts() = std::move(row);
    return response.drafts().rbegin()->name();
  }));
  return response;
}

absl::StatusOr<v1::ListStepsResponse> Desk::ListSteps(const rpc::CallContext&, const v1::ListStepsRequest& request) {
  const std::string query = absl::StrCat("steps ", request.name());
  LUMBAR_ASSIGN_OR_RETURN(const int size, store::PageSize(request.page_size(), kUsualRows, kMostRows));
  LUMBAR_ASSIGN_OR_RETURN(const int64_t after, DecodeNumber(request.page_token(), query));
  LUMBAR_ASSIGN_OR_RETURN(auto rows, drafts_.Steps(request.name(), after, size + 1));
  v1::ListStepsResponse response;
  response.set_next_page_token(FillPage(rows, size, query, [&](v1::EditorialStep&& row) {
    *response.add_steps() = std::move(row);
    return absl::StrCat(response.steps().rbegin()->number());
  }));
  return response;
}

}  // namespace lumbar::content
