#include "tools/cli/gateway.h"

#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/strip.h>
#include <curl/curl.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <memory>
#include <ostream>

#include "common/status/macros.h"
#include "tools/cli/errors.h"
#include "tools/cli/input.h"
#include "tools/cli/wire_error.h"

namespace lumbar::cli {
namespace {

std::string Escaped(const std::string& text) {
  const std::unique_ptr<char, decltype(&curl_free)> escaped(
      curl_easy_escape(nullptr, text.data(), static_cast<int>(text.size())), &curl_free);
  return escaped ? escaped.get() : "";
}

absl::StatusOr<std::string> TokenOf(const Session& session) {
  std::string token = session.flags.token;
  if (!session.flags.token_file.empty()) {
    LUMBAR_ASSIGN_OR_RETURN(token, ReadInput(session.flags.token_file, session.world.in));
  }
  absl::StripAsciiWhitespace(&token);
  // A line break would end the header and begin another.
  if (!std::all_of(token.begin(), token.end(), absl::ascii_isgraph)) return WrongInput("that is no bearer token");
  return token;
}

absl::Status Exchange(const Session& session, HttpRequest request, google::protobuf::Message& answer) {
  const std::string server(absl::StripSuffix(session.flags.server, "/"));
  request.url = server + request.url;
  LUMBAR_ASSIGN_OR_RETURN(request.token, TokenOf(session));
  LUMBAR_ASSIGN_OR_RETURN(const HttpAnswer got, session.world.http.Send(request));
  if (got.status < 200 || got.status > 299) return ErrorOf(got, server);
  google::protobuf::util::JsonParseOptions newer_servers_say_more;
  newer_servers_say_more.ignore_unknown_fields = true;
  const auto parsed = google::protobuf::util::JsonStringToMessage(got.body, &answer, newer_servers_say_more);
  if (!parsed.ok()) return AnswerNotUnderstood(server, absl::StrCat("no ", answer.GetDescriptor()->name()));
  if (session.flags.json) session.world.out << got.body << "\n";
  return absl::OkStatus();
}

}  // namespace

std::string Route(absl::string_view path, const std::vector<std::pair<std::string, std::string>>& query) {
  std::string route(path);
  char separator = '?';
  for (const auto& [name, value] : query) {
    if (value.empty()) continue;
    absl::StrAppend(&route, std::string(1, std::exchange(separator, '&')), name, "=", Escaped(value));
  }
  return route;
}

absl::Status Get(const Session& session, const std::string& route, google::protobuf::Message& answer) {
  return Exchange(session, {.method = "GET", .url = route, .token = "", .body = ""}, answer);
}

absl::Status Post(const Session& session, const std::string& route, const google::protobuf::Message& request,
                  google::protobuf::Message& answer) {
  std::string body;
  if (!google::protobuf::util::MessageToJsonString(request, &body).ok()) return WrongInput("that can't be JSON");
  return Exchange(session, {.method = "POST", .url = route, .token = "", .body = body}, answer);
}

}  // namespace lumbar::cli
