#include "common/store/errors.h"

#include <absl/strings/str_cat.h>

#include "common/status/errors.h"

namespace lumbar::store {
namespace {

constexpr absl::Duration kBusyRetryDelay = absl::Milliseconds(100);
constexpr absl::string_view kDuplicateKey = "DUPLICATE_KEY";
constexpr absl::string_view kUnreachable = "STORE_UNREACHABLE";
constexpr absl::string_view kUnwritable = "STORE_UNWRITABLE";
constexpr absl::string_view kConflict = "STORE_CONFLICT";

}  // namespace

absl::Status DuplicateKey() {
  return WithReason(absl::AlreadyExistsError("a record with this key already exists"), kDuplicateKey);
}

absl::Status StoreBusy() {
  auto status = WithReason(absl::UnavailableError("the store is busy; try again in a moment"), "STORE_BUSY");
  return WithRetryDelay(std::move(status), kBusyRetryDelay);
}

absl::Status StoreFull() {
  return WithReason(absl::ResourceExhaustedError("the store's disk is full; reading still works, free space to write"),
                    "STORE_FULL");
}

absl::Status StoreCorrupt() {
  return WithReason(absl::DataLossError("the store's file is damaged or not a database; restore it from a backup"),
                    "STORE_CORRUPT");
}

absl::Status StoreUnwritable() {
  return WithReason(absl::UnavailableError("the store's file can't be opened, read or written; check that it or its "
                                           "folder is there, its owner and its disk"),
                    kUnwritable);
}

absl::Status StoreUnreachable() {
  auto status =
      WithReason(absl::UnavailableError("the store's server can't be reached or lets nobody in; check that it "
                                        "runs, and its address, database, user and password"),
                 kUnreachable);
  return WithRetryDelay(std::move(status), kBusyRetryDelay);
}

absl::Status StoreConflict() {
  auto status = WithReason(absl::AbortedError("another change stood in the way; try again"), kConflict);
  return WithRetryDelay(std::move(status), kBusyRetryDelay);
}

absl::Status CommitUnknown() {
  auto status = WithReason(absl::UnavailableError("the store went away while it committed, so that the change may have "
                                                  "been made or not; repeat it with the same request_id"),
                           "COMMIT_UNKNOWN");
  return WithRetryDelay(std::move(status), kBusyRetryDelay);
}

absl::Status StoreFailed(absl::string_view code) {
  return WithReason(absl::InternalError(absl::StrCat("the store failed with the engine's code ", code)),
                    "STORE_FAILED");
}

absl::Status StoreUrl(absl::string_view problem) {
  return WithReason(absl::InvalidArgumentError(absl::StrCat("the store's URL ", problem)), "STORE_URL");
}

absl::Status SchemaNewer(absl::string_view migration) {
  return WithReason(absl::FailedPreconditionError(
                        absl::StrCat("the database has migration ", migration,
                                     ", which this program doesn't know; start a newer program, or the right one")),
                    "SCHEMA_NEWER");
}

absl::Status SchemaChanged(absl::string_view migration) {
  return WithReason(
      absl::FailedPreconditionError(absl::StrCat(
          "migration ", migration, " was applied with another text; restore it and add a new migration instead")),
      "SCHEMA_CHANGED");
}

absl::Status MigrationName(absl::string_view migration) {
  return WithReason(absl::InternalError(absl::StrCat("migration ", migration,
                                                     " is out of line; name them 0001_name.sql, 0002_name.sql, ...")),
                    "MIGRATION_NAME");
}

absl::Status SchemaStrange(absl::string_view what) {
  return WithReason(absl::FailedPreconditionError(absl::StrCat("the database isn't as Lumbar makes it: ", what)),
                    "SCHEMA_STRANGE");
}

absl::Status SchemaDifferent() {
  return WithReason(absl::FailedPreconditionError("the two databases don't have the same tables; was one of them "
                                                  "changed by hand, or is it another service's?"),
                    "SCHEMA_DIFFERENT");
}

absl::Status TargetNotEmpty(absl::string_view table) {
  return WithReason(absl::FailedPreconditionError(absl::StrCat("the target has rows already, in ", table,
                                                               "; give an empty database, which nothing uses yet")),
                    "TARGET_NOT_EMPTY");
}

absl::Status CopyDifferent(absl::string_view table) {
  return WithReason(absl::DataLossError(absl::StrCat("the copy of ", table,
                                                     " isn't the same as the original; does "
                                                     "something else write to the target?")),
                    "COPY_DIFFERENT");
}

absl::Status RequestIdReused() {
  return WithViolation(
      WithReason(absl::InvalidArgumentError("this request_id was used for a different request; use a fresh one"),
                 "REQUEST_ID_REUSED"),
      "request_id", "was used for a different request");
}

absl::Status InvalidPageToken() {
  return WithViolation(
      WithReason(absl::InvalidArgumentError("the page token is not one of this list; start again without one"),
                 "INVALID_PAGE_TOKEN"),
      "page_token", "is not one that this list returned for this query");
}

absl::Status UnreadableColumn(absl::string_view message_type) {
  return WithReason(absl::DataLossError(absl::StrCat("a stored ", message_type, " can't be read")), "STORE_CORRUPT");
}

absl::Status UnwritableMessage(absl::string_view message_type) {
  return WithReason(absl::InternalError(absl::StrCat("a ", message_type, " can't be stored as JSON")), "STORE_FAILED");
}

bool IsDuplicateKey(const absl::Status& status) { return ReasonOf(status) == kDuplicateKey; }
bool IsStoreLost(const absl::Status& status) {
  const std::string reason = ReasonOf(status);
  return reason == kUnreachable || reason == kUnwritable;
}
bool IsStoreConflict(const absl::Status& status) { return ReasonOf(status) == kConflict; }

}  // namespace lumbar::store
