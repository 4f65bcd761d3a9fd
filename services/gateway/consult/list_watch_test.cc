// What those who follow a list of consults are told.
#include "services/gateway/consult/domain/list_watch.h"

#include "common/rpc/change_stream.h"
#include "common/store/proto_column.h"
#include "services/gateway/consult/domain/escalation.h"
#include "services/gateway/consult/testing/list_watch_fixture.h"

namespace lumbar::gateway {
namespace {

namespace v1 = consult::v1;
using absl::StatusCode;
using testing::ElementsAre;
using testing::IsEmpty;

TEST_P(ListWatchTest, BeginsWithAPlaceAndTellsWhatComesIntoTheQueueAndLeavesIt) {
  const std::string before = EscalateOne();
  clock_.Advance(absl::Seconds(1));
  ASSERT_OK_AND_ASSIGN(const auto source, Queue());
  v1::WatchConsultsResponse first;
  EXPECT_THAT(source->Next(first), IsOkAndHolds(true));
  EXPECT_FALSE(first.resume_token().empty());
  EXPECT_EQ(first.change_case(), v1::WatchConsultsResponse::CHANGE_NOT_SET) << "what is there is for ListConsults";
  const std::string waiting = EscalateOne();
  EXPECT_THAT(Next(*source), ElementsAre(Named(waiting, v1::CONSULT_STATE_ESCALATED)));
  EXPECT_EQ(last_.SerializeAsString(), GetAs(waiting, "staff/ann", kAsStaff)->SerializeAsString());
  ASSERT_THAT(Accept(before, "staff/bob"), IsOk());
  EXPECT_THAT(Next(*source), ElementsAre(Removed(before)));
  ASSERT_THAT(Cancel(waiting), IsOk());
  EXPECT_THAT(Next(*source), ElementsAre(Removed(waiting)));
  ASSERT_THAT(ConsultDeskTest::Request(store::NewUuid()), IsOk());
  EXPECT_THAT(Next(*source), IsEmpty()) << "what was never in it";
}

TEST_P(ListWatchTest, AClinicianFollowsTheirOwnWorklistAlone) {
  ASSERT_OK_AND_ASSIGN(const auto maya, Open({}, "clinicians/maya", kAsClinician));
  ASSERT_OK_AND_ASSIGN(const auto omar, Open({}, "clinicians/omar", kAsClinician));
  ASSERT_OK_AND_ASSIGN(const auto booked, BookedAsBookingHasIt());
  EXPECT_THAT(Next(*maya), ElementsAre(Named(booked.name(), v1::CONSULT_STATE_BOOKED))) << "fast steps come as one";
  ASSERT_THAT(Decline(booked.name()), IsOk());
  EXPECT_THAT(Next(*maya), ElementsAre(Removed(booked.name())));
  EXPECT_THAT(Next(*omar), IsEmpty());
  v1::WatchConsultsRequest others = View(v1::CONSULT_VIEW_WORKLIST);
  others.set_clinician("clinicians/maya");
  EXPECT_THAT(Open(others, "clinicians/omar", kAsClinician), FailsWith(StatusCode::kPermissionDenied, "NOT_YOURS"));
  others.clear_view();
  EXPECT_THAT(Open(others, "staff/ann", kAsStaff), FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELD"));
}

TEST_P(ListWatchTest, APatientFollowsTheirOwnAsTheySeeThem) {
  v1::WatchConsultsRequest request;
  // As the pipeline fills it in.
  request.set_patient("patients/17");
  ASSERT_OK_AND_ASSIGN(const auto source, Open(request, "patients/17", kAsPatient));
  request.set_patient("patients/18");
  ASSERT_OK_AND_ASSIGN(const auto other, Open(request, "patients/18", kAsPatient));
  ASSERT_OK_AND_ASSIGN(const auto offered, ConsultDeskTest::Request());
  EXPECT_THAT(Next(*source), ElementsAre(Named(offered.name(), v1::CONSULT_STATE_OFFERED)));
  EXPECT_THAT(last_.routing_notes(), IsEmpty());
  EXPECT_THAT(Next(*other), IsEmpty());
}

TEST_P(ListWatchTest, TellsOfTheStatesAskedForAlone) {
  v1::WatchConsultsRequest request;
  request.add_states(v1::CONSULT_STATE_BOOKED);
  request.add_states(v1::CONSULT_STATE_CANCELLED);
  ASSERT_OK_AND_ASSIGN(const auto source, Open(request, "staff/ann", kAsStaff));
  ASSERT_OK_AND_ASSIGN(const auto offered, ConsultDeskTest::Request());
  EXPECT_THAT(Next(*source), IsEmpty());
  ASSERT_THAT(Choose(offered), IsOk());
  EXPECT_THAT(Next(*source), ElementsAre(Named(offered.name(), v1::CONSULT_STATE_BOOKED)));
  ASSERT_THAT(Cancel(offered.name()), IsOk());
  EXPECT_THAT(Next(*source), ElementsAre(Named(offered.name(), v1::CONSULT_STATE_CANCELLED)));
}

TEST_P(ListWatchTest, TellsNothingWhereAResumerMerelyTriesAgain) {
  ASSERT_OK_AND_ASSIGN(const auto source, Open({}, "staff/ann", kAsStaff));
  booking_.search = absl::UnavailableError("down");
  ASSERT_OK_AND_ASSIGN(const auto consult, ConsultDeskTest::Request());
  EXPECT_THAT(Next(*source), ElementsAre(Named(consult.name(), v1::CONSULT_STATE_TRIAGED)));
  Resume();
  EXPECT_THAT(Next(*source), IsEmpty());
  booking_.search = absl::OkStatus();
  clock_.Advance(absl::Minutes(1));
  EXPECT_THAT(saga_.ResumeUnfinished(10), IsOkAndHolds(1));
  EXPECT_THAT(Next(*source), ElementsAre(Named(consult.name(), v1::CONSULT_STATE_OFFERED)));
}

TEST_P(ListWatchTest, GoesOnWhereATokenSaysAlsoWithWhatHasLeft) {
  const std::string waiting = EscalateOne();
  ASSERT_OK_AND_ASSIGN(auto source, Queue());
  Drain(*source);
  clock_.Advance(rpc::kChangesSettle + absl::Seconds(1));
  EXPECT_THAT(Drain(*source), IsEmpty()) << "a heartbeat, with a later token";
  source.reset();
  clock_.Advance(absl::Hours(1));
  ASSERT_THAT(Accept(waiting, "staff/bob"), IsOk());
  clock_.Advance(absl::Hours(1));
  const std::string token = token_;
  ASSERT_OK_AND_ASSIGN(source, Queue(token));
  EXPECT_THAT(Drain(*source), ElementsAre(Removed(waiting))) << "it left while nobody watched";
  EXPECT_THAT(Open(View(v1::CONSULT_VIEW_WORKLIST, token), "staff/ann", kAsStaff),
              FailsWith(StatusCode::kInvalidArgument, "INVALID_PAGE_TOKEN"));
  clock_.Advance(kListChangesKept);
  ASSERT_OK_AND_ASSIGN(source, Queue(token));
  v1::WatchConsultsResponse response;
  EXPECT_THAT(source->Next(response), FailsWith(StatusCode::kOutOfRange, "RESUME_TOKEN_TOO_OLD"));
}

TEST_P(ListWatchTest, RefusesATokenOfAnotherList) {
  std::vector<v1::WatchConsultsRequest> lists(5);
  lists[1].set_patient("patients/17");
  lists[2].set_view(v1::CONSULT_VIEW_WORKLIST);
  lists[3].set_view(v1::CONSULT_VIEW_STAFF_QUEUE);
  lists[4].add_states(v1::CONSULT_STATE_BOOKED);
  for (size_t from = 0; from < lists.size(); ++from) {
    ASSERT_OK_AND_ASSIGN(const auto source, Open(lists[from], "staff/ann", kAsStaff));
    Drain(*source);
    for (size_t to = 0; to < lists.size(); ++to) {
      v1::WatchConsultsRequest request = lists[to];
      request.set_resume_token(token_);
      const auto resumed = Open(request, "staff/ann", kAsStaff);
      if (from == to) {
        EXPECT_THAT(resumed, IsOk());
      } else {
        EXPECT_THAT(resumed, FailsWith(StatusCode::kInvalidArgument, "INVALID_PAGE_TOKEN")) << from << " to " << to;
      }
    }
  }
}

TEST_P(ListWatchTest, GoesOnBehindTheLastThatWasTakenHoweverSlowlyItIsTaken) {
  ASSERT_OK_AND_ASSIGN(const auto source, Queue());
  Drain(*source);
  const std::string first = EscalateOne();
  clock_.Advance(absl::Seconds(1));
  const std::string second = EscalateOne();
  clock_.Advance(absl::Minutes(1));
  v1::WatchConsultsResponse response;
  ASSERT_THAT(source->Next(response), IsOkAndHolds(true));
  EXPECT_EQ(response.consult().name(), first);
  ASSERT_OK_AND_ASSIGN(const auto resumed, Queue(response.resume_token()));
  EXPECT_THAT(Drain(*resumed),
              ElementsAre(Named(first, v1::CONSULT_STATE_ESCALATED), Named(second, v1::CONSULT_STATE_ESCALATED)));
}

TEST_P(ListWatchTest, TellsWhatAnotherProcessChanges) {
  const auto other = Open();
  SqlListChangeLog log(*other);
  ListFeed feed(log, clock_);
  ListWatch lists(feed, clock_);
  const v1::WatchConsultsRequest request = View(v1::CONSULT_VIEW_STAFF_QUEUE);
  ASSERT_OK_AND_ASSIGN(const auto source,
                       lists.WatchConsults(rpc::TestContext(kAsStaff, "staff/ann", request), request));
  Drain(*source);
  const std::string waiting = EscalateOne();
  clock_.Advance(absl::Seconds(1));
  lists.Refresh();
  EXPECT_THAT(Drain(*source), ElementsAre(Named(waiting, v1::CONSULT_STATE_ESCALATED)));
}

TEST_P(ListWatchTest, TellsInTheEndHowThingsStandWhenClocksDiffer) {
  const std::string waiting = EscalateOne();
  ASSERT_OK_AND_ASSIGN(const auto source, Queue());
  Drain(*source);
  const std::string token = token_;
  FakeClock ahead{clock_.Now() + absl::Seconds(5)};
  SqlConsultStore theirs(*database_, ahead);
  ASSERT_OK_AND_ASSIGN(Case found, theirs.Find(waiting));
  found.consult.set_handler("staff/bob");
  StopAlerting(found);
  ASSERT_OK_AND_ASSIGN(found, theirs.Save(found));
  clock_.Advance(absl::Seconds(1));
  Escalate(found, "BOOKING_STUCK", clock_.Now());
  ASSERT_THAT(cases_.Save(found), IsOk());
  EXPECT_THAT(Next(*source), ElementsAre(Named(waiting, v1::CONSULT_STATE_ESCALATED)));
  ASSERT_OK_AND_ASSIGN(const auto resumed, Queue(token));
  EXPECT_THAT(Drain(*resumed), ElementsAre(Named(waiting, v1::CONSULT_STATE_ESCALATED)));
}

TEST_P(ListWatchTest, LetsOneIdentityFollowSoManyAtATime) {
  std::vector<std::unique_ptr<rpc::StreamSource>> sources;
  for (int i = 0; i < kMostListsOfOne; ++i) {
    ASSERT_OK_AND_ASSIGN(auto source, Queue());
    sources.push_back(std::move(source));
  }
  EXPECT_THAT(Queue(), FailsWith(StatusCode::kResourceExhausted, "TOO_MANY_STREAMS"));
  EXPECT_THAT(Open(View(v1::CONSULT_VIEW_STAFF_QUEUE), "staff/bob", kAsStaff), IsOk());
  sources.pop_back();
  EXPECT_THAT(Queue(), IsOk());
}

TEST_P(ListWatchTest, TellsWhatAnOlderProgramBesideItChanged) {
  ASSERT_OK_AND_ASSIGN(const auto booked, BookedAsBookingHasIt());
  clock_.Advance(absl::Seconds(1));
  ASSERT_OK_AND_ASSIGN(const auto source, Open({}, "clinicians/maya", kAsClinician));
  Drain(*source);
  // It knows nothing of the columns that lists go by.
  v1::Consult changed = Stored(booked.name());
  changed.set_handler("staff/bob");
  ASSERT_OK_AND_ASSIGN(const std::string message, store::ToColumn(changed));
  ASSERT_THAT(database_->Write([&](soci::session& session) -> absl::Status {
    session << "UPDATE consult SET version = version + 1, message = :message WHERE name = :name", soci::use(message),
        soci::use(changed.name());
    return absl::OkStatus();
  }),
              IsOk());
  EXPECT_THAT(cases_.FillInOlder(10), IsOkAndHolds(1));
  EXPECT_THAT(Next(*source), ElementsAre(Removed(booked.name())));
  EXPECT_THAT(cases_.FillInOlder(10), IsOkAndHolds(0));
}

TEST_P(ListWatchTest, ForgetsWhatIsOld) {
  EscalateOne();
  clock_.Advance(absl::Seconds(1));
  EscalateOne();
  const auto count = [&] { return table_.Changes(ListChange{absl::UnixEpoch()}, 100)->size(); };
  const size_t both = count();
  EXPECT_THAT(SweepListChanges(*database_, clock_.Now()), IsOkAndHolds(false));
  EXPECT_EQ(count() * 2, both);
}

INSTANTIATE_TEST_SUITE_P(EveryEngine, ListWatchTest, testing::ValuesIn(store::Engines()), store::EngineName());

}  // namespace
}  // namespace lumbar::gateway
