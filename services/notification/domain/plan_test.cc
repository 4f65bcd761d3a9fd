#include "services/notification/domain/plan.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "common/time/proto_time.h"
#include "services/notification/testing/samples.h"

namespace lumbar::notification {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using v1::MESSAGE_KIND_CANCELLATION;
using v1::MESSAGE_KIND_CONFIRMATION;
using v1::MESSAGE_KIND_REMINDER_1H;
using v1::MESSAGE_KIND_REMINDER_24H;

const absl::Time kNow = absl::FromUnixSeconds(1'772'000'000);

std::vector<PlannedMessage> MessagesFor(absl::Duration until_start) {
  return PlanFor(SampleAppointment(kNow + until_start), kNow).messages;
}

TEST(PlanTest, ConfirmsNowAndRemindsADayAndAnHourBefore) {
  EXPECT_THAT(MessagesFor(absl::Hours(72)),
              ElementsAre(PlannedMessage{MESSAGE_KIND_CONFIRMATION, kNow},
                          PlannedMessage{MESSAGE_KIND_REMINDER_24H, kNow + absl::Hours(48)},
                          PlannedMessage{MESSAGE_KIND_REMINDER_1H, kNow + absl::Hours(71)}));
}

TEST(PlanTest, LeavesOutRemindersWhoseTimeHasCome) {
  EXPECT_THAT(MessagesFor(absl::Hours(24)),
              ElementsAre(PlannedMessage{MESSAGE_KIND_CONFIRMATION, kNow},
                          PlannedMessage{MESSAGE_KIND_REMINDER_1H, kNow + absl::Hours(23)}));
  EXPECT_THAT(MessagesFor(absl::Hours(1)), ElementsAre(PlannedMessage{MESSAGE_KIND_CONFIRMATION, kNow}));
}

TEST(PlanTest, SaysNothingOfAVisitThatHasBegun) {
  EXPECT_THAT(MessagesFor(absl::ZeroDuration()), IsEmpty());
  EXPECT_THAT(MessagesFor(-absl::Hours(1)), IsEmpty());
}

TEST(PlanTest, CancelsNowAndDropsWhatIsQueued) {
  const Plan plan =
      PlanFor(NextVersion(SampleAppointment(kNow + absl::Hours(72)), booking::v1::APPOINTMENT_STATE_CANCELLED), kNow);
  EXPECT_EQ(plan.drop_reason, "APPOINTMENT_CANCELLED");
  EXPECT_THAT(plan.messages, ElementsAre(PlannedMessage{MESSAGE_KIND_CANCELLATION, kNow}));
}

booking::v1::Appointment WithGrace(booking::v1::Appointment appointment) {
  appointment.mutable_slot()->set_clinician("clinicians/grace");
  return appointment;
}

TEST(PlanTest, TellsTheClinicianOfABookingAndOfACancellation) {
  const auto booked = WithGrace(SampleAppointment(kNow + absl::Minutes(30)));
  EXPECT_THAT(PlanFor(booked, kNow).messages,
              ElementsAre(PlannedMessage{MESSAGE_KIND_CONFIRMATION, kNow},
                          PlannedMessage{v1::MESSAGE_KIND_CLINICIAN_BOOKING, kNow, "clinicians/grace"}));
  EXPECT_THAT(PlanFor(NextVersion(booked, booking::v1::APPOINTMENT_STATE_CANCELLED), kNow).messages,
              ElementsAre(PlannedMessage{MESSAGE_KIND_CANCELLATION, kNow},
                          PlannedMessage{v1::MESSAGE_KIND_CLINICIAN_CANCELLATION, kNow, "clinicians/grace"}));
}

TEST(PlanTest, TellsTheFormerClinicianOnceThatTheVisitIsGone) {
  const auto booked = WithGrace(SampleAppointment(kNow + absl::Minutes(30)));
  const PlannedMessage farewell{v1::MESSAGE_KIND_CLINICIAN_CANCELLATION, kNow, "clinicians/ida"};
  EXPECT_THAT(WithFarewell({}, "clinicians/ida", booked, kNow), ElementsAre(farewell));
  EXPECT_THAT(WithFarewell({}, "clinicians/grace", booked, kNow), IsEmpty());
  EXPECT_THAT(WithFarewell({}, "", booked, kNow), IsEmpty());
  const auto cancelled = NextVersion(booked, booking::v1::APPOINTMENT_STATE_CANCELLED);
  EXPECT_THAT(WithFarewell(PlanFor(cancelled, kNow).messages, "clinicians/ida", cancelled, kNow),
              ElementsAre(PlannedMessage{MESSAGE_KIND_CANCELLATION, kNow}, farewell));
}

TEST(PlanTest, ReplacesWhatIsQueuedWhenTheVisitMoves) {
  const Plan plan =
      PlanFor(NextVersion(SampleAppointment(kNow + absl::Hours(2)), booking::v1::APPOINTMENT_STATE_BOOKED), kNow);
  EXPECT_EQ(plan.drop_reason, "SUPERSEDED");
  EXPECT_THAT(plan.messages, ElementsAre(PlannedMessage{MESSAGE_KIND_CONFIRMATION, kNow},
                                         PlannedMessage{MESSAGE_KIND_REMINDER_1H, kNow + absl::Hours(1)}));
}

TEST(PlanTest, SaysNothingOnceThePatientIsThereOrIsThrough) {
  for (const auto state : {booking::v1::APPOINTMENT_STATE_CHECKED_IN, booking::v1::APPOINTMENT_STATE_IN_VISIT,
                           booking::v1::APPOINTMENT_STATE_COMPLETED, booking::v1::APPOINTMENT_STATE_NO_SHOW}) {
    const Plan plan = PlanFor(NextVersion(SampleAppointment(kNow + absl::Hours(72)), state), kNow);
    EXPECT_EQ(plan.drop_reason, "SUPERSEDED");
    EXPECT_THAT(plan.messages, IsEmpty());
  }
}

TEST(PlanTest, TellsTheClinicsSystemHowEachVersionStands) {
  const auto booked = SampleAppointment(kNow - absl::Hours(1));
  EXPECT_EQ(EventFor(booked, kNow),
            (PlannedMessage{v1::MESSAGE_KIND_EVENT_BOOKED, kNow, "", absl::InfiniteFuture(), v1::CHANNEL_WEBHOOK}));
  for (const auto& [state, kind] :
       {std::pair(booking::v1::APPOINTMENT_STATE_BOOKED, v1::MESSAGE_KIND_EVENT_MOVED),
        std::pair(booking::v1::APPOINTMENT_STATE_CANCELLED, v1::MESSAGE_KIND_EVENT_CANCELLED),
        std::pair(booking::v1::APPOINTMENT_STATE_CHECKED_IN, v1::MESSAGE_KIND_EVENT_CHECKED_IN),
        std::pair(booking::v1::APPOINTMENT_STATE_IN_VISIT, v1::MESSAGE_KIND_EVENT_STARTED),
        std::pair(booking::v1::APPOINTMENT_STATE_COMPLETED, v1::MESSAGE_KIND_EVENT_COMPLETED),
        std::pair(booking::v1::APPOINTMENT_STATE_NO_SHOW, v1::MESSAGE_KIND_EVENT_NO_SHOW)}) {
    EXPECT_EQ(EventFor(NextVersion(booked, state), kNow).kind, kind);
  }
}

v1::Message MessageOf(v1::MessageKind kind) {
  v1::Message message;
  message.set_kind(kind);
  return message;
}

TEST(PlanTest, TellsOfAnOfferNowWhileItStands) {
  const absl::Time start = kNow + absl::Hours(2), expires = kNow + absl::Minutes(15);
  EXPECT_THAT(PlanFor(SampleOffer(start, expires), kNow).messages,
              ElementsAre(PlannedMessage{v1::MESSAGE_KIND_OFFER, kNow, "", expires}));
  EXPECT_THAT(PlanFor(SampleOffer(start, kNow), kNow).messages, IsEmpty());
  v1::Message message = MessageOf(v1::MESSAGE_KIND_OFFER);
  *message.mutable_expire_time() = ToProtoTime(expires);
  EXPECT_EQ(WhyTooLate(message, start, expires - absl::Microseconds(1)), "");
  EXPECT_EQ(WhyTooLate(message, start, expires), "OFFER_EXPIRED");
}

TEST(PlanTest, OnlyACancellationMayComeAfterTheVisitsBeginAndWhatTheClinicsSystemIsTold) {
  EXPECT_EQ(WhyTooLate(MessageOf(MESSAGE_KIND_REMINDER_1H), kNow, kNow - absl::Seconds(1)), "");
  EXPECT_EQ(WhyTooLate(MessageOf(MESSAGE_KIND_REMINDER_1H), kNow, kNow), "VISIT_BEGUN");
  EXPECT_EQ(WhyTooLate(MessageOf(MESSAGE_KIND_CONFIRMATION), kNow, kNow + absl::Hours(1)), "VISIT_BEGUN");
  EXPECT_EQ(WhyTooLate(MessageOf(MESSAGE_KIND_CANCELLATION), kNow, kNow + absl::Hours(1)), "");
  EXPECT_EQ(WhyTooLate(MessageOf(v1::MESSAGE_KIND_EVENT_BOOKED), kNow, kNow + absl::Hours(1)), "");
}

TEST(PlanTest, TheDaysReminderDoesNotComeTogetherWithTheHours) {
  const v1::Message reminder = MessageOf(MESSAGE_KIND_REMINDER_24H);
  EXPECT_EQ(WhyTooLate(reminder, kNow, kNow - absl::Hours(2) - absl::Microseconds(1)), "");
  EXPECT_EQ(WhyTooLate(reminder, kNow, kNow - absl::Hours(2)), "NEXT_REMINDER_DUE");
  EXPECT_EQ(WhyTooLate(reminder, kNow, kNow), "VISIT_BEGUN");
  EXPECT_EQ(WhyTooLate(MessageOf(MESSAGE_KIND_REMINDER_1H), kNow, kNow - absl::Hours(1)), "");
}

TEST(PlanTest, AMessageIsOfUseUntilTheVisitTheOffersEndOrAsLongAsSomebodyWaits) {
  const absl::Time start = kNow + absl::Hours(50);
  EXPECT_EQ(UsefulFor(MessageOf(MESSAGE_KIND_REMINDER_24H), start, kNow), absl::Hours(50));
  EXPECT_EQ(UsefulFor(MessageOf(MESSAGE_KIND_CANCELLATION), start, kNow), absl::Hours(50));
  EXPECT_EQ(UsefulFor(MessageOf(MESSAGE_KIND_CANCELLATION), kNow, kNow), absl::Hours(2)) << "it is called off late";
  EXPECT_EQ(UsefulFor(MessageOf(v1::MESSAGE_KIND_REPLY), absl::UnixEpoch(), kNow), absl::Hours(2));
  v1::Message offer = MessageOf(v1::MESSAGE_KIND_OFFER);
  *offer.mutable_expire_time() = ToProtoTime(kNow + absl::Minutes(15));
  EXPECT_EQ(UsefulFor(offer, start, kNow), absl::Minutes(15));
  EXPECT_EQ(UsefulFor(offer, start, kNow + absl::Hours(1)), absl::ZeroDuration());
}

}  // namespace
}  // namespace lumbar::notification
