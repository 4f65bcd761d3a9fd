#include "services/notification/domain/gsm_text.h"

#include <gmock/gmock.h>

namespace lumbar::notification {
namespace {

std::string Of(int count, const char* character) {
  std::string text;
  while (count-- > 0) text += character;
  return text;
}

void ExpectSize(const std::string& text, bool gsm7, int units, int segments) {
  const TextSize size = MeasureText(text);
  EXPECT_EQ(size.gsm7, gsm7) << text;
  EXPECT_EQ(size.units, units) << text;
  EXPECT_EQ(size.segments, segments) << text;
}

TEST(GsmTextTest, CountsSeptetsAndSegments) {
  ExpectSize("", true, 0, 1);
  ExpectSize("¿Mañana? ¡Sí no!", false, 16, 1);  // í isn't in the alphabet; é and ñ are.
  ExpectSize("¿Mañana a las 3? é", true, 18, 1);
  ExpectSize(Of(160, "a"), true, 160, 1);
  ExpectSize(Of(161, "a"), true, 161, 2);
  ExpectSize(Of(306, "a"), true, 306, 2);
  ExpectSize(Of(307, "a"), true, 307, 3);
}

TEST(GsmTextTest, CountsTheExtensionTableTwiceAndSplitsNoEscape) {
  ExpectSize("{}[]\\~^|€", true, 18, 1);
  ExpectSize(Of(80, "€"), true, 160, 1);
  ExpectSize(Of(81, "€"), true, 162, 2);
  // 153 is odd: 76 of them fill a part.
  ExpectSize(Of(152, "€"), true, 304, 2);
  ExpectSize(Of(153, "€"), true, 306, 3);
}

TEST(GsmTextTest, CountsUtf16WhereTheAlphabetLacksACharacter) {
  ExpectSize(Of(70, "í"), false, 70, 1);
  ExpectSize(Of(71, "í"), false, 71, 2);
  ExpectSize(Of(134, "í"), false, 134, 2);
  ExpectSize(Of(135, "í"), false, 135, 3);
  // Two units each, and 67 is odd.
  ExpectSize(Of(35, "😀"), false, 70, 1);
  ExpectSize(Of(66, "😀"), false, 132, 2);
  ExpectSize(Of(67, "😀"), false, 134, 3);
  ExpectSize("\xff", false, 1, 1);
}

TEST(GsmTextTest, WritesPlainlyWhatTheAlphabetLacks) {
  EXPECT_EQ(InGsm7("sábado, 10 – mañana a las 2:30 p. m. ‘ok’ …"), "sabado, 10 - mañana a las 2:30 p. m. 'ok' ...");
  EXPECT_EQ(InGsm7("Él está aquí"), "Él esta aqui");
  EXPECT_EQ(InGsm7("café, ¿qué?"), "café, ¿qué?");
}

TEST(GsmTextTest, LeavesATextThatCannotBeWrittenPlainly) {
  EXPECT_EQ(InGsm7("诊所: sábado"), "诊所: sábado");
  EXPECT_EQ(InGsm7("bad \xff byte"), "bad \xff byte");
}

}  // namespace
}  // namespace lumbar::notification
