#include "services/content/domain/words.h"

#include <absl/algorithm/container.h>
#include <absl/container/flat_hash_set.h>
#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>
#include <absl/strings/str_replace.h>
#include <libstemmer.h>
#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <utility>

#include "common/text/words.h"

namespace lumbar::content {
namespace {

constexpr size_t kLongestWord = 40, kMostQueryWords = 16, kSnippetBytes = 200;
constexpr std::array<const char*, 2> kLanguages = {"en", "es"};

// Folded, because they are compared so.
const absl::flat_hash_set<absl::string_view>& StopWords() {
  static const auto* const words = new absl::flat_hash_set<absl::string_view>{
      "am",   "an",   "and",  "any",  "are",  "as",     "at",   "be",     "but",   "by",    "can",   "do",   "does",
      "for",  "from", "had",  "has",  "have", "how",    "if",   "in",     "is",    "it",    "its",   "me",   "my",
      "no",   "not",  "of",   "on",   "or",   "should", "so",   "that",   "the",   "their", "them",  "then", "there",
      "they", "this", "to",   "was",  "we",   "were",   "what", "when",   "where", "which", "who",   "why",  "will",
      "with", "you",  "your", "al",   "como", "con",    "cual", "cuando", "de",    "del",   "donde", "el",   "ella",
      "en",   "es",   "esta", "este", "ha",   "hay",    "la",   "las",    "le",    "lo",    "los",   "mas",  "mi",
      "mis",  "muy",  "ni",   "o",    "para", "pero",   "por",  "que",    "se",    "si",    "sin",   "son",  "su",
      "sus",  "tu",   "un",   "una",  "uno",  "y"};
  return *words;
}

// Of `text`, which is UTF-8, after `options`; empty if utf8proc can't.
std::string Mapped(absl::string_view text, int options) {
  utf8proc_uint8_t* mapped = nullptr;
  const auto size =
      utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()), static_cast<utf8proc_ssize_t>(text.size()),
                   &mapped, static_cast<utf8proc_option_t>(options));
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(mapped, &std::free);
  return size < 0 ? "" : std::string(reinterpret_cast<const char*>(mapped), static_cast<size_t>(size));
}

std::string Lower(absl::string_view word) { return Mapped(word, UTF8PROC_CASEFOLD | UTF8PROC_COMPOSE); }
std::string Fold(absl::string_view word) {
  return Mapped(word, UTF8PROC_CASEFOLD | UTF8PROC_COMPOSE | UTF8PROC_STRIPMARK);
}

struct FreeStemmer {
  void operator()(sb_stemmer* stemmer) const { sb_stemmer_delete(stemmer); }
};
using Stemmer = std::unique_ptr<sb_stemmer, FreeStemmer>;

// A stemmer keeps state: each thread has its own.
std::string Stem(absl::string_view word, absl::string_view language) {
  thread_local const Stemmer english(sb_stemmer_new("english", "UTF_8")), spanish(sb_stemmer_new("spanish", "UTF_8"));
  sb_stemmer* const stemmer = (language == "es" ? spanish : english).get();
  const auto* stem =
      sb_stemmer_stem(stemmer, reinterpret_cast<const sb_symbol*>(word.data()), static_cast<int>(word.size()));
  if (stem == nullptr) return std::string(word);
  return std::string(reinterpret_cast<const char*>(stem), static_cast<size_t>(sb_stemmer_length(stemmer)));
}

// Bytes that aren't UTF-8 part words.
std::vector<absl::string_view> SplitWords(absl::string_view text) {
  std::vector<absl::string_view> words;
  size_t begin = 0, at = 0;
  const auto end_word = [&] {
    if (at > begin && at - begin <= kLongestWord) words.push_back(text.substr(begin, at - begin));
  };
  while (at < text.size()) {
    utf8proc_int32_t point = 0;
    const auto size = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data() + at),
                                       static_cast<utf8proc_ssize_t>(text.size() - at), &point);
    const size_t step = size > 0 ? static_cast<size_t>(size) : 1;
    if (size > 0 && IsWordPart(point)) {
      at += step;
      continue;
    }
    end_word();
    at += step;
    begin = at;
  }
  end_word();
  return words;
}

bool SaysSomething(absl::string_view folded) {
  const bool is_short = folded.size() < 2 && !(folded.size() == 1 && folded[0] >= '0' && folded[0] <= '9');
  return !is_short && !StopWords().contains(folded);
}

void AddForm(std::string form, std::vector<std::string>& forms) {
  if (!form.empty() && !absl::c_linear_search(forms, form)) forms.push_back(std::move(form));
}

// With accents the stemmer knows more endings, and without them it must find the word all the same.
void AddForms(absl::string_view word, absl::string_view language, std::vector<std::string>& forms) {
  const std::string folded = Fold(word);
  if (!SaysSomething(folded)) return;
  AddForm(Fold(Stem(Lower(word), language)), forms);
  AddForm(Stem(folded, language), forms);
}

