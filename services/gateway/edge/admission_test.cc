#include "services/gateway/edge/admission.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include "common/status/matchers.h"
#include "services/gateway/edge/admission_fixture.h"
#include "services/gateway/rate_limits/testing.h"

namespace lumbar::gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::SizeIs;

class AdmissionTest : public ::testing::Test {
 protected:
  static AdmissionOptions Options() {
    return {Rate{absl::Milliseconds(20), 200}, Rate{absl::Milliseconds(50), 100}, *TrustedProxies::Parse("10.0.0.0/8")};
  }

  // What became of a request, if anything did yet.
  std::optional<absl::Status> Ask(const std::string& authorization = "", const char* peer = "192.0.2.7",
                                  const std::string& forwarded_for = "") {
    Credentials credentials{forwarded_for, {}};
    if (!authorization.empty()) credentials.authorization.emplace_back(authorization);
    return Admit(credentials, peer);
  }
  std::optional<absl::Status> Admit(const Credentials& credentials, const char* peer = "192.0.2.7") {
    decided_.reset();
    give_up_ = admission_.Admit({boost::asio::ip::make_address(peer), on_loop_}, credentials,
                                [this](const absl::Status& status) {
                                  decided_ = status;
                                  return [this] { ++given_up_; };
                                });
    return decided_;
  }
  std::string Metrics() const { return prometheus::TextSerializer().Serialize(registry_.Collect()); }

  SystemClock clock_;
  Believer believer_{clock_};
  FakeLimits limits_;
  prometheus::Registry registry_;
  Admission admission_{Options(), limits_, believer_.authenticator(), registry_};
  std::function<void(std::function<void()>)> on_loop_ = [](const std::function<void()>& task) { task(); };
  std::optional<absl::Status> decided_;
  GiveUp give_up_;
  int given_up_ = 0;
};

TEST_F(AdmissionTest, CountsAgainstTheAddressAndWhomTheTokenNames) {
  EXPECT_THAT(*Ask(believer_.Header("patients/17")), IsOk());
  EXPECT_THAT(*Ask(believer_.Header("patients/17", 1), "192.0.2.8"), IsOk());
  EXPECT_THAT(*Ask(believer_.Header("patients/18")), IsOk());
  const auto& taken = limits_.taken;
  for (const auto& buckets : taken) ASSERT_THAT(buckets, SizeIs(2));
  EXPECT_EQ(taken[0][0].rate.burst, 200);
  EXPECT_EQ(taken[0][1].rate.burst, 100);
  EXPECT_EQ(taken[0][1].key, taken[1][1].key) << "another token of the same person";
  EXPECT_NE(taken[0][0].key, taken[1][0].key) << "another address";
  EXPECT_EQ(taken[0][0].key, taken[2][0].key);
  EXPECT_NE(taken[0][1].key, taken[2][1].key) << "another person";
}

TEST_F(AdmissionTest, LetsNobodySpendAnothersBudget) {
  Ask();
  Ask(believer_.Forged("patients/17"));
  Ask("Bearer patients/17");
  const std::string good = believer_.Header("patients/17");
  Admit({"", {good, good}});
  ASSERT_THAT(limits_.taken, SizeIs(4));
  for (const auto& buckets : limits_.taken) {
    ASSERT_THAT(buckets, SizeIs(1));
    EXPECT_EQ(buckets[0].key, limits_.taken[0][0].key);
  }
}

TEST_F(AdmissionTest, KeepsNoAddressAndNoSubject) {
  Ask(believer_.Header("patients/17"));
  EXPECT_THAT(limits_.taken[0][0].key, MatchesRegex("address:[0-9a-f]{32}"));
  EXPECT_THAT(limits_.taken[0][1].key, MatchesRegex("identity:[0-9a-f]{32}"));
}

