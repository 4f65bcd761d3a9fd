#include "common/store/postgresql_url.h"

#include <gmock/gmock.h>
#include <libpq-fe.h>

#include <map>

#include "common/status/matchers.h"

namespace lumbar::store {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

// What libpq understands from the text.
std::map<std::string, std::string> Understood(const std::string& text) {
  std::map<std::string, std::string> options;
  PQconninfoOption* const parsed = PQconninfoParse(text.c_str(), nullptr);
  EXPECT_NE(parsed, nullptr) << text;
  if (parsed == nullptr) return options;
  for (const PQconninfoOption* option = parsed; option->keyword != nullptr; ++option) {
    if (option->val != nullptr) options[option->keyword] = option->val;
  }
  PQconninfoFree(parsed);
  return options;
}

TEST(PostgresqlUrl, KeepsWhatTheUrlSaysToTheLetter) {
  ASSERT_OK_AND_ASSIGN(const std::string text,
                       ConnectionString("postgresql://me:a%27b%5C%20c%3D@one,two:5433/my%20db?connect_timeout=7"
                                        "&sslmode=verify-full&target_session_attrs=any",
                                        absl::Seconds(2)));
  auto options = Understood(text);
  EXPECT_EQ(options["user"], "me");
  EXPECT_EQ(options["password"], "a'b\\ c=");
  EXPECT_EQ(options["host"], "one,two");
  EXPECT_EQ(options["dbname"], "my db");
  EXPECT_EQ(options["connect_timeout"], "7");
  EXPECT_EQ(options["sslmode"], "verify-full");
  EXPECT_EQ(options["target_session_attrs"], "any");
}

TEST(PostgresqlUrl, BoundsWhatTheUrlLeavesOpen) {
  ASSERT_OK_AND_ASSIGN(const std::string text, ConnectionString("postgresql:///lumbar", absl::Milliseconds(20)));
  auto options = Understood(text);
  EXPECT_EQ(options["connect_timeout"], "2");
  EXPECT_EQ(options["keepalives_idle"], "5");
  EXPECT_EQ(options["tcp_user_timeout"], "9000");
  EXPECT_EQ(options["target_session_attrs"], "read-write");
  ASSERT_OK_AND_ASSIGN(const std::string patient, ConnectionString("postgresql:///lumbar", absl::Seconds(60)));
  EXPECT_EQ(Understood(patient)["connect_timeout"], "5");
}

TEST(PostgresqlUrl, AlwaysSpeaksUtf8) {
  ASSERT_OK_AND_ASSIGN(const std::string text,
                       ConnectionString("postgresql:///lumbar?client_encoding=LATIN1", absl::Seconds(2)));
  EXPECT_EQ(Understood(text)["client_encoding"], "UTF8");
  EXPECT_THAT(text, EndsWith(" client_encoding=UTF8"));
}

TEST(PostgresqlUrl, RefusesWhatLibpqDoesWithoutRepeatingIt) {
  for (const char* url : {"postgresql://me:canary@host/db?canary=1", "postgresql://me:canary@host/db?sslmode"}) {
    const auto refused = ConnectionString(url, absl::Seconds(2));
    EXPECT_THAT(refused, FailsWith(absl::StatusCode::kInvalidArgument, "STORE_URL"));
    EXPECT_THAT(refused.status().ToString(), Not(HasSubstr("canary")));
  }
}

}  // namespace
}  // namespace lumbar::store
