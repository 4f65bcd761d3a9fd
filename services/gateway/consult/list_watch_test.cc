// What those who follow a list of consults are told.
#include "services/gateway/consult/domain/list_watch.h"

#include <absl/strings/str_cat.h>

#include <utility>

#include "common/rpc/change_stream.h"
#include "common/store/proto_column.h"
#include "common/store/resource_name.h"
#include "services/gateway/consult/domain/escalation.h"
#include "services/gateway/consult/store/list_change_table.h"
#include "services/gateway/consult/testing/consult_desk_fixture.h"

namespace lumbar::gateway {
namespace {

namespace v1 = consult::v1;
using absl::StatusCode;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr auto kAsPatient = options::v1::ROLE_PATIENT, kAsClinician = options::v1::ROLE_CLINICIAN,
               kAsStaff = options::v1::ROLE_STAFF;

// Counts how often the store is read.
struct CountingLog final : ListChangeLog {
  explicit CountingLog(ListChangeLog& counted) : log(counted) {}
  absl::StatusOr<std::vector<ListChange>> Changes(const ListChange& after, int limit) override {
    ++reads;
    auto found = log.Changes(after, limit);
    if (found.ok()) changes += static_cast<int>(found->size());
    return found;
  }
  absl::StatusOr<std::vector<Case>> Cases(const std::vector<std::string>& names) override {
    ++reads;
    return log.Cases(names);
  }
  ListChangeLog& log;
  int reads = 0, changes = 0;
};

class ListWatchTest : public ConsultDeskTest {
 protected:
  using Source = absl::StatusOr<std::unique_ptr<rpc::StreamSource>>;

  static v1::WatchConsultsRequest View(v1::ConsultView view, const std::string& token = "") {
    v1::WatchConsultsRequest request;
    request.set_view(view);
    request.set_resume_token(token);
    return request;
  }
  Source Queue(const std::string& token = "") {
    return Open(View(v1::CONSULT_VIEW_STAFF_QUEUE, token), "staff/ann", kAsStaff);
  }
  Source Open(const v1::WatchConsultsRequest& request, const std::string& subject, options::v1::Role role) {
    return lists_.WatchConsults(rpc::TestContext(role, subject, request), request);
  }
  using ConsultDeskTest::Open;

  // What the stream has now, as "consults/... OFFERED" or "consults/... removed"; the last token and consult are kept.
  std::vector<std::string> Drain(rpc::StreamSource& source) {
    std::vector<std::string> found;
    v1::WatchConsultsResponse response;
    while (true) {
      const auto next = source.Next(response);
      EXPECT_THAT(next, IsOk());
      if (!next.ok() || !*next) return found;
      token_ = response.resume_token();
      if (response.has_consult()) last_ = response.consult();
      if (response.has_consult()) found.push_back(Named(last_.name(), last_.state()));
      if (!response.removed().empty()) found.push_back(Removed(response.removed()));
    }
  }
  // The same after a second.
  std::vector<std::string> Next(rpc::StreamSource& source) {
    clock_.Advance(absl::Seconds(1));
    lists_.Refresh();
    return Drain(source);
  }
  static std::string Named(const std::string& name, v1::ConsultState state) {
    return absl::StrCat(name, " ", v1::ConsultState_Name(state).substr(14));
  }
  static std::string Removed(const std::string& name) { return name + " removed"; }

  // Waits for the staff.
  std::string EscalateOne() {
    const auto slots = std::exchange(booking_.slots, {});
    const std::string name = ConsultDeskTest::Request(store::NewUuid())->name();
    booking_.slots = slots;
    return name;
  }

  // Changes of no list, all of now.
  void AddUnlisted(int count) {
    const int64_t now = store::Micros(clock_.Now());
    ASSERT_THAT(database_->Write([&](soci::session& session) -> absl::Status {
      session << "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count) INSERT INTO "
                 "consult_change (change_time, name, version, patient, worker, waits, open, state, left_worker, "
                 "left_waits, left_open, left_state) SELECT CAST(:now AS BIGINT), 'consults/unlisted', i, '', '', 0, "
                 "0, 0, '', 0, 0, 0 FROM n",
          soci::use(count), soci::use(now);
      return absl::OkStatus();
    }),
                IsOk());
  }

  SqlListChangeLog table_{*database_};
  CountingLog log_{table_};
  ListFeed feed_{log_, clock_};
  ListWatch lists_{feed_, clock_};
  std::string token_;
  v1::Consult last_;
};

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

TEST_P(ListWatchTest, ReadsTheStoreOnceForAllWhoFollow) {
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

TEST_P(ListWatchTest, AsksTheStoreForWhatMemoryHasNoRoomForOrDoesNotKnowYet) {
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

TEST_P(ListWatchTest, ReadsALongPastInStepsAndMissesNothingOfIt) {
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
