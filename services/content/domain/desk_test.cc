#include "services/content/domain/desk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <thread>

#include "common/rpc/testing.h"
#include "common/status/matchers.h"
#include "common/store/resource_name.h"
#include "common/store/testing/engines.h"
#include "common/telemetry/log.h"
#include "common/time/proto_time.h"
#include "services/content/domain/wake.h"
#include "services/content/store/migrations.h"
#include "services/content/store/sql_article_store.h"
#include "services/content/store/sql_editorial_store.h"
#include "services/content/testing/samples.h"

namespace lumbar::content {
namespace {

using absl::StatusCode;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr char kName[] = "articles/sample";

// Remembers what was announced.
class AnnouncedStore final : public ArticleStore {
 public:
  explicit AnnouncedStore(ArticleStore& origin) : origin_(origin) {}
  absl::StatusOr<v1::Article> Get(absl::string_view name) override { return origin_.Get(name); }
  absl::StatusOr<std::vector<v1::Article>> List(const ArticleQuery& query) override { return origin_.List(query); }
  void Prepare(absl::string_view name) override { told.push_back(absl::StrCat("prepare ", name)); }
  absl::Time Announce(const ShelfChange& change) override {
    last = change;
    told.push_back(absl::StrCat("announce ", change.name));
    return gone;
  }

  ShelfChange last;
  std::vector<std::string> told;
  absl::Time gone = absl::InfinitePast();

 private:
  ArticleStore& origin_;
};

// The whole process, on every engine.
class DeskTest : public store::EngineTest {
 protected:
  void SetUp() override {
    InitLoggingTo(log_, "content", LogLevel::kError);
    ASSERT_THAT(MigrateContent(*database_, clock_), IsOk());
  }

  template <typename Request, typename Response>
  absl::StatusOr<Response> As(const std::string& who,
                              absl::StatusOr<Response> (Desk::*call)(const rpc::CallContext&, const Request&),
                              Request request) {
    if (const auto* id = request.GetDescriptor()->FindFieldByName("request_id")) {
      if (!request.GetReflection()->HasField(request, id) && request.GetReflection()->GetString(request, id).empty()) {
        request.GetReflection()->SetString(&request, id, store::NewUuid());
      }
    }
    const auto role = who == "rea" ? options::v1::ROLE_CLINICIAN : options::v1::ROLE_STAFF;
    return (desk_.*call)(rpc::TestContext(role, who, request), request);
  }

  absl::StatusOr<v1::CreateArticleResponse> Write(const std::string& who = "ann") {
    v1::CreateArticleRequest request;
    request.set_article_id("sample");
    request.set_source(kSampleSource);
    return As(who, &Desk::CreateArticle, request);
  }
  absl::StatusOr<v1::UpdateDraftResponse> Update(const std::string& who, const std::string& source,
                                                 const std::string& etag) {
    v1::UpdateDraftRequest request;
    request.set_name(kName);
    request.set_source(source);
    request.set_etag(etag);
    return As(who, &Desk::UpdateDraft, request);
  }
  absl::StatusOr<v1::SubmitForReviewResponse> SubmitIt() {
    v1::SubmitForReviewRequest request;
    request.set_name(kName);
    return As("ann", &Desk::SubmitForReview, request);
  }
  absl::StatusOr<v1::RecordReviewResponse> Review(const std::string& who, v1::ReviewKind kind) {
    v1::RecordReviewRequest request;
    request.set_name(kName);
    request.set_kind(kind);
    request.set_approved(true);
    request.set_etag(DigestOf(Source()));
    request.set_shown_name("Dr " + who);
    return As(who, &Desk::RecordReview, request);
  }
  absl::StatusOr<v1::PublishArticleResponse> PublishIt(std::optional<absl::Time> when = std::nullopt) {
    v1::PublishArticleRequest request;
    request.set_name(kName);
    if (when) *request.mutable_schedule_time() = ToProtoTime(*when);
    return As("pat", &Desk::PublishArticle, request);
  }
  absl::StatusOr<v1::RetractArticleResponse> RetractIt() {
    v1::RetractArticleRequest request;
    request.set_name(kName);
    request.set_reason("A dose was wrong.");
    return As("pat", &Desk::RetractArticle, request);
  }
  absl::StatusOr<v1::FlagArticlesResponse> Compare(const std::vector<std::pair<std::string, std::string>>& links) {
    v1::FlagArticlesRequest request;
    for (const auto& [name, digest] : links) {
      request.add_links()->set_name(name);
      request.mutable_links()->rbegin()->set_digest(digest);
    }
    return As("pat", &Desk::FlagArticles, request);
  }
  void PassBothReviews() {
    ASSERT_THAT(SubmitIt(), IsOk());
    ASSERT_THAT(Review("rea", v1::REVIEW_KIND_MEDICAL), IsOk());
    ASSERT_THAT(Review("finn", v1::REVIEW_KIND_FACT_CHECK), IsOk());
  }
  void PublishSample() {
    ASSERT_THAT(Write(), IsOk());
    PassBothReviews();
    ASSERT_THAT(PublishIt(), IsOk());
  }

