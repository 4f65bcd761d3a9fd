// The two macros for functions that return absl::Status or absl::StatusOr.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#define LUMBAR_STATUS_CONCAT_INNER(a, b) a##b
#define LUMBAR_STATUS_CONCAT(a, b) LUMBAR_STATUS_CONCAT_INNER(a, b)

// Leaves the function with the status of `expression` unless it is OK.
#define LUMBAR_RETURN_IF_ERROR(expression)                                                       \
  do {                                                                                           \
    if (absl::Status lumbar_status_ = (expression); !lumbar_status_.ok()) return lumbar_status_; \
  } while (false)

// `left` becomes the value of `expression`, an absl::StatusOr, or the function is left with its status.
#define LUMBAR_ASSIGN_OR_RETURN(left, expression) \
  LUMBAR_ASSIGN_OR_RETURN_IMPL(LUMBAR_STATUS_CONCAT(lumbar_statusor_, __LINE__), left, expression)
#define LUMBAR_ASSIGN_OR_RETURN_IMPL(temporary, left, expression) \
  auto temporary = (expression);                                  \
  if (!temporary.ok()) return std::move(temporary).status();      \
  left = *std::move(temporary)
