#include "common/status/errors.h"

#include <absl/strings/match.h>
#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>

#include <algorithm>

namespace lumbar {
namespace {

constexpr absl::string_view kTypePrefix = "type.googleapis.com/";

template <typename Detail>
std::string TypeUrl() {
  return absl::StrCat(kTypePrefix, Detail::descriptor()->full_name());
}

template <typename Detail>
Detail DetailOf(const absl::Status& status) {
  Detail detail;
  if (const auto payload = status.GetPayload(TypeUrl<Detail>())) {
    detail.ParsePartialFromString(std::string(*payload));
  }
  return detail;
}

template <typename Detail>
absl::Status WithDetail(absl::Status status, const Detail& detail) {
  if (!status.ok()) status.SetPayload(TypeUrl<Detail>(), absl::Cord(detail.SerializeAsString()));
  return status;
}

}  // namespace

absl::Status WithReason(absl::Status status, absl::string_view reason) {
  google::rpc::ErrorInfo info;
  info.set_reason(std::string(reason));
  info.set_domain(std::string(kErrorDomain));
  return WithDetail(std::move(status), info);
}

absl::Status WithViolation(absl::Status status, absl::string_view field, absl::string_view description) {
  auto bad_request = DetailOf<google::rpc::BadRequest>(status);
  auto* violation = bad_request.add_field_violations();
  violation->set_field(std::string(field));
  violation->set_description(std::string(description));
  return WithDetail(std::move(status), bad_request);
}

absl::Status WithRetryDelay(absl::Status status, absl::Duration delay) {
  google::rpc::RetryInfo info;
  info.mutable_retry_delay()->set_seconds(absl::ToInt64Seconds(delay));
  info.mutable_retry_delay()->set_nanos(
      static_cast<int>(absl::ToInt64Nanoseconds(delay - absl::Seconds(absl::ToInt64Seconds(delay)))));
  return WithDetail(std::move(status), info);
}

absl::Status InvalidField(absl::string_view field, absl::string_view description) {
  auto status = absl::InvalidArgumentError(absl::StrCat(field, ": ", description));
  return WithViolation(WithReason(std::move(status), "INVALID_FIELD"), field, description);
}

std::string ReasonOf(const absl::Status& status) { return DetailOf<google::rpc::ErrorInfo>(status).reason(); }

google::rpc::Status ToRpcStatus(const absl::Status& status) {
  google::rpc::Status wire;
  wire.set_code(static_cast<int>(status.code()));
  wire.set_message(std::string(status.message()));
  status.ForEachPayload([&](absl::string_view type, const absl::Cord& value) {
    auto* detail = wire.add_details();
    detail->set_type_url(std::string(type));
    detail->set_value(std::string(value));
  });
  // absl keeps payloads in no promised order; callers and tests like one.
  std::sort(wire.mutable_details()->begin(), wire.mutable_details()->end(),
            [](const auto& a, const auto& b) { return a.type_url() > b.type_url(); });
  return wire;
}

absl::Status FromRpcStatus(const google::rpc::Status& wire) {
  absl::Status status(static_cast<absl::StatusCode>(wire.code()), wire.message());
  for (const auto& detail : wire.details()) {
    if (absl::StartsWith(detail.type_url(), absl::StrCat(kTypePrefix, "google.rpc."))) {
      status.SetPayload(detail.type_url(), absl::Cord(detail.value()));
    }
  }
  return status;
}

}  // namespace lumbar
