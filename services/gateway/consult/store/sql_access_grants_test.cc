#include "services/gateway/consult/store/sql_access_grants.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "common/status/errors.h"
#include "common/status/matchers.h"
#include "common/store/idempotency.h"
#include "common/store/resource_name.h"
#include "common/store/testing/engines.h"
#include "common/time/proto_time.h"
#include "services/gateway/consult/store/sql_consult_store.h"

namespace lumbar::gateway {
namespace {

using consult::v1::AccessGrant;

// What every AccessGrants promises, on every engine, to those who ask at once.
class AccessGrantsTest : public store::EngineTest {
 protected:
  void SetUp() override {
    ASSERT_THAT(database_->Migrate({store::IdempotencyMigrations(), ConsultMigrations()}, clock_), IsOk());
  }

  AccessGrant NewGrant(const std::string& holder = "clinicians/omar") const {
    AccessGrant grant;
    grant.set_name(store::NewName("accessGrants"));
    grant.set_consult("consults/1");
    grant.set_holder(holder);
    *grant.mutable_create_time() = ToProtoTime(clock_.Now());
    *grant.mutable_expire_time() = ToProtoTime(clock_.Now() + absl::Minutes(30));
    return grant;
  }
  static store::Mutation NewKey() { return {"clinicians/omar", "method", store::NewUuid(), "body"}; }

  static void AtOnce(int many, absl::FunctionRef<void()> ask) {
    std::vector<std::thread> askers;
    for (int i = 0; i < many; ++i) askers.emplace_back([&] { ask(); });
    for (auto& asker : askers) asker.join();
  }

  FakeClock clock_{absl::FromUnixSeconds(1'800'000'000)};
  const std::unique_ptr<store::Database> database_ = Open();
  SqlAccessGrants grants_{*database_, clock_};
};

TEST_P(AccessGrantsTest, GivesAHolderAsManyAsAreAllowedHoweverManyAreAskedForAtOnce) {
  std::atomic<int> given = 0, refused = 0;
  AtOnce(32, [&] {
    const auto grant = grants_.Create(NewKey(), NewGrant(), 10);
    given += grant.ok();
    refused += !grant.ok() && ReasonOf(grant.status()) == "TOO_MANY_GRANTS";
  });
  EXPECT_EQ(given, 10);
  EXPECT_EQ(refused, 22);
  EXPECT_THAT(grants_.Create(NewKey(), NewGrant("clinicians/ines"), 10), IsOk());
  clock_.Advance(absl::Minutes(30));
  EXPECT_THAT(grants_.Create(NewKey(), NewGrant(), 10), IsOk());
}

TEST_P(AccessGrantsTest, LetsOneOfThoseWhoChangeAGrantAtOnceBeTheFirst) {
  for (int round = 0; round < 8; ++round) {
    ASSERT_OK_AND_ASSIGN(const AccessGrant given, grants_.Create(NewKey(), NewGrant(), 10));
    std::atomic<int> first = 0, late = 0;
    AtOnce(8, [&] {
      const auto changed = grants_.Change(NewKey(), given.name(), [&](AccessGrant& grant) -> absl::Status {
        if (grant.has_revoke_time()) return absl::AlreadyExistsError("revoked");
        *grant.mutable_revoke_time() = ToProtoTime(clock_.Now());
        return absl::OkStatus();
      });
      first += changed.ok();
      late += absl::IsAlreadyExists(changed.status());
    });
    EXPECT_EQ(first, 1);
    EXPECT_EQ(late, 7);
    EXPECT_THAT(grants_.IsLive("consults/1", "clinicians/omar", clock_.Now()), IsOkAndHolds(false));
  }
}

INSTANTIATE_TEST_SUITE_P(EveryEngine, AccessGrantsTest, testing::ValuesIn(store::Engines()), store::EngineName());

}  // namespace
}  // namespace lumbar::gateway
