// The words by which a telephone's owner says whether texts may come, in English and Spanish.
#pragma once

#include <absl/strings/string_view.h>

#include <string>

namespace lumbar::notification {

enum class TextKeyword {
  kNone,
  // No more texts: STOP, STOPALL, UNSUBSCRIBE, END, QUIT, REVOKE, OPTOUT, ALTO, BAJA, ... (FCC, 11 April 2025).
  kStop,
  // Texts again: START, UNSTOP, ...
  kStart,
  // Texts again if there were to be none; otherwise the answer to somebody's question: YES, SI.
  kYes,
  // HELP, INFO, AYUDA, ...
  kHelp,
  // Of the visit or of the texts? CANCEL, CANCELAR, ...
  kCancel,
};

struct KeywordFound {
  TextKeyword keyword = TextKeyword::kNone;
  // In which language it was written: "en" or "es".
  absl::string_view language = "en";
};

// The keyword that `text`, UTF-8, consists of, whatever its case, accents and punctuation, and with the courtesies that
// people add ("Stop, please!"). A sentence that only has one in it is none: "please stop by at noon", "I can't stop
// crying".
KeywordFound FindKeyword(absl::string_view text);

}  // namespace lumbar::notification
