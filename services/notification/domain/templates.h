// What messages say, in English and Spanish: a subject, a text and an HTML file for each kind, and one for texts;
// checked when the service starts.
#pragma once

#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>

#include <memory>
#include <string>
#include <vector>

#include "lumbar/booking/v1/appointment.pb.h"
#include "lumbar/notification/v1/message.pb.h"
#include "services/notification/domain/gsm_text.h"
#include "services/notification/domain/template_variables.h"

namespace ctemplate {
class TemplateCache;
}

namespace lumbar::notification {

struct Rendered {
  // One line. Neither a subject nor HTML has a text to a telephone.
  std::string subject;
  std::string text;
  std::string html;
};

// A text to a telephone with the longest day and time that it can have.
struct LongestText {
  // E.g. "es/offer.sms.tpl".
  std::string file;
  TextSize size;
};

// The language of `language_code` (BCP 47) if there are templates in it; otherwise "en".
absl::string_view TemplateLanguage(absl::string_view language_code);

// The kind that `name` names, e.g. "reminder_24h"; unspecified: none does.
v1::MessageKind KindNamed(absl::string_view name);
// The names of all kinds.
std::vector<std::string> KindNames();

// What a patient who texts is told at once.
enum class TextReply {
  kStopped,
  kStarted,
  kHelp,
  // CANCEL may mean the visit or the texts; it does neither.
  kCancel,
  // A person reads it, and what to do in an emergency.
  kReceived,
  // The same to a number that no patient has.
  kUnknown,
  kPicture,
  kTooLong,
  // It couldn't be kept.
  kFull,
  kTooMany,
  kEmergency,
};

// Thread safe.
class Templates {
 public:
  // Loads the files of `folder`; `practice` is the name that patients know the clinic by. INVALID_ARGUMENT/
  // PRACTICE_MISSING: it is blank. Fails as CheckTemplate.
  static absl::StatusOr<std::unique_ptr<Templates>> Load(absl::string_view folder, std::string practice);
  ~Templates();

  // In the language of the appointment's contact; to clinicians and staff, whose language nobody
  // tells us, in English.
  // INTERNAL/RENDER_FAILED.
  absl::StatusOr<Rendered> Render(const v1::Message& message, const booking::v1::Appointment& appointment) const;
  // The same in the language of `language_code`.
  absl::StatusOr<Rendered> RenderIn(absl::string_view language_code, const v1::Message& message,
                                    const booking::v1::Appointment& appointment) const;

  // The answer to a text, in the language of `language_code`. INTERNAL/RENDER_FAILED.
  absl::StatusOr<std::string> RenderReply(TextReply reply, absl::string_view language_code) const;

  // Those that don't fit into one segment.
  const std::vector<LongestText>& long_texts() const { return long_texts_; }

 private:
  Templates(std::unique_ptr<ctemplate::TemplateCache> files, std::string practice);

  absl::Status LoadFile(absl::string_view folder, absl::string_view language, v1::MessageKind kind, Part part);
  absl::Status LoadReply(absl::string_view folder, absl::string_view language, absl::string_view stem);
  void MeasureTexts();
  void Measure(const std::string& file, absl::string_view language, std::vector<Variable> variables);

  const std::unique_ptr<ctemplate::TemplateCache> files_;
  const std::string practice_;
  std::vector<LongestText> long_texts_;
};

}  // namespace lumbar::notification
