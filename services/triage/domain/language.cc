#include "services/triage/domain/language.h"

#include <absl/container/btree_set.h>
#include <absl/container/flat_hash_map.h>
#include <absl/functional/function_ref.h>
#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>

#include "lumbar/options/v1/options.pb.h"

namespace lumbar::triage {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Gives `visit` every translatable text below `message`; what it returns takes the text's place.
void VisitTexts(Message& message, absl::FunctionRef<std::string(const std::string&)> visit) {
  const auto* reflection = message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const auto* field : fields) {
    if (field->options().GetExtension(options::v1::translatable)) {
      reflection->SetString(&message, field, visit(reflection->GetString(message, field)));
    }
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (!field->is_repeated()) VisitTexts(*reflection->MutableMessage(&message, field), visit);
    for (int i = 0; field->is_repeated() && i < reflection->FieldSize(message, field); ++i) {
      VisitTexts(*reflection->MutableRepeatedMessage(&message, field, i), visit);
    }
  }
}

using Texts = absl::flat_hash_map<std::string, std::string>;

Texts TextsOf(const v1::Protocol& protocol, absl::string_view language) {
  Texts texts;
  for (const auto& translation : protocol.translations()) {
    if (translation.language_code() != language) continue;
    for (const auto& text : translation.texts()) texts.emplace(text.from(), text.to());
  }
  return texts;
}

}  // namespace

std::vector<std::string> TranslatedTo(const v1::Protocol& protocol) {
  absl::btree_set<std::string> languages;
  for (const auto& translation : protocol.translations()) languages.insert(translation.language_code());
  return {languages.begin(), languages.end()};
}

std::string FaultOfTranslation(const v1::Protocol& protocol, absl::string_view language) {
  Texts unused = TextsOf(protocol, language);
  const Texts texts = unused;
  std::string fault;
  v1::Protocol copy = protocol;
  VisitTexts(copy, [&](const std::string& text) {
    const auto found = texts.find(text);
    if (found == texts.end() || found->second.empty()) {
      if (fault.empty()) fault = absl::StrCat("missing translation of \"", text, "\"");
    } else if (absl::StrContains(text, "{reasons}") && !absl::StrContains(found->second, "{reasons}")) {
      if (fault.empty()) fault = absl::StrCat("{reasons} is missing in the translation of \"", text, "\"");
    }
    unused.erase(text);
    return text;
  });
  if (fault.empty() && !unused.empty()) {
    fault = absl::StrCat("translates \"", unused.begin()->first, "\", which the protocol doesn't say");
  }
  return fault;
}

void Translate(absl::string_view language, v1::Protocol& protocol) {
  if (language == kEnglish) return;
  const Texts texts = TextsOf(protocol, language);
  VisitTexts(protocol, [&](const std::string& text) {
    const auto found = texts.find(text);
    return found == texts.end() ? text : found->second;
  });
}

}  // namespace lumbar::triage
