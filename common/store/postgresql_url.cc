#include "common/store/postgresql_url.h"

#include <absl/cleanup/cleanup.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_replace.h>
#include <libpq-fe.h>

#include <algorithm>
#include <map>

#include "common/store/errors.h"

namespace lumbar::store {
namespace {

using Options = std::map<std::string, std::string>;

// libpq waits two seconds at least, and at most this long for each host.
constexpr int64_t kLeastConnectSeconds = 2, kMostConnectSeconds = 5;

void AddDefaults(Options& options, absl::Duration patience) {
  const int64_t seconds = std::clamp(absl::ToInt64Seconds(absl::Ceil(patience, absl::Seconds(1))), kLeastConnectSeconds,
                                     kMostConnectSeconds);
  options.emplace("connect_timeout", absl::StrCat(seconds));
  // The first probe after 5 s of silence, and two more within the next 4 s.
  options.emplace("keepalives_idle", "5");
  options.emplace("keepalives_interval", "2");
  options.emplace("keepalives_count", "2");
  options.emplace("tcp_user_timeout", absl::StrCat(absl::ToInt64Milliseconds(kPeerLostAfter)));
  options.emplace("target_session_attrs", "read-write");
  options.emplace("fallback_application_name", "lumbar");
}

}  // namespace

absl::StatusOr<std::string> ConnectionString(absl::string_view url, absl::Duration patience) {
  char* problem = nullptr;
  PQconninfoOption* parsed = PQconninfoParse(std::string(url).c_str(), &problem);
  const absl::Cleanup free_all = [&] {
    PQconninfoFree(parsed);
    PQfreemem(problem);
  };
  // libpq's text about the problem may repeat a part of the password.
  if (parsed == nullptr) return StoreUrl("isn't like postgresql://user@host:5432/database?connect_timeout=2");
  Options options;
  for (const PQconninfoOption* option = parsed; option->keyword != nullptr; ++option) {
    if (option->val != nullptr) options[option->keyword] = option->val;
  }
  AddDefaults(options, patience);
  options.erase("client_encoding");
  std::string text;
  for (const auto& [name, value] : options) {
    absl::StrAppend(&text, name, "='", absl::StrReplaceAll(value, {{"\\", "\\\\"}, {"'", "\\'"}}), "' ");
  }
  // What protobuf has. Last, because SOCI looks for options of its own in this text and loses a last value with spaces.
  return absl::StrCat(text, "client_encoding=UTF8");
}

}  // namespace lumbar::store
