// One flat JSON object on one line, written member by member: several times quicker than by a tree.
#pragma once

#include <absl/strings/str_cat.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <string>

namespace lumbar {

class JsonLine {
 public:
  JsonLine() { text_.reserve(512); }

  // Names are constants of ours that need no escape, each given once. Bytes that are not UTF-8 become U+FFFD.
  void Add(absl::string_view name, absl::string_view value) {
    AddName(name);
    if (std::all_of(value.begin(), value.end(), IsPlain)) {
      absl::StrAppend(&text_, "\"", value, "\"");
    } else {
      AddEscaped(std::string(value));
    }
  }
  void Add(absl::string_view name, bool value) { Append(name, value ? "true" : "false"); }
  void Add(absl::string_view name, int64_t value) { Append(name, absl::StrCat(value)); }
  // Infinity and NaN become null.
  void Add(absl::string_view name, double value) {
    AddName(name);
    AddEscaped(value);
  }

  // RFC 3339, UTC, microseconds.
  void Add(absl::string_view name, absl::Time time) {
    const absl::TimeZone utc = absl::UTCTimeZone();
    const absl::CivilSecond second = absl::ToCivilSecond(time, utc);
    const int64_t micros = absl::ToInt64Microseconds(time - absl::FromCivil(second, utc));
    const auto two = [](int number) { return absl::Dec(number, absl::kZeroPad2); };
    AddName(name);
    absl::StrAppend(&text_, "\"", absl::Dec(second.year(), absl::kZeroPad4), "-", two(second.month()), "-");
    absl::StrAppend(&text_, two(second.day()), "T", two(second.hour()), ":", two(second.minute()));
    absl::StrAppend(&text_, ":", two(second.second()), ".", absl::Dec(micros, absl::kZeroPad6), "Z\"");
  }

  // Without a line break. Nothing may be added afterwards.
  std::string Take() && {
    text_ += text_.empty() ? "{}" : "}";
    return std::move(text_);
  }

 private:
  static bool IsPlain(char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; }

  void AddName(absl::string_view name) { absl::StrAppend(&text_, text_.empty() ? "{\"" : ",\"", name, "\":"); }
  void Append(absl::string_view name, absl::string_view value) {
    AddName(name);
    absl::StrAppend(&text_, value);
  }
  void AddEscaped(const nlohmann::json& value) {
    text_ += value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  }

  std::string text_;
};

}  // namespace lumbar
