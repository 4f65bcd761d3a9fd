// What messages say: a subject, a text and an HTML file for each kind, checked when the service starts.
#pragma once

#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>

#include <memory>
#include <string>

#include "lumbar/booking/v1/appointment.pb.h"
#include "lumbar/notification/v1/message.pb.h"

namespace ctemplate {
class TemplateCache;
}

namespace lumbar::notification {

struct Rendered {
  // One line.
  std::string subject;
  std::string text;
  std::string html;
};

// Thread safe.
class Templates {
 public:
  // Loads the English files of `folder`; `practice` is the name that patients know the clinic by.
  // FAILED_PRECONDITION/TEMPLATE_MISSING, FAILED_PRECONDITION/TEMPLATE_VARIABLE: each names the file.
  static absl::StatusOr<std::unique_ptr<Templates>> Load(absl::string_view folder, std::string practice);
  ~Templates();

  // INTERNAL/RENDER_FAILED.
  absl::StatusOr<Rendered> Render(const v1::Message& message, const booking::v1::Appointment& appointment) const;

 private:
  Templates(std::unique_ptr<ctemplate::TemplateCache> files, std::string practice);

  const std::unique_ptr<ctemplate::TemplateCache> files_;
  const std::string practice_;
};

// `text` with control characters, line breaks among them, turned into spaces: what is safe in a header or a subject.
std::string OneLine(absl::string_view text);

}  // namespace lumbar::notification
