// What a template may say: its variables, each with a type that fixes where it may stand and how long it can be.
#pragma once

#include <absl/strings/string_view.h>

#include <string>
#include <vector>

#include "lumbar/booking/v1/appointment.pb.h"
#include "lumbar/notification/v1/message.pb.h"

namespace lumbar::notification {

// The files of a kind. A text has its own, since it lies open on a locked telephone, and each of its characters counts.
enum class Part { kSubject, kText, kHtml, kSms };

enum class VariableType {
  kPractice,   // the clinic's name, as configured
  kName,       // a person's; as they gave it, so never in a text
  kDay,        // a day in words
  kTime,       // a time of day with its zone
  kMinutes,    // a whole number
  kReference,  // a resource name or its first letters; never in a text
};

struct Variable {
  absl::string_view name;
  VariableType type;
  std::string value;
};

// What a part of a message may say. One to a clinician doesn't name the patient, and one that a visit is gone doesn't
// say when it is: it may be another's by now, at another time. One to the staff names a conversation or a consult and
// nothing of it.
std::vector<Variable> VariablesOf(Part part, const std::string& practice, const v1::Message& message,
                                  const booking::v1::Appointment& appointment, absl::string_view language);

// The longest value of a type in `language`; of names and references, which no text has, an empty one.
std::string LongestValue(VariableType type, const std::string& practice, absl::string_view language);

// `text` with control characters, line breaks among them, turned into spaces: what is safe in a header or a subject.
std::string OneLine(absl::string_view text);

}  // namespace lumbar::notification
