#include "common/status/errors.h"

#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>
#include <gtest/gtest.h>

#include "common/status/matchers.h"

namespace lumbar {
namespace {

TEST(Errors, CarryAReasonThatAProgramCanRead) {
  const auto status = WithReason(absl::AlreadyExistsError("that time was just taken"), "SLOT_TAKEN");
  EXPECT_THAT(status, FailsWith(absl::StatusCode::kAlreadyExists, "SLOT_TAKEN"));
}

TEST(Errors, NameEveryFieldAtFault) {
  const auto status = WithViolation(InvalidField("age", "must be at most 120"), "days", "must not be negative");
  const auto wire = ToRpcStatus(status);
  google::rpc::BadRequest bad_request;
  for (const auto& detail : wire.details()) detail.UnpackTo(&bad_request);
  ASSERT_EQ(bad_request.field_violations_size(), 2);
  EXPECT_EQ(bad_request.field_violations(0).field(), "age");
  EXPECT_EQ(bad_request.field_violations(1).field(), "days");
}

TEST(Errors, SurviveTheWire) {
  const auto sent =
      WithRetryDelay(WithReason(absl::ResourceExhaustedError("busy"), "OVERLOADED"), absl::Milliseconds(1500));
  EXPECT_EQ(FromRpcStatus(ToRpcStatus(sent)), sent);
}

TEST(Errors, LeaveOkAlone) { EXPECT_THAT(WithReason(absl::OkStatus(), "NEVER"), IsOk()); }

}  // namespace
}  // namespace lumbar
