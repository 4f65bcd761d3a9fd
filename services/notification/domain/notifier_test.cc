#include "services/notification/domain/notifier.h"

#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>

#include <functional>
#include <set>
#include <string>

#include "common/rpc/testing.h"
#include "common/status/matchers.h"
#include "common/store/resource_name.h"
#include "common/store/testing/engines.h"
#include "common/time/proto_time.h"
#include "services/notification/store/migrations.h"
#include "services/notification/store/sql_message_store.h"
#include "services/notification/store/sql_preference_store.h"
#include "services/notification/testing/samples.h"

namespace lumbar::notification {
namespace {

using absl::StatusCode;
using testing::IsEmpty;
using testing::SizeIs;

class MockObserver : public DeliveryObserver {
 public:
  MOCK_METHOD(void, Sent, (v1::MessageKind), (override));
  MOCK_METHOD(void, Dropped, (absl::string_view, int64_t), (override));
  MOCK_METHOD(void, Dead, (absl::string_view), (override));
  MOCK_METHOD(void, Retried, (absl::string_view), (override));
  MOCK_METHOD(void, Told, (v1::MessageState), (override));
  MOCK_METHOD(void, Unknown, (), (override));
};

class NotifierTest : public store::EngineTest {
 protected:
  void SetUp() override { ASSERT_THAT(MigrateNotification(*database_, clock_), IsOk()); }

  static v1::RecordAppointmentEventRequest EventOf(const booking::v1::Appointment& appointment) {
    v1::RecordAppointmentEventRequest request;
    request.set_request_id(store::NewUuid());
    request.mutable_event()->set_event_id(request.request_id());
    *request.mutable_event()->mutable_appointment() = appointment;
    return request;
  }
  absl::StatusOr<v1::RecordAppointmentEventResponse> Record(const v1::RecordAppointmentEventRequest& request) {
    return notifier_.RecordAppointmentEvent(rpc::TestContext(options::v1::ROLE_SERVICE, "services/booking", request),
                                            request);
  }
  absl::StatusOr<v1::ListMessagesResponse> List(const v1::ListMessagesRequest& request) {
    return notifier_.ListMessages(rpc::TestContext(options::v1::ROLE_STAFF, "staff/1", request), request);
  }

