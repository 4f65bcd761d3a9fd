// The fee schedule that is shipped, what a file may say, and what is quoted from it.
#include "services/booking/adapters/fee_schedule_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "common/rpc/testing.h"
#include "common/status/matchers.h"
#include "common/time/proto_time.h"
#include "services/booking/domain/prices.h"
#include "services/booking/testing/samples.h"
#include "source_dir.h"

namespace lumbar::booking {
namespace {

using absl::StatusCode;
using testing::HasSubstr;

constexpr char kShipped[] = LUMBAR_SOURCE_DIR "/services/booking/sample/fees.json";

std::string Written(const std::string& text) {
  std::string path = testing::TempDir() + "fees.json";
  std::ofstream(path) << text;
  return path;
}

std::string Schedule(const std::string& currency, const std::string& zone, const std::string& fees) {
  return R"({"currencyCode": ")" + currency + R"(", "timeZone": ")" + zone + R"(", "fees": [)" + fees + "]}";
}

TEST(FeeScheduleFileTest, RefusesWhatNoClinicCanMean) {
  const std::string fee = R"({"visitType": "a", "insuredMinor": "1", "selfPayMinor": "2"})";
  const std::string wrong[] = {
      "",
      "{",
      R"({"currency": "USD"})",
      Schedule("EUR", "America/New_York", fee),
      Schedule("USD", "Mars/Olympus", fee),
      Schedule("USD", "America/New_York", ""),
      Schedule("USD", "America/New_York", fee + "," + fee),
      Schedule("USD", "America/New_York", R"({"visitType": "a", "insuredMinor": "-1", "selfPayMinor": "2"})"),
      Schedule("USD", "America/New_York", R"({"visitType": "a", "insuredMinor": "0.5", "selfPayMinor": "2"})"),
      std::string(2 << 20, ' '),
  };
  for (const std::string& text : wrong) {
    EXPECT_THAT(ReadFeeSchedule(Written(text)), FailsWith(StatusCode::kInvalidArgument, "FEE_SCHEDULE_REFUSED"))
        << text.substr(0, 200);
  }
  EXPECT_THAT(ReadFeeSchedule(Written(Schedule("USD", "America/New_York", fee))), IsOk());
  EXPECT_THAT(ReadFeeSchedule("/nowhere"), FailsWith(StatusCode::kInvalidArgument, "FEE_SCHEDULE_REFUSED"));
}

class PricesTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_OK_AND_ASSIGN(schedule_, ReadFeeSchedule(kShipped)); }

  absl::StatusOr<v1::QuotePriceResponse> Quote(const v1::QuotePriceRequest& request) {
    return Prices(schedule_, clock_)
        .QuotePrice(rpc::TestContext(options::v1::ROLE_PATIENT, kPatient, request), request);
  }
  static v1::QuotePriceRequest Ask(bool insured) {
    v1::QuotePriceRequest request;
    request.set_visit_type(kVisit);
    request.set_insured(insured);
    return request;
  }

  // A Monday evening in Los Angeles, Tuesday in UTC.
  FakeClock clock_{At("2026-03-02T20:00:00-08:00")};
  v1::FeeSchedule schedule_;
};

TEST_F(PricesTest, QuotesTheShippedCopay) {
  ASSERT_OK_AND_ASSIGN(const auto quote, Quote(Ask(true)));
  EXPECT_EQ(quote.price().amount().currency_code(), "USD");
  EXPECT_EQ(quote.price().amount().units(), 25);
  EXPECT_EQ(quote.price().amount().nanos(), 0);
  EXPECT_TRUE(quote.price().insured());
  EXPECT_FALSE(quote.price().has_good_faith_estimate());
}

TEST_F(PricesTest, OwesAnEstimateWithoutInsurance) {
  auto request = Ask(false);
  ASSERT_OK_AND_ASSIGN(auto quote, Quote(request));
  EXPECT_EQ(quote.price().amount().units(), 100);
  EXPECT_EQ(quote.price().good_faith_estimate().due_date().day(), 5) << "three business days after Monday";
  EXPECT_THAT(quote.price().good_faith_estimate().text(),
              AllOf(HasSubstr("$100.00"), HasSubstr("Thursday, March 5, 2026"), HasSubstr("$400")));

  *request.mutable_start_time() = ToProtoTime(At("2026-03-05T08:00:00-08:00"));
  ASSERT_OK_AND_ASSIGN(quote, Quote(request));
  EXPECT_EQ(quote.price().good_faith_estimate().due_date().day(), 3) << "the next business day";

  *request.mutable_start_time() = ToProtoTime(At("2026-03-04T08:00:00-08:00"));
  ASSERT_OK_AND_ASSIGN(quote, Quote(request));
  EXPECT_FALSE(quote.price().good_faith_estimate().has_due_date());
  EXPECT_THAT(quote.price().good_faith_estimate().text(), HasSubstr("You can ask for"));
}

TEST_F(PricesTest, KeepsTheCents) {
  schedule_.mutable_fees(0)->set_self_pay_minor(9'905);
  ASSERT_OK_AND_ASSIGN(const auto quote, Quote(Ask(false)));
  EXPECT_EQ(quote.price().amount().units(), 99);
  EXPECT_EQ(quote.price().amount().nanos(), 50'000'000);
  EXPECT_THAT(quote.price().good_faith_estimate().text(), HasSubstr("$99.05."));
}

TEST_F(PricesTest, RefusesWhatItCannotQuote) {
  auto request = Ask(true);
  request.set_visit_type("massage");
  EXPECT_THAT(Quote(request), FailsWith(StatusCode::kNotFound, "PRICE_NOT_FOUND"));
  request = Ask(false);
  *request.mutable_start_time() = ToProtoTime(clock_.Now() - absl::Seconds(1));
  EXPECT_THAT(Quote(request), FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELD"));
  *request.mutable_start_time() = ToProtoTime(clock_.Now() + absl::Hours(24 * 366));
  EXPECT_THAT(Quote(request), FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELD"));
  const auto context = rpc::TestContext(options::v1::ROLE_PATIENT, kPatient, request);
  EXPECT_THAT(Prices(std::nullopt, clock_).QuotePrice(context, request),
              FailsWith(StatusCode::kFailedPrecondition, "PRICES_NOT_CONFIGURED"));
}

}  // namespace
}  // namespace lumbar::booking
