#include "services/gateway/fhir/patient.h"

#include <absl/strings/str_cat.h>

#include <algorithm>

#include "common/status/macros.h"
#include "services/gateway/fhir/times.h"

namespace lumbar::gateway::fhir {
namespace {

using booking::v1::PatientContact;

constexpr absl::string_view kZone = "http://hl7.org/fhir/StructureDefinition/timezone";

// The first part of a list; nothing if there is none.
absl::StatusOr<std::optional<Element>> FirstOf(const Element& element, const char* name) {
  LUMBAR_ASSIGN_OR_RETURN(const auto parts, element.Each(name));
  return parts.empty() ? std::optional<Element>() : std::optional<Element>(parts.front());
}

absl::StatusOr<std::string> DisplayName(const Element& patient) {
  LUMBAR_ASSIGN_OR_RETURN(const auto name, FirstOf(patient, "name"));
  if (!name) return std::string();
  LUMBAR_ASSIGN_OR_RETURN(std::string text, name->TextIfAny("text"));
  if (!text.empty()) return text;
  LUMBAR_ASSIGN_OR_RETURN(const auto given, FirstOf(*name, "given"));
  LUMBAR_ASSIGN_OR_RETURN(const std::string family, name->TextIfAny("family"));
  if (!given) return family;
  LUMBAR_ASSIGN_OR_RETURN(const std::string first, given->Text());
  return family.empty() ? first : absl::StrCat(first, " ", family);
}

absl::Status ReadTelecom(const Element& patient, PatientContact& contact) {
  LUMBAR_ASSIGN_OR_RETURN(const auto points, patient.Each("telecom"));
  for (const Element& point : points) {
    LUMBAR_ASSIGN_OR_RETURN(const std::string system, point.TextAt("system"));
    LUMBAR_ASSIGN_OR_RETURN(const std::string value, point.TextAt("value"));
    if (system == "email" && contact.email().empty()) contact.set_email(value);
    if ((system == "phone" || system == "sms") && contact.phone_number().empty()) contact.set_phone_number(value);
  }
  return absl::OkStatus();
}

absl::Status ReadZone(const Element& element, PatientContact& contact) {
  LUMBAR_ASSIGN_OR_RETURN(const auto extensions, element.Each("extension"));
  for (const Element& extension : extensions) {
    LUMBAR_ASSIGN_OR_RETURN(const std::string url, extension.TextAt("url"));
    if (url != kZone) continue;
    LUMBAR_ASSIGN_OR_RETURN(*contact.mutable_time_zone(), extension.TextAt("valueCode"));
  }
  return absl::OkStatus();
}

absl::Status ReadAddress(const Element& patient, PatientContact& contact) {
  LUMBAR_RETURN_IF_ERROR(ReadZone(patient, contact));
  LUMBAR_ASSIGN_OR_RETURN(const auto address, FirstOf(patient, "address"));
  if (!address) return absl::OkStatus();
  LUMBAR_ASSIGN_OR_RETURN(*contact.mutable_state(), address->TextIfAny("state"));
  return ReadZone(*address, contact);
}

absl::Status ReadAge(const Element& patient, absl::Time now, PatientContact& contact) {
  const auto element = patient.Find("birthDate");
  if (!element) return absl::OkStatus();
  LUMBAR_ASSIGN_OR_RETURN(const std::string text, element->Text());
  LUMBAR_ASSIGN_OR_RETURN(const Moments day, ReadDateTime(text, element->path()));
  if (day.first > now) return element->Wrong("must not be to come");
  const absl::CivilDay birth = absl::ToCivilDay(day.first, absl::UTCTimeZone());
  const absl::CivilDay today = absl::ToCivilDay(now, absl::UTCTimeZone());
  const bool is_before_birthday = std::pair(today.month(), today.day()) < std::pair(birth.month(), birth.day());
  contact.set_age_years(static_cast<uint32_t>(today.year() - birth.year() - (is_before_birthday ? 1 : 0)));
  return absl::OkStatus();
}

absl::Status ReadLanguage(const Element& patient, PatientContact& contact) {
  LUMBAR_ASSIGN_OR_RETURN(const auto communication, FirstOf(patient, "communication"));
  if (!communication) return absl::OkStatus();
  LUMBAR_ASSIGN_OR_RETURN(const Element language, communication->Get("language"));
  LUMBAR_ASSIGN_OR_RETURN(const auto coding, FirstOf(language, "coding"));
  if (!coding) return absl::OkStatus();
  LUMBAR_ASSIGN_OR_RETURN(*contact.mutable_language_code(), coding->TextAt("code"));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<PatientContact> ReadContact(const Element& patient, absl::Time now) {
  PatientContact contact;
  LUMBAR_RETURN_IF_ERROR(patient.CheckType("Patient"));
  // R4's elements, though not all are read.
  LUMBAR_RETURN_IF_ERROR(patient.CheckParts({"resourceType",
                                             "id",
                                             "meta",
                                             "language",
                                             "text",
                                             "contained",
                                             "extension",
                                             "identifier",
                                             "active",
                                             "name",
                                             "telecom",
                                             "gender",
                                             "birthDate",
                                             "deceasedBoolean",
                                             "deceasedDateTime",
                                             "address",
                                             "maritalStatus",
                                             "multipleBirthBoolean",
                                             "multipleBirthInteger",
                                             "photo",
                                             "contact",
                                             "communication",
                                             "generalPractitioner",
                                             "managingOrganization",
                                             "link"}));
  LUMBAR_ASSIGN_OR_RETURN(*contact.mutable_display_name(), DisplayName(patient));
  LUMBAR_RETURN_IF_ERROR(ReadTelecom(patient, contact));
  LUMBAR_RETURN_IF_ERROR(ReadAddress(patient, contact));
  LUMBAR_RETURN_IF_ERROR(ReadAge(patient, now, contact));
  LUMBAR_RETURN_IF_ERROR(ReadLanguage(patient, contact));
  return contact;
}

}  // namespace lumbar::gateway::fhir
