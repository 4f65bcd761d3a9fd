#include "services/gateway/fhir/request_form.h"

#include <absl/strings/ascii.h>
#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_split.h>
#include <absl/strings/strip.h>

#include <algorithm>
#include <array>
#include <utility>

#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/store/resource_name.h"
#include "services/gateway/edge/derived_id.h"
#include "services/gateway/edge/errors.h"
#include "services/gateway/edge/strict_json.h"
#include "services/gateway/edge/transcoder.h"
#include "services/gateway/fhir/outcome.h"

namespace lumbar::gateway::fhir {
namespace {

constexpr char kFormatParameter[] = "_format";
constexpr char kIdempotencyKey[] = "Idempotency-Key";
constexpr size_t kLongestKey = 255;
constexpr absl::string_view kSearchPath = "/_search";

// "application/json" of "application/json; charset=utf-8".
std::string BareType(absl::string_view type) {
  return absl::AsciiStrToLower(absl::StripAsciiWhitespace(type.substr(0, type.find(';'))));
}

bool IsJsonType(absl::string_view bare) {
  constexpr std::array<absl::string_view, 4> kTypes = {"application/fhir+json", "application/json", "text/json",
                                                       "json"};
  return std::find(kTypes.begin(), kTypes.end(), bare) != kTypes.end();
}

absl::Status CheckAccepted(absl::string_view accept) {
  if (accept.empty()) return absl::OkStatus();
  for (const absl::string_view range : absl::StrSplit(accept, ',')) {
    const std::string bare = BareType(range);
    if (IsJsonType(bare) || bare == "*/*" || bare == "application/*") return absl::OkStatus();
  }
  return NotAcceptable();
}

absl::Status CheckBody(const HttpRequest& request, BodyKind kind) {
  if (kind == BodyKind::kNone) return request.body().empty() ? absl::OkStatus() : BodyNotWanted();
  const bool is_form = kind == BodyKind::kForm;
  // A search without any parameters.
  if (is_form && request.body().empty()) return absl::OkStatus();
  const std::string type = BareType(View(request[http::field::content_type]));
  const bool fits = is_form ? type == "application/x-www-form-urlencoded" : IsJsonType(type);
  return fits && request.count(http::field::content_encoding) == 0 ? absl::OkStatus() : FhirMediaType(is_form);
}

// Whether a name may be repeated to whoever sent it: it is none of a person.
std::string ShownParameter(absl::string_view name) {
  constexpr size_t kLongest = 64;
  const bool is_plain = !name.empty() && name.size() <= kLongest && std::all_of(name.begin(), name.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
           absl::string_view("_-.:").find(c) != absl::string_view::npos;
  });
  return absl::StrCat("http.", is_plain ? name : "?");
}

absl::Status AddParameters(const Interaction& interaction, absl::string_view text, bool is_url, FhirRequest& read) {
  LUMBAR_ASSIGN_OR_RETURN(std::vector<Binding> parameters, ReadQuery(text));
  for (Binding& parameter : parameters) {
    if (parameter.field_path == kFormatParameter) {
      LUMBAR_RETURN_IF_ERROR(CheckAccepted(parameter.value));
      continue;
    }
    const auto known = std::find_if(interaction.parameters.begin(), interaction.parameters.end(),
                                    [&](const SearchParameter& one) { return parameter.field_path == one.name; });
    if (known == interaction.parameters.end()) {
      return InvalidField(ShownParameter(parameter.field_path),
                          "isn't a parameter here; /fhir/R4/metadata lists what there is");
    }
    if (is_url && known->is_patient_data) {
      return InvalidField(ShownParameter(parameter.field_path),
                          "is patient data, which a URL must not hold; send it as a form by POST to _search");
    }
    if (!known->is_patient_data) read.shown.push_back(parameter);
    read.has_patient_data |= known->is_patient_data;
    read.parameters.push_back(std::move(parameter));
  }
  return absl::OkStatus();
}

// The version in W/"v1", which is weak because the same version may be written in more than one way.
absl::StatusOr<std::string> VersionIn(absl::string_view if_match) {
  constexpr size_t kLongest = 64;
  absl::string_view tag = absl::StripAsciiWhitespace(if_match);
  if (tag.empty() || tag == "*") return std::string();
  absl::ConsumePrefix(&tag, "W/");
  const bool is_tag = absl::ConsumePrefix(&tag, "\"") && absl::ConsumeSuffix(&tag, "\"") && tag.size() <= kLongest &&
                      !tag.empty() && tag.find('"') == absl::string_view::npos;
  if (!is_tag) return InvalidField("http.If-Match", "must be one version, as an ETag told it");
  return std::string(tag);
}

bool IsHexUuid(absl::string_view text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (is_dash ? text[i] != '-' : !absl::ascii_isxdigit(static_cast<unsigned char>(text[i]))) return false;
  }
  return true;
}

