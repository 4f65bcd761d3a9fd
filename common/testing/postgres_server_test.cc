#include "common/testing/postgres_server.h"

#include <gtest/gtest.h>
#include <libpq-fe.h>

#include <filesystem>

namespace lumbar::testing {
namespace {

TEST(PostgresServer, KeepsWhatWasCommittedWhenItIsKilled) {
  PostgresServer server;
  server.Run("CREATE TABLE note (name TEXT)");
  server.Kill();
  EXPECT_NE(PQping(server.url().c_str()), PQPING_OK);
  server.Restart();
  server.Run("INSERT INTO note VALUES ('still there')");
}

TEST(PostgresServer, LeavesNothingBehind) {
  std::string url;
  std::filesystem::path folder;
  {
    PostgresServer server;
    url = server.url();
    folder = server.folder();
    EXPECT_TRUE(std::filesystem::exists(folder));
  }
  EXPECT_FALSE(std::filesystem::exists(folder));
  EXPECT_NE(PQping(url.c_str()), PQPING_OK);
}

}  // namespace
}  // namespace lumbar::testing
