// How long a text is as telephones count it: 3GPP TS 23.038's 7-bit alphabet, or UCS-2 once it has one other character.
#pragma once

#include <absl/strings/string_view.h>

#include <string>

namespace lumbar::notification {

struct TextSize {
  // Whether every character is of the 7-bit alphabet.
  bool gsm7 = true;
  // Septets, those of the extension table counted twice; otherwise UTF-16 code units.
  int units = 0;
  // 160 septets or 70 units alone; 153 or 67 in each part of a longer text, which splits no character.
  int segments = 1;
};

// Of `text`, UTF-8; a byte that isn't counts as one other character.
TextSize MeasureText(absl::string_view text);

// `text` in the 7-bit alphabet, with what that lacks written plainly: "sábado" as "sabado", typographic marks as the
// typewriter's. A text that can't be written so stays as it is.
std::string InGsm7(absl::string_view text);

}  // namespace lumbar::notification
