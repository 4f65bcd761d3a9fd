// Statements whose results nobody looks at.
#pragma once

#include <soci/soci.h>

namespace lumbar::store {

// Within its life, statements that give no rows are sent with the next one that does, or that begins after it, or with
// the commit: where each costs a round trip, a transaction then costs fewer. Whoever needs the number of affected rows
// can't have a statement deferred. An error is that of the statement which they were sent with. On engines in this
// process nothing changes.
class Deferred {
 public:
  explicit Deferred(soci::session& session);
  ~Deferred();
  Deferred(const Deferred&) = delete;
  Deferred& operator=(const Deferred&) = delete;

 private:
  soci::session& session_;
};

}  // namespace lumbar::store
