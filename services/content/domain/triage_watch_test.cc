#include "services/content/domain/triage_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <thread>

#include "common/status/matchers.h"
#include "common/store/testing/engines.h"
#include "common/telemetry/log.h"
#include "services/content/store/migrations.h"
#include "services/content/store/sql_article_store.h"
#include "services/content/store/sql_editorial_store.h"
#include "services/content/testing/publish.h"
#include "services/content/testing/samples.h"

namespace lumbar::content {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kArticle[] = "articles/sample";

// A protocol with the sample's causes.
class FakeRules final : public TriageRules {
 public:
  FakeRules() {
    protocol.add_causes()->set_id("sciatica");
    protocol.add_causes()->set_id("muscle_strain");
  }
  absl::StatusOr<triage::v1::Protocol> Read() override {
    if (!failure.ok()) return failure;
    return protocol;
  }
  // Sciatica is something else from now on.
  void Change(const std::string& title) { protocol.mutable_causes(0)->set_title(title); }

  triage::v1::Protocol protocol;
  absl::Status failure;
};

class TriageWatchTest : public store::EngineTest {
 protected:
  void SetUp() override {
    InitLoggingTo(log_, "content", LogLevel::kInfo);
    ASSERT_THAT(MigrateContent(*database_, clock_), IsOk());
    ASSERT_THAT(PublishSource(drafts_, sql_, "sample", kSampleSource), IsOk());
    std::string source = kSampleSource;
    source.replace(source.find("sciatica]"), 9, "arthritis]");
    ASSERT_THAT(PublishSource(drafts_, sql_, "other", source), IsOk());
  }

  // "flag by content" for each step since the article came.
  std::vector<std::string> StepsOf(const std::string& name) {
    const auto found = drafts_.Steps(name, 1, 100);
    EXPECT_THAT(found, IsOk());
    std::vector<std::string> steps;
    for (const auto& step : *found) {
      steps.push_back(absl::StrCat(step.action(), " by ", step.actor(), ": ", step.note()));
    }
    return steps;
  }

  std::ostringstream log_;
  FakeClock clock_{absl::FromCivil(absl::CivilDay(2026, 12, 1), absl::UTCTimeZone())};
  std::unique_ptr<store::Database> database_ = Open();
  SqlArticleStore sql_{*database_};
  SqlEditorialStore drafts_{*database_, clock_};
  FakeRules rules_;
};

TEST_P(TriageWatchTest, FlagsWhatRestsOnAChangeInTheServicesOwnName) {
  TriageWatch(rules_, drafts_).Look();
  EXPECT_THAT(StepsOf(kArticle), IsEmpty()) << "the first look compares with nothing";
  rules_.Change("Another");
  // As after a restart.
  TriageWatch(rules_, drafts_).Look();
  EXPECT_THAT(StepsOf(kArticle), ElementsAre("flag by content: triage changed: causes/sciatica"));
  EXPECT_THAT(StepsOf("articles/other"), IsEmpty());
  EXPECT_EQ(drafts_.Get(kArticle)->state(), v1::ARTICLE_STATE_REVIEW_DUE);
  EXPECT_THAT(log_.str(), HasSubstr("articles_flagged"));
}

TEST_P(TriageWatchTest, BelievesAChangeWhileItRunsOnceItWasSeenTwice) {
  TriageWatch watch(rules_, drafts_);
  watch.Look();
  for (int i = 0; i < 3; ++i) {  // A rollout, whose replicas answer in turn.
    rules_.Change("Another");
    watch.Look();
    rules_.Change("");
    watch.Look();
  }
  EXPECT_THAT(StepsOf(kArticle), IsEmpty());
  rules_.Change("Another");
  for (int i = 0; i < 4; ++i) watch.Look();
  EXPECT_THAT(StepsOf(kArticle), ElementsAre("flag by content: triage changed: causes/sciatica"));
}

TEST_P(TriageWatchTest, FlagsOnceHoweverManyReplicasSeeAChange) {
  TriageWatch(rules_, drafts_).Look();
  rules_.Change("Another");
  std::vector<std::jthread> replicas;
  replicas.reserve(4);
  for (int i = 0; i < 4; ++i) {
    replicas.emplace_back([&] { TriageWatch(rules_, drafts_).Look(); });
  }
  replicas.clear();
  EXPECT_THAT(StepsOf(kArticle), ElementsAre("flag by content: triage changed: causes/sciatica"));
}

TEST_P(TriageWatchTest, TakesAProtocolThatCannotBeForNoChange) {
  TriageWatch watch(rules_, drafts_);
  watch.Look();
  const triage::v1::Protocol whole = rules_.protocol;
  rules_.protocol.Clear();
  for (int i = 0; i < 2; ++i) watch.Look();
  for (size_t i = 0; i <= kMostLinks; ++i) rules_.protocol.add_causes()->set_id(absl::StrCat("c", i));
  for (int i = 0; i < 2; ++i) watch.Look();
  rules_.failure = absl::UnavailableError("away");
  watch.Look();
  EXPECT_THAT(StepsOf(kArticle), IsEmpty());
  EXPECT_THAT(log_.str(), HasSubstr("triage_not_compared"));
  // It goes on where it was.
  rules_.failure = absl::OkStatus();
  rules_.protocol = whole;
  rules_.Change("Another");
  for (int i = 0; i < 2; ++i) watch.Look();
  EXPECT_THAT(StepsOf(kArticle), ElementsAre("flag by content: triage changed: causes/sciatica"));
}

INSTANTIATE_TEST_SUITE_P(EveryEngine, TriageWatchTest, testing::ValuesIn(store::Engines()), store::EngineName());

}  // namespace
}  // namespace lumbar::content