TEST_F(AdmissionTest, TakesOnlyOurProxiesWordForAnAddress) {
  Ask("", "192.0.2.7");
  Ask("", "10.1.2.3", "198.51.100.1, 192.0.2.7, 10.9.9.9");
  Ask("", "192.0.2.7", "198.51.100.1");
  ASSERT_THAT(limits_.taken, SizeIs(3));
  EXPECT_EQ(limits_.taken[1][0].key, limits_.taken[0][0].key);
  EXPECT_EQ(limits_.taken[2][0].key, limits_.taken[0][0].key);
}

TEST_F(AdmissionTest, RefusesAndTellsHowLongToWait) {
  limits_.verdict = {Limiter::kRedis, 1, absl::Milliseconds(700)};
  const auto refused = Ask(believer_.Header("patients/17"));
  EXPECT_THAT(*refused, FailsWith(absl::StatusCode::kResourceExhausted, "RATE_LIMITED"));
  EXPECT_THAT(Metrics(), HasSubstr(R"({kind="identity",limiter="redis",outcome="refused"} 1)"));
  EXPECT_THAT(Metrics(), HasSubstr(R"({kind="address",limiter="redis",outcome="allowed"} 0)"));
}

TEST_F(AdmissionTest, CountsWhatItAllowsAndByWhichLimiter) {
  Ask(believer_.Header("patients/17"));
  limits_.verdict.limiter = Limiter::kRedis;
  Ask();
  Ask();
  EXPECT_THAT(Metrics(), HasSubstr(R"({kind="identity",limiter="local",outcome="allowed"} 1)"));
  EXPECT_THAT(Metrics(), HasSubstr(R"({kind="address",limiter="local",outcome="allowed"} 1)"));
  EXPECT_THAT(Metrics(), HasSubstr(R"({kind="address",limiter="redis",outcome="allowed"} 2)"));
}

TEST_F(AdmissionTest, LooksAtNoTokenOfAnAddressThatHasNoneLeft) {
  limits_.known_empty = Verdict{Limiter::kLocal, 0, absl::Seconds(1)};
  EXPECT_THAT(*Ask(believer_.Header("patients/17")), FailsWith(absl::StatusCode::kResourceExhausted, "RATE_LIMITED"));
  EXPECT_THAT(limits_.taken, SizeIs(0));
  EXPECT_EQ(believer_.authenticator().remembered(), 0u);
}

TEST_F(AdmissionTest, GoesOnByTheVisitorsLoopOnceTheLimiterHasSpoken) {
  int tasks = 0;
  on_loop_ = [&](const std::function<void()>& task) {
    ++tasks;
    task();
  };
  limits_.is_holding = true;
  EXPECT_FALSE(Ask());
  EXPECT_EQ(tasks, 0);
  limits_.Release();
  ASSERT_TRUE(decided_);
  EXPECT_THAT(*decided_, IsOk());
  EXPECT_EQ(tasks, 1);
  give_up_();
  EXPECT_EQ(given_up_, 1) << "what was begun by then";
}

TEST_F(AdmissionTest, BeginsNothingForAClientThatIsGone) {
  limits_.is_holding = true;
  Ask();
  give_up_();
  limits_.Release();
  EXPECT_THAT(*decided_, FailsWith(absl::StatusCode::kCancelled, "CLIENT_GONE"));
  EXPECT_EQ(given_up_, 0);
}

TEST_F(AdmissionTest, MayBeOff) {
  Admission everybody;
  bool admitted = false;
  everybody.Admit({}, {}, [&](const absl::Status& status) {
    admitted = status.ok();
    return nullptr;
  });
  EXPECT_TRUE(admitted);
}

TEST_F(AdmissionTest, MayLimitIdentitiesAlone) {
  AdmissionOptions options = Options();
  options.per_address.reset();
  prometheus::Registry registry;
  Admission identities(options, limits_, believer_.authenticator(), registry);
  const std::string header = believer_.Header("patients/17");
  const auto admit = [](const absl::Status&) { return nullptr; };
  identities.Admit({}, {"", {header}}, admit);
  identities.Admit({}, {}, admit);
  ASSERT_THAT(limits_.taken, SizeIs(1));
  EXPECT_THAT(limits_.taken[0][0].key, HasSubstr("identity:"));
}

}  // namespace
}  // namespace lumbar::gateway
