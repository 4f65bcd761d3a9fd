// Over every engine: what becomes of patients' texts.
#include "services/notification/domain/text_desk.h"

#include <gmock/gmock.h>

#include <thread>

#include "services/notification/testing/conversation_fixture.h"

namespace lumbar::notification {
namespace {

using absl::StatusCode;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class TextDeskTest : public ConversationFixture {
 protected:
  bool OptedOut() { return preferences_.WishesOf("", kNumber)->number_opted_out; }
};

TEST_P(TextDeskTest, StopHoldsUntilStartInTheLanguageThatItIsWrittenIn) {
  EXPECT_THAT(Text("Stop, please!"), AllOf(HasSubstr("Elm Street Clinic"), HasSubstr("no more texts")));
  EXPECT_TRUE(OptedOut());
  EXPECT_EQ(Text("STOP"), "") << "the law allows one confirmation";
  EXPECT_THAT(Text("Alta", "(212) 555-0123"), HasSubstr("vuelve a recibir"));
  EXPECT_FALSE(OptedOut());
  EXPECT_THAT(Text("ALTO"), HasSubstr("no recibir"));
  EXPECT_THAT(Text("yes"), HasSubstr("again"));
  EXPECT_FALSE(OptedOut());
  EXPECT_EQ(List().entries_size(), 0);
  EXPECT_EQ(text_observer_.counts_["stop"], 3);
}

TEST_P(TextDeskTest, CancelAsksForNothingToHappen) {
  EXPECT_THAT(Text("CANCEL"), AllOf(HasSubstr("nothing is canceled"), HasSubstr("STOP")));
  EXPECT_THAT(Text("cancelar"), HasSubstr("no se cancel"));
  EXPECT_FALSE(OptedOut());
}

TEST_P(TextDeskTest, AnEmergencyIsSentTo911AndStaffIsToldNothingOfIt) {
  EXPECT_THAT(Text("I can't pee since this morning"), HasSubstr("Call 911 now"));
  const v1::Conversation conversation = Conversation();
  EXPECT_EQ(conversation.urgency(), v1::CONVERSATION_URGENCY_EMERGENCY);
  dispatcher_->RunBatch();
  ASSERT_THAT(mailer_.taken_, SizeIs(1));
  const Letter& alert = mailer_.taken_[0];
  EXPECT_EQ(alert.to_address, kStaffEmail);
  for (const std::string& part : {alert.subject, alert.text, alert.html}) {
    EXPECT_THAT(part, AllOf(Not(HasSubstr("pee")), Not(HasSubstr("5550123")), Not(HasSubstr("Ada"))));
  }
  EXPECT_THAT(alert.text, HasSubstr(conversation.name()));
  EXPECT_THAT(alert.html, HasSubstr(conversation.name()));
  EXPECT_EQ(text_observer_.counts_["emergency"], 1);
}

TEST_P(TextDeskTest, AnAlertGoesBeforeAllThatWasDueBeforeIt) {
  for (int i = 0; i < kBatch + 6; ++i) {
    Record(SampleAppointment(clock_.Now() + absl::Minutes(50), store::NewName("appointments")));
  }
  clock_.Advance(absl::Seconds(1));
  Text("I can't pee");
  EXPECT_EQ(woken_, 1);
  dispatcher_->RunBatch();
  ASSERT_THAT(mailer_.taken_, SizeIs(kBatch));
  EXPECT_EQ(mailer_.taken_[0].to_address, kStaffEmail);
}

TEST_P(TextDeskTest, AnAlertThatIsTriedAgainStillGoesBeforeAllThatWasDueBeforeIt) {
  Text("I can't pee");
  mailer_.script_ = [] { return MailDeferred(451); };
  mailer_.retry_after_ = absl::Minutes(1);
  dispatcher_->RunBatch();
  mailer_.script_ = nullptr;
  clock_.Advance(absl::Minutes(1) - absl::Seconds(1));
  for (int i = 0; i < kBatch + 6; ++i) {
    Record(SampleAppointment(clock_.Now() + absl::Minutes(50), store::NewName("appointments")));
  }
  clock_.Advance(absl::Seconds(1));
  dispatcher_->RunBatch();
  ASSERT_THAT(mailer_.taken_, SizeIs(kBatch));
  EXPECT_EQ(mailer_.taken_[0].to_address, kStaffEmail);
}

TEST_P(TextDeskTest, AnAlertHasASenderOfItsOwnThatTakesNothingElse) {
  Record(SampleAppointment(clock_.Now() + absl::Minutes(50), store::NewName("appointments")));
  Text("I can't pee");
  Dispatcher for_staff(Dispatcher::Ports{messages_,
                                         preferences_,
                                         versions_,
                                         calendar_,
                                         {{v1::CHANNEL_EMAIL, &mailer_}},
                                         *templates_,
                                         observer_,
                                         clock_,
                                         kStaffEmail,
                                         "America/New_York",
                                         true});
  for_staff.RunBatch();
  for_staff.RunBatch();
  ASSERT_THAT(mailer_.taken_, SizeIs(1));
  EXPECT_EQ(mailer_.taken_[0].to_address, kStaffEmail);
}

TEST_P(TextDeskTest, AlertsNobodyWhereNobodyIsNamed) {
  TextDesk lonely(
      TextDesk::Ports{conversations_, scanner_, *templates_, text_observer_, clock_, absl::Minutes(30), false});
  EXPECT_THAT(*lonely.Receive({kNumber, "", "I can't pee", 0, "twilio", "SM1"}), HasSubstr("911"));
  EXPECT_EQ(Conversation().urgency(), v1::CONVERSATION_URGENCY_EMERGENCY);
  EXPECT_THAT(*messages_.List({{}, {}, {}, 10}), IsEmpty());
}

TEST_P(TextDeskTest, WhatTriageCantLookAtIsNeverRoutine) {
  scanner_.failure_ = absl::UnavailableError("down");
  EXPECT_THAT(Text("Can I come at 3?"), AllOf(HasSubstr("911"), HasSubstr("Nuestro personal")));
  EXPECT_EQ(Conversation().urgency(), v1::CONVERSATION_URGENCY_UNSCANNED);
  EXPECT_THAT(Text("hello?"), HasSubstr("911"));
}

TEST_P(TextDeskTest, ARepeatGetsTheFirstAnswerAndHasNoFurtherEffect) {
  const InboundText text{kNumber, "", "Can I come at 3?", 0, "twilio", "SM1"};
  const std::string first = *texts_->Receive(text);
  EXPECT_THAT(first, Not(IsEmpty()));
  scanner_.failure_ = absl::UnavailableError("down");
  EXPECT_EQ(*texts_->Receive(text), first);
  EXPECT_EQ(Conversation().text_count(), 1);
  EXPECT_EQ(text_observer_.counts_["routine"], 1);
  InboundText other = text;
  other.provider = "another";
  EXPECT_THAT(*texts_->Receive(other), HasSubstr("911")) << "another provider's SM1 is another text";
}

TEST_P(TextDeskTest, TextsThatComeAtOnceGoToOneConversation) {
  std::vector<std::thread> senders;
  senders.reserve(8);
  for (int i = 0; i < 8; ++i) {
    senders.emplace_back([this] {
      EXPECT_THAT(texts_->Receive({kNumber, "", "hello", 0, "twilio", store::NewUuid()}), IsOk());
    });
  }
  for (std::thread& sender : senders) sender.join();
  EXPECT_EQ(Conversation().text_count(), 8);
  EXPECT_THAT(Show(Conversation().name()).texts(), SizeIs(8));
}

TEST_P(TextDeskTest, KnowsThePatientByTheLatestVisitsNumberIfNobodyElseHasIt) {
  booking::v1::Appointment visit = SampleAppointment(clock_.Now() + absl::Hours(72));
  visit.mutable_contact()->set_phone_number("(212) 555-0123");
  visit.mutable_contact()->set_language_code("es");
  Record(visit);
  EXPECT_THAT(Text("hola"), AllOf(HasSubstr("Nuestro personal"), Not(HasSubstr("Our staff"))));
  EXPECT_EQ(Conversation().patient(), "patients/ada");

  clock_.Advance(absl::Minutes(1));
  booking::v1::Appointment moved = NextVersion(visit, booking::v1::APPOINTMENT_STATE_BOOKED);
  moved.mutable_contact()->set_phone_number("+12125550199");
  ASSERT_THAT(Close(Conversation()), IsOk());
  Record(moved);
  EXPECT_THAT(Text("hola"), HasSubstr("don't know this number")) << "somebody else may have it by now";
  EXPECT_EQ(Conversation().patient(), "");
}

TEST_P(TextDeskTest, ANumberThatTwoPatientsHaveIsNobodys) {
  Record(booked_);
  booking::v1::Appointment other = SampleAppointment(clock_.Now() + absl::Hours(72), store::NewName("appointments"));
  other.set_patient("patients/bob");
  Record(other);
  EXPECT_THAT(Text("hello"), HasSubstr("don't know this number"));
  EXPECT_EQ(Conversation().patient(), "");
}

TEST_P(TextDeskTest, WhoCantBeAnsweredIsKeptAndCounted) {
  EXPECT_EQ(Text("your parcel waits", "72345"), "");
  EXPECT_EQ(Conversation().number(), "72345");
  EXPECT_FALSE(Conversation().answerable());
  EXPECT_EQ(text_observer_.counts_["routine unanswerable"], 1);
}

TEST_P(TextDeskTest, AnHourLaterMachinesAreAnsweredAgain) {
  for (int i = 0; i < kMostAutomaticAnswers; ++i) EXPECT_THAT(Text("HELP"), HasSubstr("STOP"));
  EXPECT_THAT(Text("HELP"), HasSubstr("many texts"));
  EXPECT_EQ(Text("HELP"), "");
  EXPECT_THAT(Text("HELP", "+12125550124"), HasSubstr("STOP")) << "others are answered";
  clock_.Advance(absl::Hours(1));
  EXPECT_THAT(Text("HELP"), HasSubstr("STOP"));
  EXPECT_EQ(*conversations_.Sweep(10), 1);
}

TEST_P(TextDeskTest, AnotherServiceMayHandATextOver) {
  v1::ReceiveTextRequest request;
  request.set_request_id(store::NewUuid());
  request.set_from_number(kNumber);
  request.set_text("I can't pee");
  const auto context = rpc::TestContext(options::v1::ROLE_SERVICE, "services/kiosk", request);
  ASSERT_OK_AND_ASSIGN(const auto response, texts_->ReceiveText(context, request));
  EXPECT_THAT(response.answer(), HasSubstr("911"));
  EXPECT_EQ(response.conversation(), Conversation().name());
  EXPECT_EQ(texts_->ReceiveText(context, request)->conversation(), response.conversation());
  EXPECT_EQ(Conversation().text_count(), 1);
  request.set_text("hello");
  EXPECT_THAT(texts_->ReceiveText(rpc::TestContext(options::v1::ROLE_SERVICE, "services/kiosk", request), request),
              FailsWith(StatusCode::kInvalidArgument, "REQUEST_ID_REUSED"));
}

INSTANTIATE_TEST_SUITE_P(EveryEngine, TextDeskTest, testing::ValuesIn(store::Engines()), store::EngineName());

}  // namespace
}  // namespace lumbar::notification
