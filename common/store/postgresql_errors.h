// What PostgreSQL's error codes mean to a caller.
#pragma once

#include <absl/status/status.h>
#include <absl/strings/string_view.h>

namespace lumbar::store {

// Which of errors.h an SQLSTATE is. Blank stands for an error that libpq noticed itself: a lost connection.
absl::Status StatusOfSqlState(absl::string_view sqlstate);

}  // namespace lumbar::store
