#include "tools/cli/text.h"

#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_replace.h>
#include <absl/strings/str_split.h>
#include <absl/strings/strip.h>

#include <algorithm>

#include "common/time/proto_time.h"
#include "common/time/zone.h"

namespace lumbar::cli {
namespace {

// Columns that UTF-8 text takes, if each character takes one.
size_t Width(absl::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string Padded(const std::string& text, size_t width) {
  return text + std::string(width - std::min(width, Width(text)), ' ');
}

}  // namespace

std::string Plain(absl::string_view text) {
  std::string plain(text);
  plain.erase(std::remove_if(plain.begin(), plain.end(), [](char c) { return c != '\n' && absl::ascii_iscntrl(c); }),
              plain.end());
  // U+0080 to U+009F, the control characters of Latin-1, among them a one-byte form of ESC [.
  for (char c = '\x80'; c <= '\x9f'; ++c) plain = absl::StrReplaceAll(plain, {{std::string{'\xc2', c}, ""}});
  return plain;
}

std::string Wrapped(absl::string_view text, absl::string_view first) {
  const std::string indent(Width(first), ' ');
  std::string out, line(first);
  bool empty = true;
  for (const auto paragraph : absl::StrSplit(Plain(text), '\n', absl::SkipWhitespace())) {
    for (const auto word : absl::StrSplit(paragraph, ' ', absl::SkipEmpty())) {
      if (!empty && Width(line) + 1 + Width(word) > kColumns) {
        absl::StrAppend(&out, line, "\n");
        line = indent;
        empty = true;
      }
      absl::StrAppend(&line, empty ? "" : " ", word);
      empty = false;
    }
    absl::StrAppend(&out, line, "\n");
    line = indent;
    empty = true;
  }
  return out;
}

std::string Heading(absl::string_view text) { return absl::StrCat("\n", text, "\n"); }

std::string LocalTime(const google::protobuf::Timestamp& time, absl::string_view zone) {
  return absl::FormatTime("%a %d %b %Y %H:%M %Z", FromProto(time), FindZone(zone).value_or(absl::UTCTimeZone()));
}

std::string UtcTime(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", FromProto(time), absl::UTCTimeZone());
}

std::string Label(absl::string_view name, absl::string_view prefix) {
  absl::ConsumePrefix(&name, prefix);
  return absl::StrReplaceAll(absl::AsciiStrToLower(name), {{"_", " "}});
}

std::string Table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], Width(Plain(row[i])));
  }
  std::string out;
  for (const auto& row : rows) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i)
      absl::StrAppend(&line, i == 0 ? "" : "  ", Padded(Plain(row[i]), widths[i]));
    absl::StrAppend(&out, absl::StripTrailingAsciiWhitespace(line), "\n");
  }
  return out;
}

}  // namespace lumbar::cli
