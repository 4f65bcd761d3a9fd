#include "common/text/words.h"

#include <absl/strings/str_join.h>
#include <unicode/uspoof.h>
#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace lumbar {
namespace {

// Calls `visit(point, bytes)` for each character; the point of a byte that isn't UTF-8 is -1.
template <typename Visit>
void ForEachCharacter(absl::string_view text, Visit visit) {
  while (!text.empty()) {
    utf8proc_int32_t point = -1;
    const auto size = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                       static_cast<utf8proc_ssize_t>(text.size()), &point);
    const size_t step = size > 0 ? static_cast<size_t>(size) : 1;
    visit(size > 0 ? point : -1, text.substr(0, step));
    text.remove_prefix(step);
  }
}

std::string WithoutStrayBytes(absl::string_view text) {
  std::string clean;
  clean.reserve(text.size());
  ForEachCharacter(text, [&](utf8proc_int32_t point, absl::string_view bytes) {
    clean.append(point < 0 ? " " : std::string(bytes));
  });
  return clean;
}

std::string Folded(absl::string_view text) {
  const std::string clean = WithoutStrayBytes(text);
  utf8proc_uint8_t* mapped = nullptr;
  const auto size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(clean.data()),
                                 static_cast<utf8proc_ssize_t>(clean.size()), &mapped,
                                 static_cast<utf8proc_option_t>(UTF8PROC_CASEFOLD | UTF8PROC_COMPAT | UTF8PROC_COMPOSE |
                                                                UTF8PROC_STRIPMARK | UTF8PROC_IGNORE));
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(mapped, &std::free);
  return size < 0 ? clean : std::string(reinterpret_cast<const char*>(mapped), static_cast<size_t>(size));
}

bool IsApostrophe(utf8proc_int32_t point) {
  return point == '\'' || point == '`' || point == 0xb4 || point == 0x2018 || point == 0x2019;
}

bool PartsClauses(utf8proc_int32_t point) {
  return point == '.' || point == ';' || point == ':' || point == '?' || point == '!' || point == '\n' ||
         point == '\r' || point == 0xbf || point == 0xa1 || point == 0x2028 || point == 0x2029;
}

// What all texts that look like this one have in common.
std::optional<std::string> Skeleton(absl::string_view text) {
  UErrorCode error = U_ZERO_ERROR;
  static const USpoofChecker* const checker = uspoof_open(&error);
  if (checker == nullptr) return std::nullopt;
  // A letter becomes a few at most.
  std::string skeleton(20 * text.size() + 1, '\0');
  const int32_t size = uspoof_getSkeletonUTF8(checker, 0, text.data(), static_cast<int32_t>(text.size()),
                                              skeleton.data(), static_cast<int32_t>(skeleton.size()), &error);
  if (U_FAILURE(error) != 0) return std::nullopt;
  skeleton.resize(static_cast<size_t>(size));
  return skeleton;
}

}  // namespace

bool IsWordPart(int32_t point) {
  switch (utf8proc_category(point)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ND:
      return true;
    default:
      return false;
  }
}

std::vector<std::vector<std::string>> FoldedClauses(absl::string_view text) {
  std::vector<std::vector<std::string>> clauses(1);
  std::string word;
  const auto end_word = [&] {
    if (!word.empty()) clauses.back().push_back(std::exchange(word, {}));
  };
  ForEachCharacter(Folded(text), [&](utf8proc_int32_t point, absl::string_view bytes) {
    if (IsApostrophe(point)) return;
    if (IsWordPart(point)) {
      word.append(bytes.data(), bytes.size());
      return;
    }
    end_word();
    if (point == ',' && !clauses.back().empty()) clauses.back().push_back(",");
    if (PartsClauses(point) && !clauses.back().empty()) clauses.emplace_back();
  });
  end_word();
  if (clauses.back().empty()) clauses.pop_back();
  return clauses;
}

std::vector<std::string> FoldedWords(absl::string_view text) {
  std::vector<std::string> words;
  for (std::vector<std::string>& clause : FoldedClauses(text)) {
    clause.erase(std::remove(clause.begin(), clause.end(), ","), clause.end());
    words.insert(words.end(), std::make_move_iterator(clause.begin()), std::make_move_iterator(clause.end()));
  }
  return words;
}

bool LooksAlike(absl::string_view a, absl::string_view b) {
  const std::optional<std::string> one = Skeleton(a);
  const std::optional<std::string> other = Skeleton(b);
  return !one || !other || absl::StrJoin(FoldedWords(*one), "") == absl::StrJoin(FoldedWords(*other), "");
}

}  // namespace lumbar
