#include "services/notification/domain/templates.h"

#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_split.h>
#include <ctemplate/template_cache.h>
#include <ctemplate/template_dictionary.h>

#include <array>
#include <utility>

#include "common/file/read_file.h"
#include "common/status/macros.h"
#include "services/notification/domain/plan.h"
#include "services/notification/domain/template_check.h"
#include "services/notification/domain/template_variables.h"
#include "services/notification/errors.h"

namespace lumbar::notification {
namespace {

constexpr size_t kMostTemplateBytes = 1 << 20;

constexpr std::array<absl::string_view, 2> kLanguages = {"en", "es"};
// In the order of Part.
constexpr std::array<absl::string_view, 4> kParts = {"subject", "text", "html", "sms"};

// In the order of TextReply.
constexpr std::array<absl::string_view, 11> kReplies = {
    "reply_stopped", "reply_started",  "reply_help", "reply_cancel",   "reply_received", "reply_unknown",
    "reply_picture", "reply_too_long", "reply_full", "reply_too_many", "reply_emergency"};

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
    case v1::MESSAGE_KIND_STAFF_ALERT:
      return "staff_alert";
    case v1::MESSAGE_KIND_STAFF_REMINDER:
      return "staff_reminder";
    case v1::MESSAGE_KIND_STAFF_CONSULT:
      return "staff_consult";
    case v1::MESSAGE_KIND_STAFF_CONSULT_OVERDUE:
      return "staff_consult_overdue";
    default:
      return "";
  }
}

std::vector<v1::MessageKind> Kinds() {
  std::vector<v1::MessageKind> kinds;
  for (int number = v1::MessageKind_MIN; number <= v1::MessageKind_MAX; ++number) {
    const auto kind = static_cast<v1::MessageKind>(number);
    if (!StemOf(kind).empty()) kinds.push_back(kind);
  }
  return kinds;
}

std::string FileOf(absl::string_view language, v1::MessageKind kind, Part part) {
  return absl::StrCat(language, "/", StemOf(kind), ".", kParts[static_cast<size_t>(part)], ".tpl");
}

std::string ReplyFile(absl::string_view language, absl::string_view stem) {
  return absl::StrCat(language, "/", stem, ".sms.tpl");
}

std::vector<Variable> ReplyVariables(const std::string& practice) {
  return {{"PRACTICE", VariableType::kPractice, practice}};
}

// Clinicians and staff get no texts: nobody tells us their number.
std::vector<Part> PartsOf(v1::MessageKind kind) {
  std::vector<Part> parts = {Part::kSubject, Part::kText, Part::kHtml};
  if (IsForPatient(kind)) parts.push_back(Part::kSms);
  return parts;
}

v1::Message Of(v1::MessageKind kind) {
  v1::Message message;
  message.set_kind(kind);
  return message;
}

// Empty if it can't be read: no template is.
std::string ContentOf(const std::string& path) { return ReadWholeFile(path, kMostTemplateBytes).value_or(""); }

bool Expand(ctemplate::TemplateCache& files, const std::string& file, const std::vector<Variable>& variables,
            std::string& text) {
  ctemplate::TemplateDictionary dictionary("message");
  for (const Variable& variable : variables) {
    dictionary.SetValue(ctemplate::TemplateString(variable.name.data(), variable.name.size()), variable.value);
  }
  return files.ExpandNoLoad(file, kStrip, &dictionary, nullptr, &text);
}

std::string AsSms(absl::string_view text) { return InGsm7(absl::StripAsciiWhitespace(text)); }

}  // namespace

absl::string_view TemplateLanguage(absl::string_view language_code) {
  const std::string primary = absl::AsciiStrToLower(language_code.substr(0, language_code.find_first_of("-_")));
  for (const absl::string_view language : kLanguages) {
    if (primary == language) return language;
  }
  return kLanguages.front();
}

v1::MessageKind KindNamed(absl::string_view name) {
  for (const v1::MessageKind kind : Kinds()) {
    if (StemOf(kind) == name) return kind;
  }
  return v1::MESSAGE_KIND_UNSPECIFIED;
}

std::vector<std::string> KindNames() {
  std::vector<std::string> names;
  for (const v1::MessageKind kind : Kinds()) names.emplace_back(StemOf(kind));
  return names;
}

