#include "tools/cli/input.h"

#include <absl/strings/ascii.h>
#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>
#include <absl/time/time.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <fstream>

#include "common/status/macros.h"
#include "common/time/proto_time.h"
#include "tools/cli/errors.h"

namespace lumbar::cli {
namespace {

constexpr size_t kMaxInputBytes = 1 << 20;

bool IsNameCharacter(char c) { return absl::ascii_isalnum(c) || absl::StrContains("._-", c); }

absl::StatusOr<absl::Time> ParseInstant(const std::string& text) {
  absl::Time time;
  std::string why;
  if (!absl::ParseTime(absl::RFC3339_full, text, &time, &why)) return WrongInput(why);
  return time;
}

}  // namespace

absl::StatusOr<std::string> ReadInput(const std::string& path, std::istream& in) {
  std::ifstream file;
  if (path != "-") file.open(path, std::ios::binary);
  std::istream& source = path == "-" ? in : file;
  std::string text(kMaxInputBytes + 1, '\0');
  source.read(text.data(), static_cast<std::streamsize>(text.size()));
  // A folder opens but doesn't read; a file that isn't there does neither.
  if (source.bad() || (path != "-" && !file.is_open())) return WrongInput(absl::StrCat("can't read ", path));
  text.resize(static_cast<size_t>(source.gcount()));
  if (text.size() > kMaxInputBytes) return WrongInput(absl::StrCat(path, " is over 1 MiB"));
  return text;
}

absl::Status ReadMessage(const std::string& path, std::istream& in, google::protobuf::Message& message) {
  LUMBAR_ASSIGN_OR_RETURN(const std::string text, ReadInput(path, in));
  const auto parsed = google::protobuf::util::JsonStringToMessage(text, &message);
  if (parsed.ok()) return absl::OkStatus();
  return WrongInput(absl::StrCat(path == "-" ? "standard input" : path, " is no ", message.GetDescriptor()->name(),
                                 " in JSON: ", std::string(parsed.message())));
}

CLI::Validator NameIn(const std::string& collection) {
  return NameInAny(std::vector<std::string>{collection}).description(absl::AsciiStrToUpper(collection) + "/...");
}

CLI::Validator NameInAny(const std::vector<std::string>& collections) {
  return CLI::Validator(
      [collections](const std::string& text) -> std::string {
        const size_t slash = text.find('/');
        const std::string id = slash == std::string::npos ? "" : text.substr(slash + 1);
        const bool known =
            std::find(collections.begin(), collections.end(), text.substr(0, slash)) != collections.end();
        const bool fits = !id.empty() && id.size() <= 63 && std::all_of(id.begin(), id.end(), IsNameCharacter);
        return known && fits ? ""
                             : absl::StrCat("a name like ", absl::StrJoin(collections, "/..., "), "/... is wanted");
      },
      "NAME");
}

CLI::Validator InstantText() {
  return CLI::Validator(
      [](const std::string& text) -> std::string {
        return ParseInstant(text).ok() ? "" : "a time like 2026-11-24T09:30:00-08:00 is wanted";
      },
      "RFC3339");
}

google::protobuf::Timestamp InstantOf(const std::string& text) {
  return ToProtoTime(ParseInstant(text).value_or(absl::UnixEpoch()));
}

CLI::Validator Uuid() {
  return CLI::Validator(
      [](const std::string& text) -> std::string {
        const bool fits = text.size() == 36 && std::all_of(text.begin(), text.end(),
                                                           [](char c) { return absl::ascii_isxdigit(c) || c == '-'; });
        return fits ? "" : "a UUID is wanted, e.g. what /proc/sys/kernel/random/uuid has";
      },
      "UUID");
}

}  // namespace lumbar::cli
