// What those who follow lists of consults are told out of memory, and out of the store.
#include "services/gateway/consult/domain/list_feed.h"

#include <absl/strings/str_cat.h>

#include "services/gateway/consult/domain/escalation.h"
#include "services/gateway/consult/testing/list_watch_fixture.h"

namespace lumbar::gateway {
namespace {

namespace v1 = consult::v1;
using testing::ElementsAre;
using testing::IsEmpty;

class ListFeedTest : public ListWatchTest {};

TEST_P(ListFeedTest, ReadsTheStoreOnceForAllWhoFollow) {
  std::vector<std::unique_ptr<rpc::StreamSource>> sources;
  for (int i = 0; i < 20; ++i) {
    ASSERT_OK_AND_ASSIGN(auto source, Open(View(v1::CONSULT_VIEW_STAFF_QUEUE), absl::StrCat("staff/", i), kAsStaff));
    Drain(*source);
    sources.push_back(std::move(source));
  }
  const std::string waiting = EscalateOne();
  clock_.Advance(absl::Seconds(1));
  log_.reads = 0;
  lists_.Refresh();
  for (const auto& source : sources) {
    EXPECT_THAT(Drain(*source), ElementsAre(Named(waiting, v1::CONSULT_STATE_ESCALATED)));
  }
  EXPECT_EQ(log_.reads, 2) << "the changes, and the consults that they are of";
  sources.clear();
  lists_.Refresh();
  EXPECT_EQ(log_.reads, 2) << "nobody follows";
}

TEST_P(ListFeedTest, AsksTheStoreForWhatMemoryHasNoRoomForOrDoesNotKnowYet) {
  ListFeed small(log_, clock_, 2);
  ListWatch lists(small, clock_);
  const v1::WatchConsultsRequest request = View(v1::CONSULT_VIEW_STAFF_QUEUE);
  ASSERT_OK_AND_ASSIGN(const auto source,
                       lists.WatchConsults(rpc::TestContext(kAsStaff, "staff/ann", request), request));
  Drain(*source);
  std::vector<std::string> waiting;
  for (int i = 0; i < 5; ++i) {
    clock_.Advance(absl::Milliseconds(100));
    waiting.push_back(Named(EscalateOne(), v1::CONSULT_STATE_ESCALATED));
  }
  lists.Refresh();
  EXPECT_EQ(Drain(*source), waiting);
  const std::string another = EscalateOne();
  clock_.Advance(absl::Seconds(10));
  EXPECT_THAT(Drain(*source), ElementsAre(Named(another, v1::CONSULT_STATE_ESCALATED))) << "nothing was read since";
}

TEST_P(ListFeedTest, AsksTheStoreWhileOneReadingWasNotEnoughOrNoneWasMade) {
  ListFeed small(log_, clock_, 500);
  ListWatch lists(small, clock_);
  const v1::WatchConsultsRequest request = View(v1::CONSULT_VIEW_STAFF_QUEUE);
  ASSERT_OK_AND_ASSIGN(const auto source,
                       lists.WatchConsults(rpc::TestContext(kAsStaff, "staff/ann", request), request));
  Drain(*source);
  AddUnlisted(600);
  clock_.Advance(absl::Seconds(3));
  const std::string waiting = EscalateOne();
  lists.Refresh();
  EXPECT_THAT(Drain(*source), ElementsAre(Named(waiting, v1::CONSULT_STATE_ESCALATED)));
  ASSERT_OK_AND_ASSIGN(const auto other, Queue());
  Drain(*other);
  const std::string another = EscalateOne();
  clock_.Advance(absl::Seconds(10));
  EXPECT_THAT(Drain(*other), ElementsAre(Named(another, v1::CONSULT_STATE_ESCALATED))) << "nothing was read since";
}

TEST_P(ListFeedTest, ReadsALongPastInStepsAndMissesNothingOfIt) {
  ASSERT_OK_AND_ASSIGN(const auto source, Queue());
  Drain(*source);
  AddUnlisted(2 * ListFeed::kLookedAtOnce);
  clock_.Advance(absl::Seconds(1));
  const std::string waiting = EscalateOne();
  clock_.Advance(absl::Minutes(2));
  ASSERT_OK_AND_ASSIGN(const auto resumed, Queue(token_));
  v1::WatchConsultsResponse response;
  for (const bool has_place : {true, false}) {
    log_.changes = 0;
    EXPECT_THAT(resumed->Next(response), IsOkAndHolds(has_place));
    EXPECT_THAT(response.removed(), IsEmpty());
    EXPECT_FALSE(response.has_consult());
    EXPECT_EQ(log_.changes, ListFeed::kLookedAtOnce);
  }
  EXPECT_THAT(Drain(*resumed), ElementsAre(Named(waiting, v1::CONSULT_STATE_ESCALATED)));
}

TEST_P(ListFeedTest, MissesNoChangeThatIsCommittedAfterLaterOnes) {
  const std::string waiting = EscalateOne();
  ASSERT_OK_AND_ASSIGN(const auto source, Queue());
  Drain(*source);
  const std::string token = token_;
  const FakeClock late{clock_.Now() - absl::Seconds(9)};
  SqlConsultStore theirs(*database_, late);
  ASSERT_OK_AND_ASSIGN(Case found, theirs.Find(waiting));
  found.consult.set_handler("staff/bob");
  StopAlerting(found);
  ASSERT_THAT(theirs.Save(found), IsOk());
  EXPECT_THAT(Next(*source), ElementsAre(Removed(waiting)));
  ASSERT_OK_AND_ASSIGN(const auto resumed, Queue(token));
  EXPECT_THAT(Drain(*resumed), ElementsAre(Removed(waiting)));
}

INSTANTIATE_TEST_SUITE_P(EveryEngine, ListFeedTest, testing::ValuesIn(store::Engines()), store::EngineName());

}  // namespace
}  // namespace lumbar::gateway
