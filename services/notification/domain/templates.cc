#include "services/notification/domain/templates.h"

#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>
#include <ctemplate/template_cache.h>
#include <ctemplate/template_dictionary.h>
#include <ctemplate/template_dictionary_interface.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "common/status/macros.h"
#include "services/notification/domain/plan.h"
#include "services/notification/domain/visit_time.h"
#include "services/notification/errors.h"

namespace lumbar::notification {
namespace {

// Files are taken as they are: their blank lines are part of the letter.
constexpr ctemplate::Strip kStrip = ctemplate::DO_NOT_STRIP;
constexpr std::array<absl::string_view, 3> kParts = {"subject", "text", "html"};
// Long enough to tell one visit from another, short enough to read out.
constexpr size_t kReferenceLength = 8;

using Variables = std::vector<std::pair<std::string, std::string>>;

absl::string_view StemOf(v1::MessageKind kind) {
  switch (kind) {
    case v1::MESSAGE_KIND_CONFIRMATION:
      return "confirmation";
    case v1::MESSAGE_KIND_REMINDER_24H:
      return "reminder_24h";
    case v1::MESSAGE_KIND_REMINDER_1H:
      return "reminder_1h";
    case v1::MESSAGE_KIND_CANCELLATION:
      return "cancellation";
    case v1::MESSAGE_KIND_CLINICIAN_BOOKING:
      return "clinician_booking";
    case v1::MESSAGE_KIND_CLINICIAN_CANCELLATION:
      return "clinician_cancellation";
    case v1::MESSAGE_KIND_OFFER:
      return "offer";
    default:
      return "";
  }
}

std::string FileOf(absl::string_view stem, absl::string_view part) { return absl::StrCat(stem, ".", part, ".tpl"); }

// What a letter with `message` may say. One to a clinician doesn't name the patient, and one that a visit is gone
// doesn't say when it is: it may be another's by now, at another time.
Variables VariablesOf(const std::string& practice, const v1::Message& message,
                      const booking::v1::Appointment& appointment) {
  const v1::MessageKind kind = message.kind();
  const bool for_clinician = IsForClinician(kind);
  const VisitTime when = VisitTimeOf(appointment, for_clinician ? Reader::kClinician : Reader::kPatient);
  const absl::string_view name = appointment.name();
  Variables variables = {{"PRACTICE", practice},
                         {"APPOINTMENT", std::string(name.substr(name.rfind('/') + 1, kReferenceLength))}};
  if (kind == v1::MESSAGE_KIND_CLINICIAN_CANCELLATION) return variables;
  variables.insert(variables.end(), {{"CLINICIAN_NAME", OneLine(appointment.slot().clinician_display_name())},
                                     {"VISIT_DAY", when.day},
                                     {"VISIT_TIME", when.time},
                                     {"DURATION_MINUTES", when.minutes}});
  if (kind == v1::MESSAGE_KIND_OFFER) {
    variables.emplace_back("ANSWER_BY", ClockTime(message.expire_time(), appointment));
  }
  if (!for_clinician) variables.emplace_back("PATIENT_NAME", OneLine(appointment.contact().display_name()));
  return variables;
}

v1::Message Of(v1::MessageKind kind) {
  v1::Message message;
  message.set_kind(kind);
  return message;
}

// Notes the first name that a template asks for and no message has. Messages have no sections and no includes.
class Examiner final : public ctemplate::TemplateDictionaryInterface {
 public:
  explicit Examiner(v1::MessageKind kind) : known_(VariablesOf("", Of(kind), {})) {}
  const std::string& stranger() const { return stranger_; }

 protected:
  ctemplate::TemplateString GetValue(const ctemplate::TemplateString& variable) const override {
    const bool known =
        std::any_of(known_.begin(), known_.end(), [&](const auto& entry) { return entry.first == NameOf(variable); });
    return known ? ctemplate::TemplateString("") : Note(variable);
  }
  bool IsHiddenSection(const ctemplate::TemplateString& name) const override { return Hide(name); }
  bool IsUnhiddenSection(const ctemplate::TemplateString& name) const override { return !Hide(name); }
  bool IsHiddenTemplate(const ctemplate::TemplateString& name) const override { return Hide(name); }
  void DumpToString(std::string*, int) const override {}
  const char* GetIncludeTemplateName(const ctemplate::TemplateString&, int) const override { return ""; }
  Iterator* CreateTemplateIterator(const ctemplate::TemplateString&) const override { return nullptr; }
  Iterator* CreateSectionIterator(const ctemplate::TemplateString&) const override { return nullptr; }

 private:
  static absl::string_view NameOf(const ctemplate::TemplateString& name) { return {name.data(), name.size()}; }

  ctemplate::TemplateString Note(const ctemplate::TemplateString& name) const {
    if (stranger_.empty()) stranger_ = std::string(NameOf(name));
    return ctemplate::TemplateString("");
  }
  bool Hide(const ctemplate::TemplateString& name) const {
    Note(name);
    return true;
  }

  const Variables known_;
  mutable std::string stranger_;
};

absl::Status Check(v1::MessageKind kind, ctemplate::TemplateCache& files, const std::string& file) {
  if (!files.LoadTemplate(file, kStrip)) return TemplateMissing(file);
  const Examiner examiner(kind);
  std::string ignored;
  if (!files.ExpandWithData(file, kStrip, &examiner, nullptr, &ignored)) return TemplateMissing(file);
  return examiner.stranger().empty() ? absl::OkStatus() : TemplateVariable(file, examiner.stranger());
}

}  // namespace

std::string OneLine(absl::string_view text) {
  std::string line(text);
  std::replace_if(
      line.begin(), line.end(), [](char c) { return absl::ascii_iscntrl(static_cast<unsigned char>(c)); }, ' ');
  return line;
}

absl::StatusOr<std::unique_ptr<Templates>> Templates::Load(absl::string_view folder, std::string practice) {
  auto files = std::make_unique<ctemplate::TemplateCache>();
  files->SetTemplateRootDirectory(absl::StrCat(folder, "/en"));
  for (int number = v1::MessageKind_MIN; number <= v1::MessageKind_MAX; ++number) {
    const auto kind = static_cast<v1::MessageKind>(number);
    const absl::string_view stem = StemOf(kind);
    if (stem.empty()) continue;
    for (const absl::string_view part : kParts) LUMBAR_RETURN_IF_ERROR(Check(kind, *files, FileOf(stem, part)));
  }
  files->Freeze();
  return std::unique_ptr<Templates>(new Templates(std::move(files), OneLine(practice)));
}

Templates::Templates(std::unique_ptr<ctemplate::TemplateCache> files, std::string practice)
    : files_(std::move(files)), practice_(std::move(practice)) {}

Templates::~Templates() = default;

absl::StatusOr<Rendered> Templates::Render(const v1::Message& message,
                                           const booking::v1::Appointment& appointment) const {
  ctemplate::TemplateDictionary dictionary("message");
  for (const auto& [name, value] : VariablesOf(practice_, message, appointment)) dictionary.SetValue(name, value);
  Rendered rendered;
  const std::array<std::string*, 3> results = {&rendered.subject, &rendered.text, &rendered.html};
  for (size_t i = 0; i < kParts.size(); ++i) {
    if (!files_->ExpandNoLoad(FileOf(StemOf(message.kind()), kParts[i]), kStrip, &dictionary, nullptr, results[i])) {
      return RenderFailed();
    }
  }
  rendered.subject = OneLine(absl::StripAsciiWhitespace(rendered.subject));
  return rendered;
}

}  // namespace lumbar::notification