absl::StatusOr<std::string> RequestId(absl::string_view key) {
  if (key.empty()) return store::NewUuid();
  if (IsHexUuid(key)) return absl::AsciiStrToLower(key);
  if (key.size() > kLongestKey) return InvalidField("http.Idempotency-Key", "must be 255 characters at most");
  return DerivedUuid(key);
}

// FHIR's own types have fewer, and our tree keeps members in a row, where finding one takes longer the more there are.
constexpr size_t kMostMembers = 64;

bool IsWide(simdjson::dom::element node) {
  simdjson::dom::array array;
  if (node.get(array) == simdjson::SUCCESS) return std::any_of(array.begin(), array.end(), IsWide);
  simdjson::dom::object object;
  if (node.get(object) != simdjson::SUCCESS) return false;
  if (object.size() > kMostMembers) return true;
  return std::any_of(object.begin(), object.end(), [](const auto& member) { return IsWide(member.value); });
}

}  // namespace

absl::StatusOr<FhirRequest> ReadRequest(const HttpRequest& request, const Interaction& interaction,
                                        const std::vector<Binding>& path, const std::string& base, absl::Time now) {
  FhirRequest read;
  read.base = base;
  read.now = now;
  if (!path.empty()) read.id = path.front().value;
  const absl::string_view target = View(request.target());
  const size_t mark = target.find('?');
  read.address = absl::StrCat(base, target.substr(0, mark).substr(std::char_traits<char>::length(kFacadePath)));
  LUMBAR_RETURN_IF_ERROR(CheckAccepted(View(request[http::field::accept])));
  LUMBAR_RETURN_IF_ERROR(CheckBody(request, interaction.body));
  if (mark != absl::string_view::npos) {
    LUMBAR_RETURN_IF_ERROR(AddParameters(interaction, target.substr(mark + 1), /*is_url=*/true, read));
  }
  if (interaction.body == BodyKind::kForm) {
    LUMBAR_RETURN_IF_ERROR(AddParameters(interaction, request.body(), /*is_url=*/false, read));
    // The same search by GET, which a link is followed with; but for patient data, which no link may have.
    if (!read.has_patient_data) read.address = std::string(absl::StripSuffix(read.address, kSearchPath));
  } else if (interaction.body == BodyKind::kResource) {
    LUMBAR_ASSIGN_OR_RETURN(const simdjson::dom::element checked, ParseJson(request.body()));
    if (IsWide(checked)) return MalformedJson("an object has too many members");
    read.body = Json::parse(request.body(), nullptr, /*allow_exceptions=*/false);
  }
  LUMBAR_ASSIGN_OR_RETURN(read.if_match, VersionIn(View(request[http::field::if_match])));
  LUMBAR_ASSIGN_OR_RETURN(read.request_id, RequestId(View(request[kIdempotencyKey])));
  return read;
}

std::string FhirRequest::Parameter(absl::string_view name) const {
  const auto found =
      std::find_if(parameters.begin(), parameters.end(), [&](const Binding& one) { return one.field_path == name; });
  return found == parameters.end() ? "" : found->value;
}

}  // namespace lumbar::gateway::fhir
