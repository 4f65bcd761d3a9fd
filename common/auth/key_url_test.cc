#include "common/auth/key_url.h"

#include <gtest/gtest.h>

#include "common/status/matchers.h"

namespace lumbar::auth {
namespace {

TEST(KeyUrl, TakesTlsFromAnywhereAndPlainHttpFromThisMachineAlone) {
  for (const char* good : {"https://id.example/keys", "https://10.0.0.1:8443/realms/clinic/certs?p=1",
                           "http://127.0.0.1:8080/keys", "http://127.1.2.3/keys", "http://[::1]:8080/keys"}) {
    EXPECT_THAT(KeyUrl::Create(good, ""), IsOk()) << good;
  }
  for (const char* bad :
       {"", "keys.json", "/etc/keys.json", "file:///etc/keys.json", "ftp://id.example/keys", "http://id.example/keys",
        "http://localhost/keys", "http://127.0.0.1.id.example/keys", "http://128.0.0.1/keys", "http://[::2]/keys",
        "http://[::ffff:10.0.0.1]/keys", "https://user@id.example/keys", "https://:secret@id.example/keys",
        "http://127.0.0.1@id.example/keys", "https://id.example/keys#a"}) {
    EXPECT_THAT(KeyUrl::Create(bad, ""), FailsWith(absl::StatusCode::kInvalidArgument, "KEY_URL_REFUSED")) << bad;
  }
}

TEST(KeyUrl, IsNamedWithoutItsQueryWhichMayHoldASecret) {
  ASSERT_OK_AND_ASSIGN(const auto url, KeyUrl::Create("https://id.example:8443/realms/clinic/keys?key=secret&p=1", ""));
  EXPECT_EQ(url->name(), "https://id.example:8443/realms/clinic/keys");
}

TEST(KeyUrl, IsUnreachableWhereNobodyListens) {
  // The discard port, which no machine of ours serves.
  ASSERT_OK_AND_ASSIGN(const auto url, KeyUrl::Create("http://127.0.0.1:9/keys", ""));
  EXPECT_THAT(url->Read(), FailsWith(absl::StatusCode::kUnavailable, "KEY_URL_UNREACHABLE"));
}

TEST(GoodFor, IsTheShortestThatTheServerSays) {
  EXPECT_EQ(GoodFor(""), absl::InfiniteDuration());
  EXPECT_EQ(GoodFor("public, immutable"), absl::InfiniteDuration());
  EXPECT_EQ(GoodFor("public, Max-Age=300 , must-revalidate"), absl::Minutes(5));
  EXPECT_EQ(GoodFor("max-age=60,max-age=300"), absl::Minutes(1));
  EXPECT_EQ(GoodFor("max-age=300, no-store"), absl::ZeroDuration());
  EXPECT_EQ(GoodFor("NO-CACHE"), absl::ZeroDuration());
  for (const char* nonsense :
       {"max-age", "max-age=", "max-age=-1", "max-age=soon", "max-age=99999999999", "s-max-age=1"}) {
    EXPECT_EQ(GoodFor(nonsense), absl::InfiniteDuration()) << nonsense;
  }
}

}  // namespace
}  // namespace lumbar::auth
