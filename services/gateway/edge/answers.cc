#include "services/gateway/edge/answers.h"

#include <absl/strings/str_cat.h>
#include <google/protobuf/util/json_util.h>
#include <google/rpc/code.pb.h>
#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <utility>

#include "common/status/errors.h"
#include "services/gateway/edge/errors.h"

namespace lumbar::gateway {
namespace {

using Json = nlohmann::ordered_json;

// Refusals that HTTP has a sharper word for than their code.
constexpr std::array<std::pair<absl::string_view, int>, 5> kSharper = {{
    {"METHOD_NOT_ALLOWED", 405},
    {"BODY_TOO_LARGE", 413},
    {"UNSUPPORTED_MEDIA_TYPE", 415},
    {"HEADER_TOO_LARGE", 431},
    {"TOO_BUSY", 503},
}};

int HttpStatusOfCode(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kOk:
      return 200;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kOutOfRange:
      return 400;
    case absl::StatusCode::kUnauthenticated:
      return 401;
    case absl::StatusCode::kPermissionDenied:
      return 403;
    case absl::StatusCode::kNotFound:
      return 404;
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kAborted:
      return 409;
    case absl::StatusCode::kResourceExhausted:
      return 429;
    case absl::StatusCode::kCancelled:
      return 499;
    case absl::StatusCode::kUnimplemented:
      return 501;
    case absl::StatusCode::kUnavailable:
      return 503;
    case absl::StatusCode::kDeadlineExceeded:
      return 504;
    default:
      return 500;
  }
}

// Leaves out what can't be written: a type that this program doesn't know, or bytes that aren't one.
Json Details(const google::rpc::Status& wire) {
  Json details = Json::array();
  for (const auto& detail : wire.details()) {
    std::string json;
    if (!google::protobuf::util::MessageToJsonString(detail, &json).ok()) continue;
    details.push_back(Json::parse(json, nullptr, /*allow_exceptions=*/false));
  }
  return details;
}

int64_t RetrySeconds(const google::rpc::Status& wire) {
  for (const auto& detail : wire.details()) {
    google::rpc::RetryInfo retry;
    if (!detail.UnpackTo(&retry)) continue;
    return retry.retry_delay().seconds() + (retry.retry_delay().nanos() > 0 ? 1 : 0);
  }
  return 0;
}

}  // namespace

int HttpStatusOf(const absl::Status& status) {
  const std::string reason = ReasonOf(status);
  const auto* sharper =
      std::find_if(kSharper.begin(), kSharper.end(), [&](const auto& e) { return e.first == reason; });
  return sharper != kSharper.end() ? sharper->second : HttpStatusOfCode(status.code());
}

std::string CodeName(absl::StatusCode code) {
  const std::string& name = google::rpc::Code_Name(static_cast<google::rpc::Code>(code));
  return name.empty() ? "UNKNOWN" : name;
}

HttpAnswer JsonAnswer(std::string json) {
  HttpAnswer answer(http::status::ok, 11);
  answer.set(http::field::content_type, "application/json");
  answer.body() = std::move(json);
  return answer;
}

HttpAnswer FileAnswer(google::api::HttpBody file, absl::string_view name) {
  const std::string& type = file.content_type();
  if (!std::all_of(type.begin(), type.end(), [](char c) { return c >= ' ' && c <= '~'; })) {
    return ErrorAnswer(InternalFailure());
  }
  HttpAnswer answer(http::status::ok, 11);
  answer.set(http::field::content_type, type);
  if (!name.empty()) {
    answer.set(http::field::content_disposition, absl::StrCat("attachment; filename=\"", name, "\""));
  }
  answer.body() = std::move(*file.mutable_data());
  return answer;
}

HttpAnswer ErrorAnswer(const absl::Status& status) {
  const int http_status = HttpStatusOf(status);
  const google::rpc::Status wire = ToRpcStatus(status);
  const Json error = {{"error",
                       {{"code", http_status},
                        {"message", wire.message()},
                        {"status", CodeName(status.code())},
                        {"details", Details(wire)}}}};
  HttpAnswer answer = JsonAnswer(error.dump(-1, ' ', false, Json::error_handler_t::replace));
  answer.result(static_cast<unsigned>(http_status));
  if (http_status == 499) answer.reason("Client Closed Request");
  if (http_status == 401) answer.set(http::field::www_authenticate, "Bearer");
  SetRetryAfter(status, answer);
  return answer;
}

void SetRetryAfter(const absl::Status& status, HttpAnswer& answer) {
  if (const int64_t seconds = RetrySeconds(ToRpcStatus(status)); seconds > 0) {
    answer.set(http::field::retry_after, std::to_string(seconds));
  }
}

}  // namespace lumbar::gateway
