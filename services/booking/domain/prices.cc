#include "services/booking/domain/prices.h"

#include <absl/container/flat_hash_set.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>

#include <string>
#include <utility>

#include "common/status/errors.h"
#include "common/time/proto_time.h"
#include "common/time/zone.h"
#include "services/booking/domain/business_days.h"
#include "services/booking/domain/schedule.h"
#include "services/booking/errors.h"

namespace lumbar::booking {
namespace {

// US dollars have a hundred minor units.
google::type::Money MoneyOf(const std::string& currency, int64_t minor) {
  google::type::Money money;
  money.set_currency_code(currency);
  money.set_units(minor / 100);
  money.set_nanos(static_cast<int32_t>(minor % 100 * 10'000'000));
  return money;
}

google::type::Date DateOf(absl::CivilDay day) {
  google::type::Date date;
  date.set_year(static_cast<int32_t>(day.year()));
  date.set_month(day.month());
  date.set_day(day.day());
  return date;
}

std::string DayText(absl::CivilDay day) {
  const absl::Time noon = absl::FromCivil(day, absl::UTCTimeZone()) + absl::Hours(12);
  const auto part = [&](const char* format) { return absl::FormatTime(format, noon, absl::UTCTimeZone()); };
  return absl::StrCat(part("%A, %B "), day.day(), part(", %Y"));
}

std::string EstimateText(const google::type::Money& amount, const std::optional<absl::CivilDay>& due) {
  const std::string by = due ? absl::StrCat("You will get a written Good Faith Estimate by ", DayText(*due), ".")
                             : "You can ask for a written Good Faith Estimate; you will get it within three business "
                               "days.";
  return absl::StrCat(
      "You are not using insurance for this visit, so you have the right to know beforehand what it will cost. We "
      "expect ",
      absl::StrFormat("$%d.%02d", amount.units(), amount.nanos() / 10'000'000), ". ", by,
      " If the bill is $400 or more above that estimate, you can dispute it: see www.cms.gov/nosurprises or call "
      "1-800-985-3059. An estimate is not a contract: you don't have to take the visit.");
}

absl::TimeZone ClinicsZone(const std::optional<v1::FeeSchedule>& schedule) {
  return (schedule ? FindZone(schedule->time_zone()) : std::nullopt).value_or(absl::UTCTimeZone());
}

}  // namespace

absl::Status CheckFeeSchedule(const v1::FeeSchedule& schedule) {
  absl::Status faults;
  const auto fault = [&](const std::string& field, absl::string_view why) {
    faults = faults.ok() ? InvalidField(field, why) : WithViolation(std::move(faults), field, why);
  };
  if (!IsKnownZone(schedule.time_zone())) fault("time_zone", "must be an IANA zone such as America/New_York");
  absl::flat_hash_set<std::string> seen;
  for (int i = 0; i < schedule.fees_size(); ++i) {
    const bool fresh = seen.insert(schedule.fees(i).visit_type()).second;
    if (!fresh) fault(absl::StrCat("fees[", i, "].visit_type"), "must come once");
  }
  return faults;
}

Prices::Prices(std::optional<v1::FeeSchedule> schedule, const Clock& clock)
    : schedule_(std::move(schedule)), clock_(clock), zone_(ClinicsZone(schedule_)) {}

v1::GoodFaithEstimate Prices::EstimateFor(const v1::QuotePriceRequest& request, const google::type::Money& amount,
                                          absl::Time now) const {
  const absl::CivilDay today = absl::ToCivilDay(now, zone_);
  const std::optional<absl::CivilDay> due =
      request.has_start_time() ? EstimateDueDay(today, absl::ToCivilDay(FromProto(request.start_time()), zone_))
                               : EstimateDueDayOnRequest(today);
  v1::GoodFaithEstimate estimate;
  if (due) *estimate.mutable_due_date() = DateOf(*due);
  estimate.set_text(EstimateText(amount, due));
  return estimate;
}

absl::StatusOr<v1::QuotePriceResponse> Prices::QuotePrice(const rpc::CallContext&,
                                                          const v1::QuotePriceRequest& request) {
  if (!schedule_) return PricesNotConfigured();
  const absl::Time now = clock_.Now();
  const absl::Time start = request.has_start_time() ? FromProto(request.start_time()) : now;
  if (start < now) return InvalidField("start_time", "must not be over");
  if (start > now + kLongestHorizon) return InvalidField("start_time", "must be at most 365 days ahead");
  for (const v1::Fee& fee : schedule_->fees()) {
    if (fee.visit_type() != request.visit_type()) continue;
    v1::QuotePriceResponse response;
    v1::Price& price = *response.mutable_price();
    price.set_insured(request.insured());
    const int64_t minor = request.insured() ? fee.insured_minor() : fee.self_pay_minor();
    *price.mutable_amount() = MoneyOf(schedule_->currency_code(), minor);
    if (!request.insured()) *price.mutable_good_faith_estimate() = EstimateFor(request, price.amount(), now);
    return response;
  }
  return PriceNotFound();
}

}  // namespace lumbar::booking
