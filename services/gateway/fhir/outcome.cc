#include "services/gateway/fhir/outcome.h"

#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>
#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "common/status/errors.h"
#include "services/gateway/edge/answers.h"
#include "services/gateway/fhir/names.h"

namespace lumbar::gateway::fhir {
namespace {

// Reasons that FHIR has a sharper word for than their code.
constexpr std::array<std::pair<absl::string_view, const char*>, 8> kSharper = {{
    {"MALFORMED_JSON", "structure"},
    {"MALFORMED_REQUEST", "structure"},
    {"METHOD_NOT_ALLOWED", "not-supported"},
    {"CHANGE_NOT_SUPPORTED", "not-supported"},
    {"UNSUPPORTED_MEDIA_TYPE", "not-supported"},
    {"NOT_ACCEPTABLE", "not-supported"},
    {"BODY_TOO_LARGE", "too-long"},
    {"SLOT_TAKEN", "conflict"},
}};

const char* IssueTypeOfCode(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kOutOfRange:
      return "invalid";
    case absl::StatusCode::kUnauthenticated:
      return "login";
    case absl::StatusCode::kPermissionDenied:
      return "forbidden";
    case absl::StatusCode::kNotFound:
      return "not-found";
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kAborted:
      return "conflict";
    case absl::StatusCode::kFailedPrecondition:
      return "business-rule";
    case absl::StatusCode::kResourceExhausted:
      return "throttled";
    case absl::StatusCode::kUnimplemented:
      return "not-supported";
    case absl::StatusCode::kUnavailable:
      return "transient";
    case absl::StatusCode::kDeadlineExceeded:
      return "timeout";
    default:
      return "exception";
  }
}

const char* IssueTypeOf(const absl::Status& failure) {
  const std::string reason = ReasonOf(failure);
  const auto* sharper =
      std::find_if(kSharper.begin(), kSharper.end(), [&](const auto& one) { return one.first == reason; });
  return sharper != kSharper.end() ? sharper->second : IssueTypeOfCode(failure.code());
}

google::rpc::BadRequest ViolationsOf(const absl::Status& failure) {
  google::rpc::BadRequest violations;
  const google::rpc::Status wire = ToRpcStatus(failure);
  for (const auto& detail : wire.details()) detail.UnpackTo(&violations);
  return violations;
}

Json Issue(const absl::Status& failure, absl::string_view text) {
  Json details = Json::object();
  const std::string reason = ReasonOf(failure);
  if (!reason.empty()) details = Concept(kReasons, reason);
  details["text"] = text.empty() ? "something went wrong" : std::string(text);
  return {{"severity", "error"}, {"code", IssueTypeOf(failure)}, {"details", std::move(details)}};
}

// "contact.state" for "contact.state", "presentation.findings" for "presentation.findings[3].code".
absl::string_view PathFor(FieldPaths paths, absl::string_view field) {
  const auto* found = std::find_if(paths.begin(), paths.end(), [&](const FieldPath& one) {
    if (!absl::StartsWith(field, one.field)) return false;
    const absl::string_view rest = field.substr(one.field.size());
    return rest.empty() || rest.front() == '.' || rest.front() == '[';
  });
  return found == paths.end() ? absl::string_view() : found->path;
}

}  // namespace

absl::Status NotAcceptable() {
  return WithReason(absl::InvalidArgumentError("answers are application/fhir+json; accept that"), "NOT_ACCEPTABLE");
}

absl::Status FhirMediaType(bool is_form) {
  return WithReason(
      absl::InvalidArgumentError(is_form ? "send a search as content-type application/x-www-form-urlencoded"
                                         : "send the body as content-type application/fhir+json or application/json, "
                                           "without an encoding"),
      "UNSUPPORTED_MEDIA_TYPE");
}

absl::Status NoSuchInteraction() {
  return WithReason(absl::NotFoundError("there is nothing at this address; /fhir/R4/metadata lists what there is"),
                    "ROUTE_NOT_FOUND");
}

absl::Status ChangeNotSupported(absl::string_view path) {
  constexpr absl::string_view kWhy = "can't be changed here; an appointment can only be set to cancelled";
  return WithViolation(WithReason(absl::InvalidArgumentError(kWhy), "CHANGE_NOT_SUPPORTED"), path, kWhy);
}

absl::Status HasNoVersions() {
  return WithReason(
      absl::AbortedError("what is only held has no versions, so that none is the one that is named; leave "
                         "If-Match and meta.versionId out"),
      "ETAG_MISMATCH");
}

absl::Status NoLongerFree() {
  return WithReason(absl::AlreadyExistsError("that time isn't free any more; find another"), "SLOT_TAKEN");
}

absl::Status AfterActBy() {
  return WithReason(absl::FailedPreconditionError("that is later than is safe; choose an earlier time"),
                    "AFTER_ACT_BY");
}

absl::Status StillBooking() {
  return WithRetryDelay(
      WithReason(absl::UnavailableError("the time is chosen and being booked; read the Task, or repeat "
                                        "this with the same Idempotency-Key"),
                 "STILL_BOOKING"),
      absl::Seconds(2));
}

absl::Status InWordsOf(FieldPaths paths, const absl::Status& failure) {
  const google::rpc::BadRequest violations = ViolationsOf(failure);
  if (violations.field_violations_size() == 0) return failure;
  absl::Status named = failure;
  const std::string type = absl::StrCat("type.googleapis.com/", google::rpc::BadRequest::descriptor()->full_name());
  named.ErasePayload(type);
  for (const auto& violation : violations.field_violations()) {
    named = WithViolation(std::move(named), PathFor(paths, violation.field()), violation.description());
  }
  return named;
}

int FhirStatusOf(const absl::Status& failure) {
  const std::string reason = ReasonOf(failure);
  if (reason == "NOT_ACCEPTABLE") return 406;
  if (reason == "ETAG_MISMATCH") return 412;
  if (reason == "CHANGE_NOT_SUPPORTED" || failure.code() == absl::StatusCode::kFailedPrecondition) return 422;
  return HttpStatusOf(failure);
}

Json Outcome(const absl::Status& failure) {
  Json issues = Json::array();
  const google::rpc::BadRequest violations = ViolationsOf(failure);
  for (const auto& violation : violations.field_violations()) {
    Json issue = Issue(failure, violation.description());
    if (!violation.field().empty()) issue["expression"] = Json::array({violation.field()});
    issues.push_back(std::move(issue));
  }
  if (issues.empty()) issues.push_back(Issue(failure, failure.message()));
  return {{"resourceType", "OperationOutcome"}, {"issue", std::move(issues)}};
}

}  // namespace lumbar::gateway::fhir