  FakeClock clock_{absl::FromUnixSeconds(1'772'000'000)};
  const std::unique_ptr<store::Database> database_ = Open();
  SqlMessageStore messages_{*database_, clock_};
  testing::StrictMock<MockObserver> observer_;
  int wakes_ = 0;
  SqlPreferenceStore preferences_{*database_, clock_};
  Notifier notifier_{messages_, preferences_, observer_, clock_, [this] { ++wakes_; }};
  const booking::v1::Appointment booked_ = SampleAppointment(clock_.Now() + absl::Hours(72));
};

TEST_P(NotifierTest, PlansABookingAndWakesTheDispatcher) {
  EXPECT_THAT(Record(EventOf(booked_))->messages(), SizeIs(3));
  EXPECT_EQ(wakes_, 1);
}

TEST_P(NotifierTest, CountsWhatACancellationDropsOnce) {
  ASSERT_THAT(Record(EventOf(booked_)), IsOk());
  EXPECT_CALL(observer_, Dropped(absl::string_view("APPOINTMENT_CANCELLED"), 3)).Times(1);
  const auto cancellation = EventOf(NextVersion(booked_, booking::v1::APPOINTMENT_STATE_CANCELLED));
  ASSERT_THAT(Record(cancellation), IsOk());
  ASSERT_THAT(Record(cancellation), IsOk());
}

TEST_P(NotifierTest, AnswersARepeatedEventAlikeEvenWhenThePlanWouldDifferByNow) {
  const auto request = EventOf(booked_);
  ASSERT_OK_AND_ASSIGN(const auto first, Record(request));
  clock_.Advance(absl::Hours(60));
  ASSERT_OK_AND_ASSIGN(const auto repeat, Record(request));
  EXPECT_EQ(repeat.ShortDebugString(), first.ShortDebugString());
}

TEST_P(NotifierTest, RefusesAnEventThatLacksWhatAMessageNeeds) {
  const auto refuses = [&](const std::function<void(v1::RecordAppointmentEventRequest&)>& spoil) {
    v1::RecordAppointmentEventRequest request = EventOf(booked_);
    spoil(request);
    EXPECT_THAT(Record(request), FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELD"));
  };
  refuses([](auto& request) { request.mutable_event()->set_event_id(store::NewUuid()); });
  refuses([](auto& request) { request.mutable_event()->mutable_appointment()->set_name("holds/1"); });
  refuses([](auto& request) { request.mutable_event()->mutable_appointment()->set_name("appointments/1"); });
  refuses([](auto& request) { request.mutable_event()->mutable_appointment()->mutable_name()->append("/x"); });
  refuses([](auto& request) { request.mutable_event()->mutable_appointment()->set_version(0); });
  refuses([](auto& request) { request.mutable_event()->mutable_appointment()->clear_state(); });
  refuses([](auto& request) { request.mutable_event()->mutable_appointment()->clear_contact(); });
  refuses([](auto& request) { request.mutable_event()->mutable_appointment()->clear_slot(); });
  refuses([](auto& request) { request.mutable_event()->mutable_appointment()->mutable_slot()->clear_end_time(); });
  EXPECT_THAT(List({})->messages(), IsEmpty());
}

TEST_P(NotifierTest, PlansOneMessageForAnOfferHoweverOftenItIsTold) {
  const absl::Time expires = clock_.Now() + absl::Minutes(15);
  v1::RecordAppointmentEventRequest request;
  request.set_request_id(store::NewUuid());
  request.mutable_event()->set_event_id(request.request_id());
  *request.mutable_event()->mutable_waitlist_entry() = SampleOffer(clock_.Now() + absl::Hours(2), expires);
  ASSERT_OK_AND_ASSIGN(const auto first, Record(request));
  ASSERT_THAT(first.messages(), SizeIs(1));
  clock_.Advance(absl::Minutes(1));
  ASSERT_OK_AND_ASSIGN(const auto second, Record(request));
  EXPECT_EQ(first.SerializeAsString(), second.SerializeAsString());
  v1::ListMessagesRequest list;
  list.set_appointment(request.event().waitlist_entry().name());
  ASSERT_OK_AND_ASSIGN(const auto listed, List(list));
  ASSERT_THAT(listed.messages(), SizeIs(1));
  EXPECT_EQ(listed.messages(0).kind(), v1::MESSAGE_KIND_OFFER);
  EXPECT_EQ(FromProto(listed.messages(0).expire_time()), expires);
}

TEST_P(NotifierTest, RefusesAnOfferThatLacksWhatAMessageNeeds) {
  const auto refuses = [&](const std::function<void(booking::v1::AppointmentEvent&)>& spoil) {
    v1::RecordAppointmentEventRequest request = EventOf(booked_);
    request.mutable_event()->clear_appointment();
    *request.mutable_event()->mutable_waitlist_entry() = SampleOffer(clock_.Now() + absl::Hours(2), clock_.Now());
    spoil(*request.mutable_event());
    EXPECT_THAT(Record(request), FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELD"));
  };
  refuses([](auto& event) { event.clear_waitlist_entry(); });
  refuses([&](auto& event) { *event.mutable_appointment() = booked_; });
  refuses([](auto& event) { event.mutable_waitlist_entry()->set_name("waitlistEntries/1"); });
  refuses([](auto& event) { event.mutable_waitlist_entry()->set_version(0); });
  refuses([](auto& event) { event.mutable_waitlist_entry()->clear_contact(); });
  refuses([](auto& event) { event.mutable_waitlist_entry()->clear_offer(); });
}

TEST_P(NotifierTest, ListsEveryMessageOnceOverItsPages) {
  for (int i = 0; i < 3; ++i) {
    ASSERT_THAT(Record(EventOf(SampleAppointment(clock_.Now() + absl::Hours(72), store::NewName("appointments")))),
                IsOk());
  }
  v1::ListMessagesRequest request;
  request.set_page_size(2);
  std::multiset<std::string> seen;
  do {
    ASSERT_OK_AND_ASSIGN(const auto page, List(request));
    EXPECT_LE(page.messages_size(), 2);
    for (const v1::Message& message : page.messages()) seen.insert(message.name());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(seen, SizeIs(9));
  EXPECT_THAT(std::set<std::string>(seen.begin(), seen.end()), SizeIs(9));
}

TEST_P(NotifierTest, RefusesAPageTokenOfAnotherQuery) {
  ASSERT_THAT(Record(EventOf(booked_)), IsOk());
  v1::ListMessagesRequest request;
  request.set_page_size(1);
  request.set_page_token(List(request)->next_page_token());
  request.set_state(v1::MESSAGE_STATE_SENT);
  EXPECT_THAT(List(request), FailsWith(StatusCode::kInvalidArgument, "INVALID_PAGE_TOKEN"));
}

TEST_P(NotifierTest, GetsAMessageByItsName) {
  ASSERT_OK_AND_ASSIGN(const auto recorded, Record(EventOf(booked_)));
  v1::GetMessageRequest request;
  request.set_name(recorded.messages(0));
  const auto context = rpc::TestContext(options::v1::ROLE_STAFF, "staff/1", request);
  EXPECT_EQ(notifier_.GetMessage(context, request)->message().name(), request.name());
  request.set_name("messages/none");
  EXPECT_THAT(notifier_.GetMessage(context, request), FailsWith(StatusCode::kNotFound, "MESSAGE_NOT_FOUND"));
}

TEST_P(NotifierTest, PlansByTheChannelAndInTheLanguageThatThePatientWants) {
  v1::Preferences wanted;
  wanted.add_channels(v1::CHANNEL_SMS);
  wanted.set_language_code("es");
  wanted.set_time_zone("Asia/Tokyo");
  ASSERT_THAT(preferences_.Update({"patients/ada", "Update", store::NewUuid(), "hash"}, "patients/ada", wanted),
              IsOk());
  ASSERT_THAT(Record(EventOf(booked_)), IsOk());
  ASSERT_OK_AND_ASSIGN(const auto all, messages_.List({"", {}, {}, 10}));
  ASSERT_THAT(all, SizeIs(3));
  for (const v1::Message& message : all) EXPECT_EQ(message.channel(), v1::CHANNEL_SMS);
  ASSERT_OK_AND_ASSIGN(const auto claimed, messages_.Claim(1, absl::Minutes(1)));
  ASSERT_THAT(claimed, SizeIs(1));
  EXPECT_EQ(claimed[0].appointment.contact().language_code(), "es");
  EXPECT_EQ(claimed[0].appointment.contact().time_zone(), "Asia/Tokyo");
}

TEST_P(NotifierTest, TellsTheClinicsSystemOfEachVersionOnceWhateverThePatientWants) {
  v1::Preferences none;
  none.set_opted_out(true);
  ASSERT_THAT(preferences_.Update({"patients/ada", "Update", store::NewUuid(), "hash"}, "patients/ada", none), IsOk());
  Notifier notifier(
      messages_, preferences_, observer_, clock_, [] {}, true);
  const auto tell = [&](const v1::RecordAppointmentEventRequest& request) {
    const auto context = rpc::TestContext(options::v1::ROLE_SERVICE, "services/booking", request);
    EXPECT_THAT(notifier.RecordAppointmentEvent(context, request).status(), IsOk());
  };
  EXPECT_CALL(observer_, Dropped(absl::string_view("SUPERSEDED"), 1)).Times(1);
  EXPECT_CALL(observer_, Dropped(absl::string_view("APPOINTMENT_CANCELLED"), 1)).Times(1);
  const auto book = EventOf(booked_);
  const auto moved = NextVersion(booked_, booking::v1::APPOINTMENT_STATE_BOOKED);
  const auto move = EventOf(moved), again = EventOf(moved);
  const auto cancellation = EventOf(NextVersion(moved, booking::v1::APPOINTMENT_STATE_CANCELLED));
  for (const auto& request : {book, move, move, again, cancellation, book}) tell(request);
  std::vector<std::string> told;
  ASSERT_OK_AND_ASSIGN(const auto all, messages_.List({"", {}, {}, 10}));
  for (const v1::Message& message : all) {
    EXPECT_EQ(message.channel(), v1::CHANNEL_WEBHOOK);
    told.push_back(absl::StrCat(message.appointment_version(), " ", v1::MessageKind_Name(message.kind()).substr(13),
                                " ", v1::MessageState_Name(message.state()).substr(14)));
  }
  EXPECT_THAT(told, testing::UnorderedElementsAre("1 EVENT_BOOKED DROPPED", "2 EVENT_MOVED DROPPED",
                                                  "3 EVENT_CANCELLED QUEUED"));
}

TEST_P(NotifierTest, TellsTheClinicsSystemNothingOfOffersAndNothingIfThereIsNone) {
  Notifier notifier(
      messages_, preferences_, observer_, clock_, [] {}, true);
  v1::RecordAppointmentEventRequest offer = EventOf(booked_);
  offer.mutable_event()->clear_appointment();
  *offer.mutable_event()->mutable_waitlist_entry() =
      SampleOffer(clock_.Now() + absl::Hours(2), clock_.Now() + absl::Minutes(15));
  const auto context = rpc::TestContext(options::v1::ROLE_SERVICE, "services/booking", offer);
  ASSERT_THAT(notifier.RecordAppointmentEvent(context, offer).status(), IsOk());
  ASSERT_THAT(Record(EventOf(booked_)).status(), IsOk());
  ASSERT_OK_AND_ASSIGN(const auto all, messages_.List({"", {}, {}, 10}));
  for (const v1::Message& message : all) {
    EXPECT_EQ(message.channel(), v1::CHANNEL_EMAIL);
  }
}

INSTANTIATE_TEST_SUITE_P(EveryEngine, NotifierTest, testing::ValuesIn(store::Engines()), store::EngineName());

}  // namespace
}  // namespace lumbar::notification
