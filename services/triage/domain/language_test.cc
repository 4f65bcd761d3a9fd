#include "services/triage/domain/language.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/status/matchers.h"
#include "services/triage/domain/engine.h"
#include "services/triage/domain/protocol_loader.h"
#include "services/triage/domain/protocol_registry.h"
#include "services/triage/domain/testing.h"

namespace lumbar::triage {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

v1::Protocol Raw() { return LoadProtocols(ShippedFolder())->front(); }

v1::Translation::Text* TextFrom(v1::Protocol& protocol, const std::string& from) {
  for (auto& translation : *protocol.mutable_translations()) {
    for (auto& text : *translation.mutable_texts()) {
      if (text.from() == from) return &text;
    }
  }
  return nullptr;
}

TEST(LanguageTest, ShipsSpanishWithoutGaps) {
  EXPECT_THAT(TranslatedTo(Raw()), ElementsAre("es"));
  EXPECT_EQ(FaultOfTranslation(Raw(), "es"), "");
}

TEST(LanguageTest, MissesATranslationOnceTheEnglishChanged) {
  auto protocol = Raw();
  protocol.mutable_findings(0)->set_question("Is it bad?");
  EXPECT_THAT(FaultOfTranslation(protocol, "es"), HasSubstr("missing translation of \"Is it bad?\""));
}

TEST(LanguageTest, RefusesALostPlaceholderAndATextOfNobody) {
  auto protocol = Raw();
  TextFrom(protocol, protocol.wording().blocked())->set_to("No.");
  EXPECT_THAT(FaultOfTranslation(protocol, "es"), HasSubstr("{reasons} is missing"));
  protocol = Raw();
  auto* stray = protocol.mutable_translations(0)->add_texts();
  stray->set_from("Nobody says this.");
  stray->set_to("Nadie dice esto.");
  EXPECT_THAT(FaultOfTranslation(protocol, "es"), HasSubstr("which the protocol doesn't say"));
}

TEST(LanguageTest, AnswersInSpanishWithTheSameLevelAndHash) {
  const ProtocolRegistry registry({Raw()});
  const auto* english = registry.Find("", "");
  const auto* spanish = registry.Find("", "es-MX");
  const auto assess = [](const CompiledProtocol& protocol) {
    const auto facts = protocol.ReadFacts(With(Harmless(), {"saddle_numbness"}), kTestTime);
    return AssessFacts(protocol, *protocol.FindRuleSet(""), *facts, kTestTime);
  };
  const auto here = assess(*english), there = assess(*spanish);
  EXPECT_EQ(there.language_code(), "es");
  EXPECT_THAT(there.headline(), HasSubstr("sala de emergencias"));
  EXPECT_THAT(there.safety_net(), HasSubstr("911"));
  EXPECT_NE(there.fired_rules(0).note(), here.fired_rules(0).note());
  EXPECT_NE(there.evidence_for(0).label(), here.evidence_for(0).label());
  EXPECT_EQ(there.level(), here.level());
  EXPECT_EQ(there.rules_sha256(), here.rules_sha256());
}

TEST(LanguageTest, Says911WhereverTheEnglishDoes) {
  const auto protocol = Raw();
  int calls_for_help = 0;
  for (const auto& translation : protocol.translations()) {
    for (const auto& text : translation.texts()) {
      if (text.from().find("911") == std::string::npos) continue;
      EXPECT_THAT(text.to(), HasSubstr("911")) << translation.language_code();
      ++calls_for_help;
    }
  }
  EXPECT_GE(calls_for_help, 4);
}

TEST(LanguageTest, FallsBackToEnglish) {
  const ProtocolRegistry registry({Raw()});
  for (const char* language : {"", "en", "en-US", "fr", "EN"}) EXPECT_EQ(registry.Find("", language)->language(), "en");
  for (const char* language : {"es", "ES", "es-419"}) EXPECT_EQ(registry.Find("", language)->language(), "es");
}

}  // namespace
}  // namespace lumbar::triage
