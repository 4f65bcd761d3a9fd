#include "services/notification/domain/visit_time.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_replace.h>
#include <unicode/smpdtfmt.h>

#include <memory>

#include "common/time/proto_time.h"
#include "common/time/zone.h"

namespace lumbar::notification {
namespace {

std::unique_ptr<icu::DateFormat> MakeFormat(const char* skeleton, const icu::Locale& locale) {
  UErrorCode error = U_ZERO_ERROR;
  std::unique_ptr<icu::DateFormat> format(icu::DateFormat::createInstanceForSkeleton(skeleton, locale, error));
  // It is given civil times.
  if (U_SUCCESS(error)) format->setTimeZone(*icu::TimeZone::getGMT());
  return U_SUCCESS(error) ? std::move(format) : nullptr;
}

// How a language writes dates. ICU's formats keep state: each thread has its own.
class DateWords {
 public:
  explicit DateWords(const char* locale)
      : day_(MakeFormat("yMMMMEEEEd", locale)),
        short_day_(MakeFormat("MMMMEEEEd", locale)),
        time_(MakeFormat("hmm", locale)) {}

  static const DateWords& In(absl::string_view language) {
    thread_local const DateWords english("en_US"), spanish("es_US");
    return language == "es" ? spanish : english;
  }

  std::string Day(absl::CivilSecond when) const { return Format(day_.get(), when, "%Y-%m-%d"); }
  std::string ShortDay(absl::CivilSecond when) const { return Format(short_day_.get(), when, "%m-%d"); }
  std::string Time(absl::CivilSecond when) const { return Format(time_.get(), when, "%H:%M"); }

 private:
  // `plainly`: without ICU's data.
  static std::string Format(const icu::DateFormat* format, absl::CivilSecond when, const char* plainly) {
    const absl::Time time = absl::FromCivil(when, absl::UTCTimeZone());
    if (format == nullptr) return absl::FormatTime(plainly, time, absl::UTCTimeZone());
    icu::UnicodeString words;
    format->format(static_cast<UDate>(absl::ToUnixMillis(time)), words);
    std::string text;
    words.toUTF8String(text);
    // No-break spaces, which some telephones and mail programs show as a box, and none needs here.
    return absl::StrReplaceAll(text, {{"\u202f", " "}, {"\u00a0m.", "m."}, {"\u00a0", " "}});
  }

  const std::unique_ptr<icu::DateFormat> day_, short_day_, time_;
};

absl::TimeZone ZoneOf(const booking::v1::Appointment& appointment, Reader reader) {
  const std::string& patients = appointment.contact().time_zone();
  const std::string& clinicians = appointment.slot().time_zone();
  return reader == Reader::kPatient ? ZoneOr(patients, clinicians) : ZoneOr(clinicians, patients);
}

std::string TimeInWords(absl::Time time, absl::TimeZone zone, absl::string_view language) {
  return absl::StrCat(DateWords::In(language).Time(absl::ToCivilSecond(time, zone)),
                      absl::FormatTime(" %Z", time, zone));
}

}  // namespace

absl::TimeZone ZoneOr(const std::string& name, const std::string& other) {
  if (const auto zone = FindZone(name)) return *zone;
  return FindZone(other).value_or(absl::UTCTimeZone());
}

std::string ShortDay(absl::Time time, absl::TimeZone zone, absl::string_view language) {
  return DateWords::In(language).ShortDay(absl::ToCivilSecond(time, zone));
}

std::string ClockTime(const google::protobuf::Timestamp& time, const booking::v1::Appointment& appointment,
                      absl::string_view language) {
  return TimeInWords(FromProto(time), ZoneOf(appointment, Reader::kPatient), language);
}

VisitTime VisitTimeOf(const booking::v1::Appointment& appointment, Reader reader, absl::string_view language) {
  const absl::TimeZone zone = ZoneOf(appointment, reader);
  const absl::Time start = FromProto(appointment.slot().start_time());
  const absl::Duration length = FromProto(appointment.slot().end_time()) - start;
  const DateWords& words = DateWords::In(language);
  const absl::CivilSecond civil = absl::ToCivilSecond(start, zone);
  return {words.Day(civil), words.ShortDay(civil), TimeInWords(start, zone, language),
          absl::StrCat(absl::ToInt64Minutes(length))};
}

}  // namespace lumbar::notification
