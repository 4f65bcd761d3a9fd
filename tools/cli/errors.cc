#include "tools/cli/errors.h"

#include <absl/strings/str_cat.h>
#include <google/protobuf/util/json_util.h>
#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>
#include <nlohmann/json.hpp>

#include <ostream>

#include "common/status/errors.h"
#include "common/time/proto_time.h"

namespace lumbar::cli {
namespace {

// What the message alone doesn't say to somebody at a terminal.
std::string NextStep(const absl::Status& status) {
  if (ReasonOf(status) == "SERVER_UNREACHABLE") {
    return "is the suite running? tools/demo starts it; --server or LUMBAR_SERVER says where it listens, by http:// or "
           "https://";
  }
  if (ReasonOf(status) == "ANSWER_NOT_UNDERSTOOD") {
    return "--server or LUMBAR_SERVER must be the gateway's public port, 8080 in the demo, or a proxy that reaches it";
  }
  if (absl::IsUnauthenticated(status)) {
    return "pass a token with --token, --token-file or LUMBAR_TOKEN; `lumbar token --help` makes one for development";
  }
  if (absl::IsPermissionDenied(status)) return "use a token of a subject and a role that may do this";
  return "";
}

}  // namespace

absl::Status WrongInput(absl::string_view why) { return WithReason(absl::InvalidArgumentError(why), kWrongInput); }

absl::Status SourceNotCurrent(absl::string_view migration, absl::string_view service) {
  return WithReason(absl::FailedPreconditionError(absl::StrCat(
                        "the database of --from isn't at this program's schema, see ", migration,
                        "; run `lumbar db status --service ", service, "` on it, then `lumbar db migrate`")),
                    "SOURCE_NOT_CURRENT");
}

absl::Status ServerUnreachable(absl::string_view server, absl::string_view why) {
  return WithReason(absl::UnavailableError(absl::StrCat("can't reach ", server, ": ", why)), "SERVER_UNREACHABLE");
}

absl::Status ServerTooSlow(absl::string_view server) {
  return WithReason(absl::DeadlineExceededError(absl::StrCat("no answer in time from ", server)), "SERVER_TOO_SLOW");
}

absl::Status AnswerNotUnderstood(absl::string_view server, absl::string_view why) {
  return WithReason(absl::InternalError(absl::StrCat(server, " doesn't answer as a Lumbar gateway does: ", why)),
                    "ANSWER_NOT_UNDERSTOOD");
}

void PrintFailure(const absl::Status& status, std::ostream& err) {
  const std::string reason = ReasonOf(status);
  err << "lumbar: " << status.message() << (reason.empty() ? "" : absl::StrCat(" [", reason, "]")) << "\n";
  const google::rpc::Status wire = ToRpcStatus(status);
  for (const auto& detail : wire.details()) {
    google::rpc::BadRequest bad;
    google::rpc::RetryInfo retry;
    if (detail.UnpackTo(&bad)) {
      for (const auto& violation : bad.field_violations()) {
        const std::string line = absl::StrCat(violation.field(), ": ", violation.description());
        if (line != status.message()) err << "  " << line << "\n";
      }
    } else if (detail.UnpackTo(&retry)) {
      err << "  try again in " << absl::FormatDuration(FromProto(retry.retry_delay())) << "\n";
    }
  }
  if (const std::string next = NextStep(status); !next.empty()) err << "  " << next << "\n";
}

void PrintFailureJson(const absl::Status& status, std::ostream& err) {
  const google::rpc::Status wire = ToRpcStatus(status);
  nlohmann::json error = {{"status", absl::StatusCodeToString(status.code())}, {"message", wire.message()}};
  for (const auto& detail : wire.details()) {
    std::string text;
    if (google::protobuf::util::MessageToJsonString(detail, &text).ok()) {
      error["details"].push_back(nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false));
    }
  }
  err << nlohmann::json{{"error", error}}.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << "\n";
}

}  // namespace lumbar::cli
