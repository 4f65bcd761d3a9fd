#include "services/triage/domain/text_scanner.h"

#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_replace.h>
#include <gmock/gmock.h>

#include "common/status/matchers.h"
#include "services/triage/domain/testing.h"

namespace lumbar::triage {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class TextScannerTest : public testing::Test {
 protected:
  v1::Level LevelOf(absl::string_view text) const { return scanner_.Scan(text).level(); }
  std::vector<std::string> Mentioned(absl::string_view text) const {
    std::vector<std::string> found;
    const v1::ScanTextResponse response = scanner_.Scan(text);
    for (const auto& mention : response.mentions()) {
      found.push_back((mention.negated() ? "no " : "") + mention.finding());
    }
    return found;
  }
  void ExpectEmergency(std::initializer_list<const char*> texts) const {
    for (const char* text : texts) EXPECT_GE(LevelOf(text), v1::LEVEL_EMERGENCY) << text;
  }
  void ExpectNone(std::initializer_list<const char*> texts) const {
    for (const char* text : texts) EXPECT_LT(LevelOf(text), v1::LEVEL_EMERGENCY) << text;
  }

  const v1::Protocol& protocol_ = Shipped().definition();
  FakeClock clock_{kTestTime};
  TextScanner scanner_{LoadLexicon(ShippedLexicon(), protocol_).value(), protocol_, clock_};
};

TEST_F(TextScannerTest, KnowsEmergenciesInEnglish) {
  ExpectEmergency({"I can't pee since this morning", "i cant feel my groin",
                   "Numbness between my legs and it's spreading", "I lost all control of my bladder",
                   "Both my legs are going numb", "my leg is getting weaker every hour",
                   "I passed out when the pain started", "Can\u2019t feel when I wipe", "i wet myself twice today",
                   "Pregnant and bleeding", "TEARING PAIN IN MY CHEST", "I have chest pain", "I want to die",
                   "the pain goes down both legs"});
}

TEST_F(TextScannerTest, KnowsEmergenciesInSpanish) {
  ExpectEmergency({"No puedo orinar desde ayer", "Tengo adormecida la entrepierna", "perdí el control de la vejiga",
                   "No siento las piernas", "me desmayé", "Me oriné encima", "la pierna está cada vez más débil",
                   "dolor en el pecho", "se me adormecen las dos piernas", "estoy embarazada y sangro"});
}

TEST_F(TextScannerTest, TellsTheLanguageOfWhatItFinds) {
  EXPECT_EQ(scanner_.Scan("I can't pee").mentions(0).language_code(), "en");
  EXPECT_EQ(scanner_.Scan("no puedo orinar").mentions(0).language_code(), "es");
  EXPECT_EQ(scanner_.Scan("no chest pain. dolor en el pecho").mentions(0).language_code(), "es")
      << "of what is there, and not of what isn't";
}

TEST_F(TextScannerTest, UnderstandsNegation) {
  ExpectNone({"no numbness in my groin", "I have no numbness or weakness in both legs", "I haven't passed out",
              "I don't have trouble peeing", "no fever, no chest pain", "without any loss of feeling, no incontinence",
              "It hurts but no numbness in the groin", "never had chest pain"});
  ExpectNone({"no tengo adormecimiento en la ingle", "sin dolor en el pecho", "nunca me desmayé",
              "no tengo incontinencia ni fiebre"});
  EXPECT_THAT(Mentioned("no numbness in my groin"), ElementsAre("no saddle_numbness"));
}

TEST_F(TextScannerTest, ANegationReachesNoFurtherThanItsClause) {
  ExpectEmergency({"No fever. Numb in the groin", "no fever but I am numb in the groin", "no fever, numb in the groin",
                   "No fever and can't pee", "no fever or can't pee", "no pain now my groin is numb",
                   "no fever and I lost control of my bladder", "It is not getting better and both legs are numb",
                   "not sure but numbness around my groin", "not only numbness in my groin",
                   "sin fiebre pero no puedo orinar", "no sé, siento adormecida la ingle",
                   "no tengo fiebre y me desmayé"});
}

TEST_F(TextScannerTest, WhatIsSaidOnceAsThereIsThere) {
  EXPECT_THAT(Mentioned("Yesterday no numbness in the groin. Today numbness in the groin"),
              ElementsAre("saddle_numbness"));
}

TEST_F(TextScannerTest, FindsNothingInWhatPatientsWriteEveryDay) {
  ExpectNone({"", "Can I move my visit to Friday?", "My back is sore after running, ice helps",
              "Thanks, see you tomorrow", "Gracias, nos vemos el lunes", "Is the copay $25?",
              "I stretched my hamstrings and it feels better", "me duele la espalda desde el lunes", "ok", "\xff\xfe",
              "911", "Where do I join the video visit?"});
  EXPECT_THAT(Mentioned("My back is sore after running, ice helps"), IsEmpty());
  EXPECT_EQ(LevelOf("Thanks"), v1::LEVEL_UNSPECIFIED);
}

TEST_F(TextScannerTest, TheLevelIsThatOfTheProtocolsRules) {
  EXPECT_EQ(LevelOf("I have a fever"), v1::LEVEL_CONSULTATION_24);
  EXPECT_EQ(LevelOf("I have a fever and my leg feels weak"), v1::LEVEL_EMERGENCY);
  EXPECT_EQ(LevelOf("ripping pain"), v1::LEVEL_EMERGENCY_AMBULANCE);
}

// Each phrase with a danger of its own, or a finding that is one, is known when somebody writes it.
TEST_F(TextScannerTest, EveryPhraseIsFound) {
  const auto lexicon = LoadLexicon(ShippedLexicon(), protocol_).value();
  for (const auto& entry : lexicon.entries()) {
    for (const std::string& phrase : entry.phrases()) {
      const std::string text = absl::StrReplaceAll(phrase, {{" ...", " of the"}, {"*", "x"}});
      EXPECT_THAT(Mentioned(absl::StrCat("hello ", text, " today")), testing::Contains(entry.finding())) << text;
    }
  }
}

TEST_F(TextScannerTest, TheLoaderRefusesWhatCanNeverMatch) {
  const std::string good =
      R"(protocol: "protocols/low-back-pain" version: "1" negations { language_code: "en" cues: "no" }
      entries { finding: "fever" language_code: "en" phrases: "fever" })";
  EXPECT_THAT(ParseLexicon(good, "f", protocol_), IsOk());
  for (const auto& [from, to] :
       std::vector<std::pair<const char*, const char*>>{{"\"fever\" language", "\"fevr\" language"},
                                                        {"phrases: \"fever\"", "phrases: \"Fever\""},
                                                        {"phrases: \"fever\"", "phrases: \"can't\""},
                                                        {"phrases: \"fever\"", "phrases: \"... fever\""},
                                                        {"phrases: \"fever\"", "phrases: \"a*\""},
                                                        {"phrases: \"fever\"", ""},
                                                        {"language_code: \"en\" p", "language_code: \"fr\" p"},
                                                        {"finding: \"fever\"", ""},
                                                        {"version: \"1\"", ""},
                                                        {"protocols/low", "protocols/high"}}) {
    const std::string bad = absl::StrReplaceAll(good, {{from, to}});
    ASSERT_NE(bad, good) << from;
    EXPECT_THAT(ParseLexicon(bad, "f", protocol_), FailsWith(absl::StatusCode::kInvalidArgument, "PROTOCOL_REFUSED"))
        << bad;
  }
  EXPECT_THAT(LoadLexicon("/nowhere", protocol_), FailsWith(absl::StatusCode::kNotFound, "PROTOCOL_UNREADABLE"));
}

}  // namespace
}  // namespace lumbar::triage