bool IsSearched(absl::string_view word, absl::string_view language,
                const std::vector<std::vector<std::string>>& searched, size_t& which) {
  std::vector<std::string> forms;
  if (!searched.empty()) AddForms(word, language, forms);
  for (which = 0; which < searched.size(); ++which) {
    for (const std::string& form : forms) {
      if (absl::c_linear_search(searched[which], form)) return true;
    }
  }
  return false;
}

std::string Escaped(absl::string_view text) {
  return absl::StrReplaceAll(text, {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&quot;"}, {"\n", " "}});
}

struct Hit {
  size_t begin, end;
  size_t which;
};

std::vector<Hit> FindHits(absl::string_view text, absl::string_view language,
                          const std::vector<absl::string_view>& words,
                          const std::vector<std::vector<std::string>>& searched) {
  std::vector<Hit> hits;
  for (const absl::string_view word : words) {
    const size_t begin = static_cast<size_t>(word.data() - text.data());
    size_t which = 0;
    if (IsSearched(word, language, searched, which)) hits.push_back({begin, begin + word.size(), which});
  }
  return hits;
}

// Where the first hit begins after which most different words are near; 0 if there is none.
size_t BestPlace(const std::vector<Hit>& hits) {
  size_t best = 0, most = 0;
  for (size_t first = 0; first < hits.size(); ++first) {
    absl::flat_hash_set<size_t> near;
    for (size_t i = first; i < hits.size() && hits[i].begin < hits[first].begin + kSnippetBytes / 2; ++i) {
      near.insert(hits[i].which);
    }
    if (near.size() <= most) continue;
    best = hits[first].begin;
    most = near.size();
  }
  return best;
}

}  // namespace

std::string TermsOf(absl::string_view text, absl::string_view language) {
  std::vector<std::string> terms;
  for (const absl::string_view word : SplitWords(text)) {
    std::vector<std::string> forms;
    AddForms(word, language, forms);
    absl::c_move(forms, std::back_inserter(terms));
  }
  return absl::StrJoin(terms, " ");
}

std::vector<std::vector<std::string>> QueryTerms(absl::string_view query) {
  std::vector<std::vector<std::string>> words;
  for (const absl::string_view word : SplitWords(query)) {
    std::vector<std::string> forms;
    for (const char* language : kLanguages) AddForms(word, language, forms);
    if (forms.empty() || absl::c_linear_search(words, forms)) continue;
    words.push_back(std::move(forms));
    if (words.size() == kMostQueryWords) break;
  }
  return words;
}

std::string AnchorOf(absl::string_view title) {
  constexpr size_t kLongestAnchor = 60;
  std::string anchor;
  for (const absl::string_view word : SplitWords(title)) {
    std::string folded = Fold(word);
    folded.erase(std::remove_if(folded.begin(), folded.end(), [](char c) { return !absl::ascii_isalnum(c); }),
                 folded.end());
    if (folded.empty() || anchor.size() + folded.size() + 1 > kLongestAnchor) continue;
    absl::StrAppend(&anchor, anchor.empty() ? "" : "-", folded);
  }
  return anchor.empty() ? "section" : anchor;
}

std::string PlainText(absl::string_view html) {
  std::string text;
  bool in_tag = false;
  for (const char c : html) {
    if (c == '<') in_tag = true;
    if (!in_tag) text += c;
    if (c == '>') in_tag = false;
  }
  return absl::StrReplaceAll(text, {{"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}});
}

std::string Snippet(absl::string_view text, absl::string_view language,
                    const std::vector<std::vector<std::string>>& searched) {
  const std::vector<absl::string_view> words = SplitWords(text);
  const std::vector<Hit> hits = FindHits(text, language, words, searched);
  // From a few words before the best place to the last word that fits.
  const size_t place = BestPlace(hits);
  const size_t start = place < kSnippetBytes / 4 ? 0 : place - kSnippetBytes / 4;
  size_t begin = 0, end = 0;
  for (const absl::string_view word : words) {
    const size_t at = static_cast<size_t>(word.data() - text.data());
    if (start > 0 && at <= start) begin = at;
    if (at + word.size() <= begin + kSnippetBytes) end = at + word.size();
  }
  if (begin + kSnippetBytes >= text.size()) end = text.size();

  std::string snippet = begin > 0 ? "…" : "";
  size_t done = begin;
  for (const Hit& hit : hits) {
    if (hit.begin < begin || hit.end > end) continue;
    absl::StrAppend(&snippet, Escaped(text.substr(done, hit.begin - done)), "<mark>",
                    Escaped(text.substr(hit.begin, hit.end - hit.begin)), "</mark>");
    done = hit.end;
  }
  absl::StrAppend(&snippet, Escaped(text.substr(done, end - done)), end < text.size() ? "…" : "");
  return snippet;
}

}  // namespace lumbar::content
