#include "common/store/testing/shared_postgres.h"

namespace lumbar::store {

lumbar::testing::PostgresServer& SharedPostgres() {
  static lumbar::testing::PostgresServer server;
  return server;
}

}  // namespace lumbar::store
