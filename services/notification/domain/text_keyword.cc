#include "services/notification/domain/text_keyword.h"

#include <absl/container/flat_hash_map.h>
#include <absl/strings/str_join.h>

#include <algorithm>
#include <array>
#include <vector>

#include "common/text/words.h"

namespace lumbar::notification {
namespace {

struct Entry {
  absl::string_view words;
  TextKeyword keyword;
  absl::string_view language;
};

// Folded, and without courtesies.
constexpr Entry kEntries[] = {
    {"stop", TextKeyword::kStop, "en"},
    {"stopall", TextKeyword::kStop, "en"},
    {"stop all", TextKeyword::kStop, "en"},
    {"unsubscribe", TextKeyword::kStop, "en"},
    {"unsubscribe me", TextKeyword::kStop, "en"},
    {"end", TextKeyword::kStop, "en"},
    {"quit", TextKeyword::kStop, "en"},
    {"revoke", TextKeyword::kStop, "en"},
    {"optout", TextKeyword::kStop, "en"},
    {"opt out", TextKeyword::kStop, "en"},
    {"opt me out", TextKeyword::kStop, "en"},
    {"remove me", TextKeyword::kStop, "en"},
    {"stop texting", TextKeyword::kStop, "en"},
    {"stop texting me", TextKeyword::kStop, "en"},
    {"stop texts", TextKeyword::kStop, "en"},
    {"stop the texts", TextKeyword::kStop, "en"},
    {"stop these texts", TextKeyword::kStop, "en"},
    {"stop messages", TextKeyword::kStop, "en"},
    {"stop messaging me", TextKeyword::kStop, "en"},
    {"stop sending me texts", TextKeyword::kStop, "en"},
    {"stop sending me messages", TextKeyword::kStop, "en"},
    {"no more texts", TextKeyword::kStop, "en"},
    {"no more messages", TextKeyword::kStop, "en"},
    {"dont text me", TextKeyword::kStop, "en"},
    {"do not text me", TextKeyword::kStop, "en"},
    {"dont text me anymore", TextKeyword::kStop, "en"},
    {"alto", TextKeyword::kStop, "es"},
    {"parar", TextKeyword::kStop, "es"},
    {"pare", TextKeyword::kStop, "es"},
    {"paren", TextKeyword::kStop, "es"},
    {"para", TextKeyword::kStop, "es"},
    {"basta", TextKeyword::kStop, "es"},
    {"baja", TextKeyword::kStop, "es"},
    {"dar de baja", TextKeyword::kStop, "es"},
    {"darme de baja", TextKeyword::kStop, "es"},
    {"darse de baja", TextKeyword::kStop, "es"},
    {"detener", TextKeyword::kStop, "es"},
    {"detenga", TextKeyword::kStop, "es"},
    {"salir", TextKeyword::kStop, "es"},
    {"terminar", TextKeyword::kStop, "es"},
    {"no mas", TextKeyword::kStop, "es"},
    {"no mas textos", TextKeyword::kStop, "es"},
    {"no mas mensajes", TextKeyword::kStop, "es"},
    {"no me escriban", TextKeyword::kStop, "es"},
    {"no me escriban mas", TextKeyword::kStop, "es"},
    {"no me envien mensajes", TextKeyword::kStop, "es"},
    {"no me manden mensajes", TextKeyword::kStop, "es"},
    {"no me envien mas mensajes", TextKeyword::kStop, "es"},
    {"no me manden mas mensajes", TextKeyword::kStop, "es"},
    {"start", TextKeyword::kStart, "en"},
    {"unstop", TextKeyword::kStart, "en"},
    {"opt in", TextKeyword::kStart, "en"},
    {"optin", TextKeyword::kStart, "en"},
    {"subscribe", TextKeyword::kStart, "en"},
    {"empezar", TextKeyword::kStart, "es"},
    {"comenzar", TextKeyword::kStart, "es"},
    {"iniciar", TextKeyword::kStart, "es"},
    {"reanudar", TextKeyword::kStart, "es"},
    {"alta", TextKeyword::kStart, "es"},
    {"darme de alta", TextKeyword::kStart, "es"},
    {"yes", TextKeyword::kYes, "en"},
    {"si", TextKeyword::kYes, "es"},
    {"help", TextKeyword::kHelp, "en"},
    {"info", TextKeyword::kHelp, "en"},
    {"ayuda", TextKeyword::kHelp, "es"},
    {"informacion", TextKeyword::kHelp, "es"},
    {"cancel", TextKeyword::kCancel, "en"},
    {"cancel it", TextKeyword::kCancel, "en"},
    {"cancelar", TextKeyword::kCancel, "es"},
    {"cancela", TextKeyword::kCancel, "es"},
    {"cancele", TextKeyword::kCancel, "es"},
    {"cancelen", TextKeyword::kCancel, "es"},
};

constexpr std::array<absl::string_view, 8> kCourtesies = {"please",    "pls",     "plz",       "thanks",
                                                          "thank you", "gracias", "por favor", "now"};
// A longer text is none, and need not be looked through.
constexpr size_t kLongestWords = 200;

const Entry* Lookup(const std::string& words) {
  static const auto* const entries = [] {
    auto* table = new absl::flat_hash_map<absl::string_view, const Entry*>;
    for (const Entry& entry : kEntries) table->emplace(entry.words, &entry);
    return table;
  }();
  const auto found = entries->find(words);
  return found == entries->end() ? nullptr : found->second;
}

// Takes one courtesy from either end; returns false if there is none.
bool DropCourtesy(std::string& words) {
  for (const absl::string_view courtesy : kCourtesies) {
    if (words.size() <= courtesy.size()) continue;
    const size_t rest = words.size() - courtesy.size();
    if (words.compare(rest, courtesy.size(), courtesy.data(), courtesy.size()) == 0 && words[rest - 1] == ' ') {
      words.resize(rest - 1);
      return true;
    }
    if (words.compare(0, courtesy.size(), courtesy.data(), courtesy.size()) == 0 && words[courtesy.size()] == ' ') {
      words.erase(0, courtesy.size() + 1);
      return true;
    }
  }
  return false;
}

// "stop stop" says no more than "stop".
std::string WithoutRepeats(std::vector<std::string> words) {
  words.erase(std::unique(words.begin(), words.end()), words.end());
  return absl::StrJoin(words, " ");
}

}  // namespace

KeywordFound FindKeyword(absl::string_view text) {
  if (text.size() > kLongestWords) return {};
  std::string words = WithoutRepeats(FoldedWords(text));
  do {
    if (const Entry* entry = Lookup(words)) return {entry->keyword, entry->language};
  } while (DropCourtesy(words));
  return {};
}

}  // namespace lumbar::notification