  v1::Draft Draft() { return drafts_.Get(kName).value_or(v1::Draft()); }
  std::string Source() { return Draft().source(); }
  std::vector<std::string> Actions() {
    v1::ListStepsRequest request;
    request.set_name(kName);
    const auto steps = As("pat", &Desk::ListSteps, request);
    EXPECT_THAT(steps, IsOk());
    std::vector<std::string> actions;
    for (const auto& step : steps->steps()) actions.push_back(absl::StrCat(step.action(), " by ", step.actor()));
    return actions;
  }

  std::ostringstream log_;
  FakeClock clock_{absl::FromCivil(absl::CivilDay(2026, 12, 1), absl::UTCTimeZone())};
  std::unique_ptr<store::Database> database_ = Open();
  SqlArticleStore sql_{*database_};
  AnnouncedStore shelf_{sql_};
  SqlEditorialStore drafts_{*database_, clock_};
  Desk desk_{drafts_, shelf_};
};

TEST_P(DeskTest, BringsAnArticleToItsReadersAndRecordsEveryStep) {
  PublishSample();
  ASSERT_OK_AND_ASSIGN(const v1::Article article, shelf_.Get(kName));
  EXPECT_EQ(article.medical_reviewer(), "Dr rea");
  EXPECT_EQ(article.fact_checker(), "Dr finn");
  EXPECT_EQ(article.state(), v1::ARTICLE_STATE_PUBLISHED);
  EXPECT_EQ(shelf_.last.revision, 1);
  EXPECT_THAT(shelf_.told, ElementsAre("prepare articles/sample", "announce articles/sample"));
  EXPECT_THAT(Actions(),
              ElementsAre("create by ann", "submit by ann", "approve by rea", "approve by finn", "publish by pat"));
}

TEST_P(DeskTest, ShowsReadersNothingWithoutBothReviews) {
  ASSERT_THAT(Write(), IsOk());
  EXPECT_THAT(PublishIt(), FailsWith(StatusCode::kFailedPrecondition, "WRONG_STATE"));
  ASSERT_THAT(SubmitIt(), IsOk());
  EXPECT_THAT(PublishIt(), FailsWith(StatusCode::kFailedPrecondition, "REVIEW_MISSING"));
  ASSERT_THAT(Review("rea", v1::REVIEW_KIND_MEDICAL), IsOk());
  EXPECT_THAT(PublishIt(), FailsWith(StatusCode::kFailedPrecondition, "REVIEW_MISSING"));
  EXPECT_THAT(PublishIt(clock_.Now() + absl::Hours(1)), FailsWith(StatusCode::kFailedPrecondition, "REVIEW_MISSING"));
  EXPECT_THAT(shelf_.Get(kName), FailsWith(StatusCode::kNotFound, "ARTICLE_NOT_FOUND"));
  EXPECT_EQ(Actions().size(), 3u) << "a refused step leaves no trace in the article";
}

// Whatever a caller of the store hands over, it asks for the reviews itself.
TEST_P(DeskTest, RefusesAtTheStoreWhatSkipsTheReviews) {
  ASSERT_THAT(Write(), IsOk());
  const auto skipping = [](const v1::Draft* draft, absl::Time) -> absl::StatusOr<std::optional<EditorialChange>> {
    EditorialChange change{*draft, {}};
    change.publish = SampleArticle("sample");
    return change;
  };
  EXPECT_THAT(drafts_.Change({}, kName, skipping), FailsWith(StatusCode::kFailedPrecondition, "REVIEW_MISSING"));
  EXPECT_THAT(shelf_.Get(kName), StatusIs(StatusCode::kNotFound));
}

TEST_P(DeskTest, KeepsReadersOnTheirRevisionWhileAnEditWaitsForReview) {
  PublishSample();
  const std::string better = std::string(kSampleSource) + "Better.\n";
  ASSERT_OK_AND_ASSIGN(const auto edited, Update("ann", better, Draft().etag()));
  EXPECT_EQ(edited.article().state(), v1::ARTICLE_STATE_DRAFT);
  EXPECT_EQ(shelf_.Get(kName)->revision(), 1);
  EXPECT_THAT(PublishIt(), FailsWith(StatusCode::kFailedPrecondition, "WRONG_STATE"));
  PassBothReviews();
  ASSERT_THAT(PublishIt(), IsOk());
  EXPECT_EQ(shelf_.Get(kName)->revision(), 2);
  v1::ListRevisionsRequest request;
  request.set_name(kName);
  request.set_page_size(1);
  ASSERT_OK_AND_ASSIGN(const auto newest, As("pat", &Desk::ListRevisions, request));
  EXPECT_EQ(newest.articles(0).revision(), 2);
  request.set_page_token(newest.next_page_token());
  ASSERT_OK_AND_ASSIGN(const auto first, As("pat", &Desk::ListRevisions, request));
  EXPECT_EQ(first.articles(0).revision(), 1);
  EXPECT_EQ(first.next_page_token(), "");
}

TEST_P(DeskTest, RefusesAnEditOfATextThatChangedMeanwhileAndAnArticleThatIsThere) {
  ASSERT_THAT(Write(), IsOk());
  const std::string etag = Draft().etag();
  ASSERT_THAT(Update("ann", std::string(kSampleSource) + "One.\n", etag), IsOk());
  EXPECT_THAT(Update("bob", std::string(kSampleSource) + "Two.\n", etag),
              FailsWith(StatusCode::kAborted, "ETAG_MISMATCH"));
  EXPECT_THAT(Write(), FailsWith(StatusCode::kAlreadyExists, "ARTICLE_EXISTS"));
  EXPECT_THAT(Update("ann", "nothing", Draft().etag()), FailsWith(StatusCode::kInvalidArgument, "ARTICLE_REFUSED"));
}

TEST_P(DeskTest, AnswersARepeatedRequestOnce) {
  v1::CreateArticleRequest request;
  request.set_request_id(store::NewUuid());
  request.set_article_id("sample");
  request.set_source(kSampleSource);
  ASSERT_OK_AND_ASSIGN(const auto first, As("ann", &Desk::CreateArticle, request));
  ASSERT_OK_AND_ASSIGN(const auto second, As("ann", &Desk::CreateArticle, request));
  EXPECT_EQ(first.SerializeAsString(), second.SerializeAsString());
  EXPECT_THAT(Actions(), SizeIs(1));
  request.set_article_id("other");
  EXPECT_THAT(As("ann", &Desk::CreateArticle, request), FailsWith(StatusCode::kInvalidArgument, "REQUEST_ID_REUSED"));
}

TEST_P(DeskTest, TakesARetractedArticleFromReadersForGood) {
  PublishSample();
  shelf_.gone = clock_.Now() + absl::Seconds(30);
  ASSERT_OK_AND_ASSIGN(const auto retracted, RetractIt());
  EXPECT_EQ(FromProto(retracted.gone_time()), shelf_.gone);
  EXPECT_TRUE(shelf_.last.retracted);
  EXPECT_EQ(shelf_.last.revision, 2);
  EXPECT_THAT(shelf_.Get(kName), FailsWith(StatusCode::kNotFound, "ARTICLE_NOT_FOUND"));
  EXPECT_THAT(*shelf_.List({.limit = 10}), IsEmpty());
  EXPECT_THAT(RetractIt(), FailsWith(StatusCode::kFailedPrecondition, "WRONG_STATE"));
  EXPECT_THAT(SubmitIt(), FailsWith(StatusCode::kFailedPrecondition, "WRONG_STATE"));
  EXPECT_THAT(Write(), FailsWith(StatusCode::kAlreadyExists, "ARTICLE_EXISTS"));
  EXPECT_EQ(drafts_.Revisions(kName, 0, 10)->size(), 1u) << "revisions are kept for ever";
  EXPECT_EQ(Draft().retraction_reason(), "A dose was wrong.");
}

// From a database of before there was an editorial process.
TEST_P(DeskTest, RetractsAnArticleWhoseTextItNeverSaw) {
  const auto scratch = GetParam().scratch();
  ASSERT_OK_AND_ASSIGN(const auto old, store::Database::Open({.url = scratch->url()}));
  auto first = ContentMigrations();
  first.back().files = first.back().files.subspan(0, 1);
  ASSERT_THAT(old->Migrate(first, clock_), IsOk());
  ASSERT_THAT(old->Write([](soci::session& session) -> absl::Status {
    session << "INSERT INTO article_revision (name, revision, etag, body, create_time) VALUES ('articles/sample', 2, "
               "'e', '{}', 0)";
    session << "INSERT INTO article (name, revision, etag, title, topic, listing) VALUES ('articles/sample', 2, 'e', "
               "'Old', 'causes', '{}')";
    return absl::OkStatus();
  }),
              IsOk());
  ASSERT_THAT(MigrateContent(*old, clock_), IsOk());
  SqlArticleStore readers(*old);
  SqlEditorialStore drafts(*old, clock_);
  Desk desk(drafts, readers);
  ASSERT_THAT(readers.Get(kName), IsOk());
  v1::RetractArticleRequest request;
  request.set_request_id(store::NewUuid());
  request.set_name(kName);
  request.set_reason("A dose was wrong.");
  ASSERT_THAT(desk.RetractArticle(rpc::TestContext(options::v1::ROLE_STAFF, "pat", request), request), IsOk());
  EXPECT_THAT(readers.Get(kName), FailsWith(StatusCode::kNotFound, "ARTICLE_NOT_FOUND"));
}

TEST_P(DeskTest, RetractsATextThatWouldBeRefusedToday) {
  PublishSample();
  const auto older = [](const v1::Draft* draft, absl::Time) -> absl::StatusOr<std::optional<EditorialChange>> {
    EditorialChange change{*draft, {}};
    change.draft.set_source("what was an article once");
    return change;
  };
  ASSERT_THAT(drafts_.Change({}, kName, older), IsOk());
  ASSERT_OK_AND_ASSIGN(const auto retracted, RetractIt());
  EXPECT_EQ(retracted.article().state(), v1::ARTICLE_STATE_RETRACTED);
  EXPECT_THAT(shelf_.Get(kName), FailsWith(StatusCode::kNotFound, "ARTICLE_NOT_FOUND"));
}

TEST_P(DeskTest, PublishesAtItsTime) {
  ASSERT_THAT(Write(), IsOk());
  PassBothReviews();
  ASSERT_THAT(PublishIt(clock_.Now() + absl::Hours(1)), IsOk());
  WakeArticles(drafts_, shelf_, clock_);
  EXPECT_THAT(shelf_.Get(kName), StatusIs(StatusCode::kNotFound));
  clock_.Advance(absl::Hours(1));
  WakeArticles(drafts_, shelf_, clock_);
  EXPECT_THAT(shelf_.Get(kName), IsOk());
  EXPECT_EQ(Actions().back(), "publish by content");
  clock_.Set(FromProto(Draft().review_due_time()));
  WakeArticles(drafts_, shelf_, clock_);
  WakeArticles(drafts_, shelf_, clock_);
  EXPECT_EQ(Draft().state(), v1::ARTICLE_STATE_REVIEW_DUE);
  EXPECT_EQ(Actions().back(), "fall due by content");
  EXPECT_THAT(shelf_.Get(kName), IsOk()) << "still readable";
}

TEST_P(DeskTest, RefusesASchedulePastOrTooFarAhead) {
  ASSERT_THAT(Write(), IsOk());
  PassBothReviews();
  EXPECT_THAT(PublishIt(clock_.Now()), FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELD"));
  EXPECT_THAT(PublishIt(clock_.Now() + absl::Hours(24 * 367)),
              FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELD"));
  EXPECT_THAT(shelf_.Get(kName), StatusIs(StatusCode::kNotFound));
}

TEST_P(DeskTest, FlagsArticlesWhoseTriageRuleChanged) {
  PublishSample();
  EXPECT_THAT(Compare({{"causes/sciatica", "1"}, {"causes/arthritis", "1"}})->articles(), IsEmpty());
  EXPECT_THAT(Compare({{"causes/sciatica", "1"}, {"causes/arthritis", "2"}})->articles(), IsEmpty());
  ASSERT_OK_AND_ASSIGN(const auto flagged, Compare({{"causes/sciatica", "2"}, {"causes/arthritis", "2"}}));
  EXPECT_THAT(flagged.changed(), ElementsAre("causes/sciatica"));
  EXPECT_THAT(flagged.articles(), ElementsAre(kName));
  EXPECT_EQ(Draft().state(), v1::ARTICLE_STATE_REVIEW_DUE);
  EXPECT_THAT(Draft().flags(), ElementsAre("triage changed: causes/sciatica"));
  EXPECT_THAT(Compare({{"causes/arthritis", "2"}})->articles(), ElementsAre(kName)) << "a rule that is gone";
}

TEST_P(DeskTest, ListsWhatWaitsForWhom) {
  PublishSample();
  v1::ListDraftsRequest request;
  request.set_state(v1::ARTICLE_STATE_IN_REVIEW);
  EXPECT_THAT(As("pat", &Desk::ListDrafts, request)->drafts(), IsEmpty());
  request.set_state(v1::ARTICLE_STATE_PUBLISHED);
  const auto published = As("pat", &Desk::ListDrafts, request);
  ASSERT_THAT(published->drafts(), SizeIs(1));
  EXPECT_EQ(published->drafts(0).source(), "");
}

TEST_P(DeskTest, LetsOneOfManyWhoChangeATextWin) {
  ASSERT_THAT(Write(), IsOk());
  const std::string etag = Draft().etag();
  std::atomic<int> won = 0;
  std::vector<std::jthread> threads;
  threads.reserve(8);
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] { won += Update("ann", absl::StrCat(kSampleSource, "Version ", i, "\n"), etag).ok(); });
  }
  threads.clear();
  EXPECT_EQ(won, 1);
  EXPECT_THAT(Actions(), SizeIs(2));
}

INSTANTIATE_TEST_SUITE_P(EveryEngine, DeskTest, testing::ValuesIn(store::Engines()), store::EngineName());

}  // namespace
}  // namespace lumbar::content
