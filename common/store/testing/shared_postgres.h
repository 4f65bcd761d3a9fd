// The one PostgreSQL of a test program. Apart from engines.h, because lumbar::testing hides gtest's namespace.
#pragma once

#include "common/testing/postgres_server.h"

namespace lumbar::store {

// Behind every PostgreSQL database that Engines() gives; started when first used, gone with the program.
lumbar::testing::PostgresServer& SharedPostgres();

}  // namespace lumbar::store
