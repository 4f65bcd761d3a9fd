// Every failure that the store itself can give, one function each. No message holds SQL or a bound value: either may be
// patient data.
#pragma once

#include <absl/status/status.h>
#include <absl/strings/string_view.h>

namespace lumbar::store {

absl::Status DuplicateKey();      // ALREADY_EXISTS/DUPLICATE_KEY: a unique or primary key is taken.
absl::Status StoreBusy();         // UNAVAILABLE/STORE_BUSY: no connection or lock came free in time; retry.
absl::Status StoreFull();         // RESOURCE_EXHAUSTED/STORE_FULL: the disk is full; reads still work.
absl::Status StoreCorrupt();      // DATA_LOSS/STORE_CORRUPT: the file is damaged or is no database.
absl::Status StoreUnwritable();   // UNAVAILABLE/STORE_UNWRITABLE: the file can't be opened, read or written.
absl::Status StoreUnreachable();  // UNAVAILABLE/STORE_UNREACHABLE: the server doesn't answer or went away; retry.
absl::Status StoreConflict();     // ABORTED/STORE_CONFLICT: transactions stood in each other's way; retry.
// UNAVAILABLE/COMMIT_UNKNOWN: the connection broke during the commit, so that the effect may be there or not.
absl::Status CommitUnknown();
// INTERNAL/STORE_FAILED: anything else; `code` is the engine's own for the kind of error.
absl::Status StoreFailed(absl::string_view code);

absl::Status StoreUrl(absl::string_view problem);  // INVALID_ARGUMENT/STORE_URL

// FAILED_PRECONDITION/SCHEMA_NEWER: the database has a migration that this program doesn't know.
absl::Status SchemaNewer(absl::string_view migration);
// FAILED_PRECONDITION/SCHEMA_CHANGED: a migration's text isn't the one that was applied.
absl::Status SchemaChanged(absl::string_view migration);
// INTERNAL/MIGRATION_NAME: files aren't named 0001_name.sql, 0002_name.sql, ... without a gap.
absl::Status MigrationName(absl::string_view migration);

// FAILED_PRECONDITION/SCHEMA_STRANGE: a table that no migration of ours makes; `what` names it.
absl::Status SchemaStrange(absl::string_view what);
// FAILED_PRECONDITION/SCHEMA_DIFFERENT: two databases of one service don't have the same tables.
absl::Status SchemaDifferent();
// FAILED_PRECONDITION/TARGET_NOT_EMPTY: a copy would mix with what is there.
absl::Status TargetNotEmpty(absl::string_view table);
// DATA_LOSS/COPY_DIFFERENT: what was read back isn't what was written.
absl::Status CopyDifferent(absl::string_view table);

absl::Status RequestIdReused();   // INVALID_ARGUMENT/REQUEST_ID_REUSED: the same request_id came with another body.
absl::Status InvalidPageToken();  // INVALID_ARGUMENT/INVALID_PAGE_TOKEN: forged, damaged or of another query.
absl::Status UnreadableColumn(absl::string_view message_type);   // DATA_LOSS/STORE_CORRUPT
absl::Status UnwritableMessage(absl::string_view message_type);  // INTERNAL/STORE_FAILED

// True if `status` is DuplicateKey(): what a store translates into its own words, e.g. SLOT_TAKEN.
bool IsDuplicateKey(const absl::Status& status);
// True if the store stopped answering or its file can't be read or written: at a commit that leaves open what became of
// it.
bool IsStoreLost(const absl::Status& status);
bool IsStoreConflict(const absl::Status& status);

}  // namespace lumbar::store
