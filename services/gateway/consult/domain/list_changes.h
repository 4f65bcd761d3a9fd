// The port to the log of what changes in lists of consults: an entry for each change that can be seen, written with it
// and kept for a day.
#pragma once

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "services/gateway/consult/domain/consult_store.h"

namespace lumbar::gateway {

// How long changes are kept at least.
inline constexpr absl::Duration kListChangesKept = absl::Hours(24);

// What decides, beside its patient, which lists have a consult.
struct ListedFacts {
  // Who looks after it; empty: nobody.
  std::string worker = {};
  // It waits for the staff, and nobody has taken it on.
  bool waits = false;
  // It isn't over.
  bool open = false;
  // A consult::v1::ConsultState; kAnyState: an older version of this program didn't say; kNoState: there was no
  // consult.
  int64_t state = 0;
};
inline constexpr int64_t kAnyState = 0, kNoState = -1;

// A change. Their order is that of their times; of one consult at one time, that of its versions.
struct ListChange {
  absl::Time time;
  std::string name = {};
  int64_t version = 0;
  std::string patient = {};
  ListedFacts before = {}, after = {};

  bool operator<(const ListChange& other) const {
    return std::tie(time, name, version) < std::tie(other.time, other.name, other.version);
  }
};

// Thread safe.
class ListChangeLog {
 public:
  virtual ~ListChangeLog() = default;

  // At most `limit`, in order: those after `after`. What is written while others are read may turn up later among them,
  // for rpc::kChangesSettle.
  virtual absl::StatusOr<std::vector<ListChange>> Changes(const ListChange& after, int limit) = 0;
  // The consults of these names as they are, in any order; those that there are.
  virtual absl::StatusOr<std::vector<Case>> Cases(const std::vector<std::string>& names) = 0;
};

}  // namespace lumbar::gateway
