#include "services/triage/domain/testing.h"

#include <absl/strings/str_cat.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "services/triage/domain/engine.h"
#include "services/triage/domain/protocol_loader.h"
#include "services/triage/domain/vignettes.h"
#include "source_dir.h"

namespace lumbar::triage {

std::string ShippedFolder() { return absl::StrCat(LUMBAR_SOURCE_DIR, "/services/triage/protocols"); }

std::string ShippedLexicon() {
  return absl::StrCat(LUMBAR_SOURCE_DIR, "/services/triage/lexicon/low-back-pain.textproto");
}

const CompiledProtocol& Shipped() {
  static const auto* protocol = [] {
    auto protocols = LoadProtocols(ShippedFolder());
    if (!protocols.ok()) {
      std::fprintf(stderr, "%s\n", protocols.status().ToString().c_str());
      std::abort();
    }
    return new CompiledProtocol(protocols->front());
  }();
  return *protocol;
}

const std::vector<v1::Vignette>& ShippedVignettes() {
  static const auto* shipped = [] {
    auto* all = new std::vector<v1::Vignette>;
    for (const auto& entry :
         std::filesystem::directory_iterator(absl::StrCat(LUMBAR_SOURCE_DIR, "/services/triage/vignettes"))) {
      if (entry.path().extension() != ".ndjson") continue;
      std::ifstream file(entry.path());
      const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
      const auto vignettes = ParseVignettes(text, entry.path().filename().string());
      if (!vignettes.ok()) {
        std::fprintf(stderr, "%s\n", vignettes.status().ToString().c_str());
        std::abort();
      }
      all->insert(all->end(), vignettes->begin(), vignettes->end());
    }
    return all;
  }();
  return *shipped;
}

v1::Presentation Harmless() {
  v1::Presentation presentation;
  presentation.set_age_years(40);
  presentation.set_sex(v1::SEX_MALE);
  presentation.set_duration_days(3);
  presentation.set_pain_severity(4);
  Codes red_flags;
  for (const auto& finding : Shipped().definition().findings()) {
    if (finding.red_flag()) red_flags.push_back(finding.code());
  }
  return With(std::move(presentation), red_flags, v1::PRESENCE_ABSENT);
}

v1::Presentation With(v1::Presentation presentation, const Codes& codes, v1::Presence presence) {
  for (const auto& code : codes) {
    v1::Finding* finding = nullptr;
    for (auto& known : *presentation.mutable_findings()) {
      if (known.code() == code) finding = &known;
    }
    if (finding == nullptr) finding = presentation.add_findings();
    finding->set_code(code);
    finding->set_presence(presence);
  }
  return presentation;
}

v1::Assessment AssessShipped(const v1::Presentation& presentation, absl::string_view rule_set) {
  const auto facts = Shipped().ReadFacts(presentation, kTestTime);
  if (!facts.ok()) return {};
  return AssessFacts(Shipped(), *Shipped().FindRuleSet(rule_set), *facts, kTestTime);
}

}  // namespace lumbar::triage
