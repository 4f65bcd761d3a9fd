#include "services/notification/domain/text_keyword.h"

#include <gmock/gmock.h>

namespace lumbar::notification {
namespace {

void ExpectAll(std::initializer_list<const char*> texts, TextKeyword keyword, absl::string_view language) {
  for (const char* text : texts) {
    EXPECT_EQ(FindKeyword(text).keyword, keyword) << text;
    EXPECT_EQ(FindKeyword(text).language, language) << text;
  }
}

TEST(TextKeywordTest, KnowsEveryWayToOptOut) {
  ExpectAll({"STOP",
             "stop",
             " Stop. ",
             "STOP!!!",
             "StopAll",
             "UNSUBSCRIBE",
             "END",
             "quit",
             "Revoke",
             "OPTOUT",
             "opt out",
             "opt-out",
             "stop please",
             "Please STOP",
             "Stop, thanks",
             "stop stop stop",
             "\"STOP\"",
             "please stop texting me",
             "Don't text me",
             "don\u2019t text me",
             "ＳＴＯＰ",
             "st\u200bop",
             "STOP \U0001F621"},
            TextKeyword::kStop, "en");
  ExpectAll({"ALTO", "alto por favor", "Baja", "PARAR", "no más mensajes", "No me escriban más", "¡Alto! Gracias",
             "darme de baja"},
            TextKeyword::kStop, "es");
}

TEST(TextKeywordTest, KnowsEveryWayToOptIn) {
  ExpectAll({"START", "unstop", "Start please"}, TextKeyword::kStart, "en");
  ExpectAll({"Empezar", "alta"}, TextKeyword::kStart, "es");
  ExpectAll({"YES", "yes please"}, TextKeyword::kYes, "en");
  ExpectAll({"sí", "SI"}, TextKeyword::kYes, "es");
}

TEST(TextKeywordTest, TellsHelpAndCancelApart) {
  ExpectAll({"HELP", "info", "Help please!"}, TextKeyword::kHelp, "en");
  ExpectAll({"Ayuda", "información"}, TextKeyword::kHelp, "es");
  ExpectAll({"CANCEL", "cancel please"}, TextKeyword::kCancel, "en");
  ExpectAll({"cancelar", "Cancelen, por favor"}, TextKeyword::kCancel, "es");
}

TEST(TextKeywordTest, ASentenceThatHasOneInItIsNone) {
  ExpectAll({"please stop by at noon", "I can't stop crying", "help me, I can't feel my legs", "yes it still hurts",
             "does the pain end", "cancel my visit on Friday", "para mi visita", "", "please", "thank you", "\xff\xff",
             "stopping"},
            TextKeyword::kNone, "en");
  EXPECT_EQ(FindKeyword("stop" + std::string(300, '!')).keyword, TextKeyword::kNone);
}

}  // namespace
}  // namespace lumbar::notification
