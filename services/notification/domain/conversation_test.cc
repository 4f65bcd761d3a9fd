#include "services/notification/domain/conversation.h"

#include <gmock/gmock.h>

#include "common/status/matchers.h"
#include "common/time/proto_time.h"

namespace lumbar::notification {
namespace {

using absl::StatusCode;
using testing::Optional;

const TextTerms kTerms{absl::FromUnixSeconds(1'772'000'000), absl::Minutes(30)};
const TextFindings kNothing{};

ArrivedText Text(const std::string& text, int attachments = 0) {
  return Arrive({"+12125550123", "", text, attachments});
}
TextFindings Emergency(const std::string& language = "en") { return {true, language}; }
NumberStanding Known() {
  NumberStanding standing;
  standing.patient = "patients/ada";
  standing.language_code = "es";
  return standing;
}
NumberStanding After(const TextOutcome& outcome, NumberStanding standing = Known()) {
  standing.conversation = outcome.conversation;
  return standing;
}

TEST(ConversationTest, TheFirstTextIsAcknowledgedAndTheNextIsNot) {
  const TextOutcome first = Decide(Text("Can I come at 3?"), kNothing, Known(), kTerms);
  EXPECT_THAT(first.reply, Optional(TextReply::kReceived));
  EXPECT_EQ(first.reply_language, "es");
  EXPECT_EQ(first.conversation->state(), v1::CONVERSATION_STATE_WAITING);
  EXPECT_EQ(first.conversation->urgency(), v1::CONVERSATION_URGENCY_ROUTINE);
  EXPECT_EQ(FromProto(first.conversation->answer_due_time()), kTerms.now + absl::Minutes(30));
  const TextOutcome second = Decide(Text("Or at 4?"), kNothing, After(first), kTerms);
  EXPECT_EQ(second.reply, std::nullopt);
  EXPECT_EQ(second.conversation->text_count(), 2);
  EXPECT_EQ(second.text->position(), 2);
}

TEST(ConversationTest, AnEmergencyIsAnsweredEachTimeAndAlertsOnceAtFirst) {
  const TextOutcome first = Decide(Text("I can't pee"), Emergency(), Known(), kTerms);
  EXPECT_THAT(first.reply, Optional(TextReply::kEmergency));
  EXPECT_EQ(first.reply_language, "en") << "in the words that it was found by";
  EXPECT_TRUE(first.alert);
  EXPECT_EQ(first.conversation->urgency(), v1::CONVERSATION_URGENCY_EMERGENCY);
  const TextOutcome again = Decide(Text("still can't pee"), Emergency(), After(first), kTerms);
  EXPECT_THAT(again.reply, Optional(TextReply::kEmergency));
  EXPECT_FALSE(again.alert);
  const TextOutcome calm = Decide(Text("ok"), kNothing, After(again), kTerms);
  EXPECT_EQ(calm.conversation->urgency(), v1::CONVERSATION_URGENCY_EMERGENCY) << "it never goes down";
}

TEST(ConversationTest, AnEmergencyInAnAnsweredConversationAlertsAgain) {
  NumberStanding standing = After(Decide(Text("I can't pee"), Emergency(), Known(), kTerms));
  ASSERT_THAT(MarkAnswered(*standing.conversation), IsOk());
  EXPECT_TRUE(Decide(Text("I can't pee"), Emergency(), standing, kTerms).alert);
}

// Staff may have phoned, which nobody sees here, or the next text may be of another danger.
TEST(ConversationTest, AnEmergencyThatStillWaitsAlertsAgainAfterAWhile) {
  const NumberStanding standing = After(Decide(Text("I can't pee"), Emergency(), Known(), kTerms));
  const auto alerts = [&](absl::Duration later) {
    return Decide(Text("my legs are numb"), Emergency(), standing, {kTerms.now + later, kTerms.answer_within}).alert;
  };
  EXPECT_FALSE(alerts(kAlertAgain - absl::Seconds(1)));
  EXPECT_TRUE(alerts(kAlertAgain));
}

TEST(ConversationTest, AnEmergencyAfterAnAnswerAlertsWhateverCameInBetween) {
  NumberStanding standing = After(Decide(Text("I can't pee"), Emergency(), Known(), kTerms));
  ASSERT_THAT(MarkAnswered(*standing.conversation), IsOk());
  const TextOutcome thanks = Decide(Text("thanks"), kNothing, standing, kTerms);
  EXPECT_FALSE(thanks.alert);
  EXPECT_TRUE(Decide(Text("now my legs are numb"), Emergency(), After(thanks), kTerms).alert);
}

TEST(ConversationTest, WhoWritesAgainAfterStaffWasToldIsWaitedForAnew) {
  NumberStanding standing = After(Decide(Text("hello?"), kNothing, Known(), kTerms));
  const auto since = standing.conversation->waiting_since();
  standing.conversation->set_escalated(true);
  const absl::Time later = kTerms.now + absl::Hours(3);
  const TextOutcome again = Decide(Text("anybody?"), kNothing, standing, {later, kTerms.answer_within});
  EXPECT_FALSE(again.conversation->escalated());
  EXPECT_EQ(FromProto(again.conversation->answer_due_time()), later + kTerms.answer_within);
  EXPECT_EQ(again.conversation->waiting_since().seconds(), since.seconds()) << "they wait since their first text";
}

TEST(ConversationTest, WhatNobodyScannedIsNeverRoutine) {
  for (const TextOutcome& outcome :
       {Decide(Text("hello"), std::nullopt, Known(), kTerms), Decide(Text("hel\xfflo"), kNothing, Known(), kTerms)}) {
    EXPECT_EQ(outcome.conversation->urgency(), v1::CONVERSATION_URGENCY_UNSCANNED);
    EXPECT_THAT(outcome.reply, Optional(TextReply::kReceived));
    const TextOutcome next = Decide(Text("hello"), std::nullopt, After(outcome), kTerms);
    EXPECT_THAT(next.reply, Optional(TextReply::kReceived)) << "each is told what to do in an emergency";
  }
  const TextOutcome part = Decide(Text(std::string(5000, 'x')), kNothing, Known(), kTerms);
  EXPECT_EQ(part.conversation->urgency(), v1::CONVERSATION_URGENCY_UNSCANNED);
  EXPECT_THAT(part.reply, Optional(TextReply::kTooLong));
}

TEST(ConversationTest, WhoOptedOutIsToldOnlyWhatMayBeDangerous) {
  NumberStanding standing = Known();
  standing.opted_out = true;
  const TextOutcome ordinary = Decide(Text("Can I come at 3?", 1), kNothing, standing, kTerms);
  EXPECT_EQ(ordinary.reply, std::nullopt);
  EXPECT_TRUE(ordinary.text) << "the care team sees it all the same";
  EXPECT_THAT(Decide(Text("I can't pee"), Emergency(), standing, kTerms).reply, Optional(TextReply::kEmergency));
  EXPECT_THAT(Decide(Text("I can't pee"), std::nullopt, standing, kTerms).reply, Optional(TextReply::kReceived));
  const TextOutcome cancel = Decide(Text("cancel"), kNothing, standing, kTerms);
  EXPECT_EQ(cancel.reply, std::nullopt);
  EXPECT_TRUE(cancel.text);
}

TEST(ConversationTest, StopIsConfirmedOnceAndYesMeansStartOnlyAfterIt) {
  NumberStanding standing = Known();
  const TextOutcome stop = Decide(Text("STOP"), std::nullopt, standing, kTerms);
  EXPECT_THAT(stop.opted_out, Optional(true));
  EXPECT_THAT(stop.reply, Optional(TextReply::kStopped));
  EXPECT_FALSE(stop.conversation);
  EXPECT_EQ(Decide(Text("yes"), kNothing, standing, kTerms).kind, "routine");
  standing.opted_out = true;
  EXPECT_EQ(Decide(Text("STOP"), std::nullopt, standing, kTerms).reply, std::nullopt);
  EXPECT_THAT(Decide(Text("sí"), kNothing, standing, kTerms).opted_out, Optional(false));
  EXPECT_EQ(Decide(Text("sí"), kNothing, standing, kTerms).reply_language, "es");
}

TEST(ConversationTest, AnOpenConversationShowsTheWordsThatCameInBetween) {
  const TextOutcome first = Decide(Text("Can I come at 3?"), kNothing, Known(), kTerms);
  const TextOutcome stop = Decide(Text("STOP"), std::nullopt, After(first), kTerms);
  EXPECT_EQ(stop.text->text(), "STOP");
  EXPECT_EQ(stop.conversation->text_count(), 2);
  NumberStanding closed = After(first);
  ASSERT_THAT(MarkClosed(*closed.conversation), IsOk());
  EXPECT_FALSE(Decide(Text("STOP"), std::nullopt, closed, kTerms).conversation) << "a closed one isn't opened by them";
}

TEST(ConversationTest, SaysWhatItCantRead) {
  EXPECT_THAT(Decide(Text("see", 1), kNothing, Known(), kTerms).reply, Optional(TextReply::kPicture));
  EXPECT_THAT(Decide(Text(std::string(1601, 'x')), kNothing, Known(), kTerms).reply, Optional(TextReply::kTooLong));
  EXPECT_THAT(Decide(Text("hello"), kNothing, {}, kTerms).reply, Optional(TextReply::kUnknown));
  EXPECT_EQ(Decide(Text("hello"), kNothing, {}, kTerms).reply_language, "") << "in every language";
}

TEST(ConversationTest, AClosedOneIsOpenedAgainAndAcknowledged) {
  NumberStanding standing = After(Decide(Text("I can't pee"), Emergency(), Known(), kTerms));
  ASSERT_THAT(MarkClosed(*standing.conversation), IsOk());
  const TextOutcome later = Decide(Text("thank you"), kNothing, standing, kTerms);
  EXPECT_EQ(later.conversation->state(), v1::CONVERSATION_STATE_WAITING);
  EXPECT_EQ(later.conversation->urgency(), v1::CONVERSATION_URGENCY_ROUTINE);
  EXPECT_THAT(later.reply, Optional(TextReply::kReceived));
}

TEST(ConversationTest, AFullOneKeepsNoMoreAndSaysSo) {
  NumberStanding standing = After(Decide(Text("hello"), kNothing, Known(), kTerms));
  standing.conversation->set_text_count(kMostTexts);
  const TextOutcome lost = Decide(Text("hello"), kNothing, standing, kTerms);
  EXPECT_FALSE(lost.text);
  EXPECT_THAT(lost.reply, Optional(TextReply::kFull));
  const TextOutcome emergency = Decide(Text("I can't pee"), Emergency(), standing, kTerms);
  EXPECT_THAT(emergency.reply, Optional(TextReply::kEmergency));
  EXPECT_TRUE(emergency.alert);
  EXPECT_FALSE(Decide(Text("STOP"), std::nullopt, standing, kTerms).text);
  EXPECT_THAT(MarkAnswered(*standing.conversation), FailsWith(StatusCode::kFailedPrecondition, "CONVERSATION_FULL"));
}

TEST(ConversationTest, TwoMachinesDontTextEachOtherForEver) {
  NumberStanding standing = Known();
  standing.answered = kMostAutomaticAnswers - 1;
  EXPECT_THAT(Decide(Text("HELP"), kNothing, standing, kTerms).reply, Optional(TextReply::kHelp));
  standing.answered = kMostAutomaticAnswers;
  EXPECT_THAT(Decide(Text("HELP"), kNothing, standing, kTerms).reply, Optional(TextReply::kTooMany));
  standing.answered = kMostAutomaticAnswers + 1;
  EXPECT_EQ(Decide(Text("HELP"), kNothing, standing, kTerms).reply, std::nullopt);
  const TextOutcome stop = Decide(Text("STOP"), kNothing, standing, kTerms);
  EXPECT_THAT(stop.opted_out, Optional(true)) << "it holds, confirmed or not";
}

TEST(ConversationTest, WhoCantBeAnsweredIsReadAndNotAnswered) {
  const TextOutcome outcome = Decide(Arrive({"72345", "", "I can't pee"}), Emergency(), {}, kTerms);
  EXPECT_EQ(outcome.reply, std::nullopt);
  EXPECT_TRUE(outcome.alert);
  v1::Conversation conversation = *outcome.conversation;
  EXPECT_THAT(MarkAnswered(conversation), FailsWith(StatusCode::kFailedPrecondition, "NUMBER_NOT_ANSWERABLE"));
}

TEST(ConversationTest, AnAnswerEndsTheWaiting) {
  v1::Conversation conversation = *Decide(Text("hello"), kNothing, Known(), kTerms).conversation;
  ASSERT_THAT(AssignTo(conversation, "staff/1"), IsOk());
  ASSERT_THAT(MarkAnswered(conversation), IsOk());
  EXPECT_EQ(conversation.state(), v1::CONVERSATION_STATE_ANSWERED);
  EXPECT_FALSE(conversation.has_waiting_since());
  ASSERT_THAT(MarkClosed(conversation), IsOk());
  for (const absl::Status& refused :
       {AssignTo(conversation, ""), MarkAnswered(conversation), MarkClosed(conversation)}) {
    EXPECT_THAT(refused, FailsWith(StatusCode::kFailedPrecondition, "CONVERSATION_CLOSED"));
  }
}

}  // namespace
}  // namespace lumbar::notification
