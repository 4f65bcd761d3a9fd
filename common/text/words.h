// What people write, made comparable: without case, accents, and the many forms that one letter has.
#pragma once

#include <absl/strings/string_view.h>

#include <cstdint>
#include <string>
#include <vector>

namespace lumbar {

// Whether the code point is a letter, a mark on one, or a digit.
bool IsWordPart(int32_t point);

// The clauses of `text`, each as its words and commas: "Sí, CAN'T feel\nmy leg" gives {"si", ",", "cant", "feel"},
// {"my", "leg"}. A full stop, a semicolon, a colon, a question or exclamation mark and a line break part clauses; an
// apostrophe parts nothing; whatever else is neither letter, mark nor digit parts words, and so do bytes that aren't
// UTF-8.
std::vector<std::vector<std::string>> FoldedClauses(absl::string_view text);

// The words of the whole text.
std::vector<std::string> FoldedWords(absl::string_view text);

// Whether readers would take `a` for `b`: case, accents, spaces, dots and the like, and letters that only look alike
// (Unicode's UTS 39) don't tell them apart. What can't be compared counts as alike.
bool LooksAlike(absl::string_view a, absl::string_view b);

}  // namespace lumbar