absl::StatusOr<std::unique_ptr<Templates>> Templates::Load(absl::string_view folder, std::string practice) {
  practice = OneLine(practice);
  if (absl::StripAsciiWhitespace(practice).empty()) return PracticeMissing();
  auto cache = std::make_unique<ctemplate::TemplateCache>();
  cache->SetTemplateRootDirectory(std::string(folder));
  std::unique_ptr<Templates> templates(new Templates(std::move(cache), std::move(practice)));
  for (const absl::string_view language : kLanguages) {
    for (const v1::MessageKind kind : Kinds()) {
      for (const Part part : PartsOf(kind)) {
        LUMBAR_RETURN_IF_ERROR(templates->LoadFile(folder, language, kind, part));
      }
    }
    for (const absl::string_view stem : kReplies) {
      LUMBAR_RETURN_IF_ERROR(templates->LoadReply(folder, language, stem));
    }
  }
  templates->files_->Freeze();
  templates->MeasureTexts();
  return templates;
}

Templates::Templates(std::unique_ptr<ctemplate::TemplateCache> files, std::string practice)
    : files_(std::move(files)), practice_(std::move(practice)) {}

Templates::~Templates() = default;

absl::Status Templates::LoadFile(absl::string_view folder, absl::string_view language, v1::MessageKind kind,
                                 Part part) {
  const std::string file = FileOf(language, kind, part);
  return CheckTemplate(file, ContentOf(absl::StrCat(folder, "/", file)), part,
                       VariablesOf(part, practice_, Of(kind), {}, language), *files_);
}

absl::Status Templates::LoadReply(absl::string_view folder, absl::string_view language, absl::string_view stem) {
  const std::string file = ReplyFile(language, stem);
  return CheckTemplate(file, ContentOf(absl::StrCat(folder, "/", file)), Part::kSms, ReplyVariables(practice_),
                       *files_);
}

void Templates::MeasureTexts() {
  for (const absl::string_view language : kLanguages) {
    for (const v1::MessageKind kind : Kinds()) {
      if (!IsForPatient(kind)) continue;
      Measure(FileOf(language, kind, Part::kSms), language, VariablesOf(Part::kSms, practice_, Of(kind), {}, language));
    }
    for (const absl::string_view stem : kReplies) {
      Measure(ReplyFile(language, stem), language, ReplyVariables(practice_));
    }
  }
}

void Templates::Measure(const std::string& file, absl::string_view language, std::vector<Variable> variables) {
  for (Variable& variable : variables) variable.value = LongestValue(variable.type, practice_, language);
  std::string text;
  Expand(*files_, file, variables, text);
  const TextSize size = MeasureText(AsSms(text));
  if (size.segments > 1) long_texts_.push_back({file, size});
}

absl::StatusOr<std::string> Templates::RenderReply(TextReply reply, absl::string_view language_code) const {
  std::string text;
  const std::string file = ReplyFile(TemplateLanguage(language_code), kReplies[static_cast<size_t>(reply)]);
  if (!Expand(*files_, file, ReplyVariables(practice_), text)) return RenderFailed();
  return AsSms(text);
}

absl::StatusOr<Rendered> Templates::Render(const v1::Message& message,
                                           const booking::v1::Appointment& appointment) const {
  const bool for_patient = IsForPatient(message.kind());
  return RenderIn(for_patient ? appointment.contact().language_code() : "en", message, appointment);
}

absl::StatusOr<Rendered> Templates::RenderIn(absl::string_view language_code, const v1::Message& message,
                                             const booking::v1::Appointment& appointment) const {
  const absl::string_view language = TemplateLanguage(language_code);
  const auto render = [&](Part part, std::string& text) {
    return Expand(*files_, FileOf(language, message.kind(), part),
                  VariablesOf(part, practice_, message, appointment, language), text);
  };
  Rendered rendered;
  if (message.channel() == v1::CHANNEL_SMS) {
    if (!render(Part::kSms, rendered.text)) return RenderFailed();
    rendered.text = AsSms(rendered.text);
    return rendered;
  }
  if (!render(Part::kSubject, rendered.subject) || !render(Part::kText, rendered.text) ||
      !render(Part::kHtml, rendered.html)) {
    return RenderFailed();
  }
  rendered.subject = OneLine(absl::StripAsciiWhitespace(rendered.subject));
  return rendered;
}

}  // namespace lumbar::notification
