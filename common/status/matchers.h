// gmock matchers for absl::Status and absl::StatusOr; for tests only.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <gmock/gmock.h>

#include "common/status/errors.h"

namespace lumbar {

inline const absl::Status& StatusOf(const absl::Status& status) { return status; }
template <typename T>
const absl::Status& StatusOf(const absl::StatusOr<T>& result) {
  return result.status();
}

MATCHER(IsOk, "is OK") {
  *result_listener << StatusOf(arg).ToString();
  return StatusOf(arg).ok();
}

// StatusIs(absl::StatusCode::kNotFound): the code alone.
MATCHER_P(StatusIs, code, "") {
  *result_listener << StatusOf(arg).ToString();
  return StatusOf(arg).code() == code;
}

// FailsWith(absl::StatusCode::kAlreadyExists, "SLOT_TAKEN"): the code and the stable reason.
MATCHER_P2(FailsWith, code, reason, "") {
  *result_listener << StatusOf(arg).ToString() << " reason " << ReasonOf(StatusOf(arg));
  return StatusOf(arg).code() == code && ReasonOf(StatusOf(arg)) == reason;
}

// IsOkAndHolds(matcher): OK, and the value matches.
MATCHER_P(IsOkAndHolds, inner, "") {
  if (!arg.ok()) {
    *result_listener << arg.status().ToString();
    return false;
  }
  return ::testing::ExplainMatchResult(inner, *arg, result_listener);
}

}  // namespace lumbar

#define LUMBAR_CONCAT_TEST_INNER(a, b) a##b
#define LUMBAR_CONCAT_TEST(a, b) LUMBAR_CONCAT_TEST_INNER(a, b)
// `left` becomes the value of an absl::StatusOr, or the test fails here.
#define ASSERT_OK_AND_ASSIGN(left, expression) \
  ASSERT_OK_AND_ASSIGN_IMPL(LUMBAR_CONCAT_TEST(lumbar_result_, __LINE__), left, expression)
#define ASSERT_OK_AND_ASSIGN_IMPL(temporary, left, expression) \
  auto temporary = (expression);                               \
  ASSERT_THAT(temporary, ::lumbar::IsOk());                    \
  left = *std::move(temporary)
