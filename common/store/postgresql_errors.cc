#include "common/store/postgresql_errors.h"

#include <absl/strings/match.h>

#include "common/store/errors.h"

namespace lumbar::store {
namespace {

struct Meaning {
  absl::string_view prefix;
  absl::Status (*status)();
};

// The first prefix that fits decides.
constexpr Meaning kMeanings[] = {
    {"23505", DuplicateKey},      // unique_violation
    {"40001", StoreConflict},     // serialization_failure
    {"40P01", StoreConflict},     // deadlock_detected
    {"53100", StoreFull},         // disk_full
    {"53", StoreBusy},            // insufficient_resources: connections, memory, other limits
    {"55P03", StoreBusy},         // lock_not_available: lock_timeout
    {"57014", StoreBusy},         // query_canceled: statement_timeout
    {"57P", StoreUnreachable},    // operator intervention: shutting down, starting, database dropped
    {"25P03", StoreUnreachable},  // idle_in_transaction_session_timeout: the server has hung up
    {"08", StoreUnreachable},     // connection_exception
    {" ", StoreUnreachable},     {"XX001", StoreCorrupt},  // data_corrupted
    {"XX002", StoreCorrupt},                               // index_corrupted
};

}  // namespace

absl::Status StatusOfSqlState(absl::string_view sqlstate) {
  for (const Meaning& meaning : kMeanings) {
    if (absl::StartsWith(sqlstate, meaning.prefix)) return meaning.status();
  }
  return StoreFailed(sqlstate);
}

}  // namespace lumbar::store
