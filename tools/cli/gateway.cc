#include "tools/cli/gateway.h"

#include <absl/random/random.h>
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
#include "tools/cli/event_stream.h"
#include "tools/cli/exit_code.h"
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

std::string ServerOf(const Session& session) { return std::string(absl::StripSuffix(session.flags.server, "/")); }

// Reads `json` into `answer`, and prints it with -o json.
absl::Status Understand(const Session& session, const std::string& json, google::protobuf::Message& answer) {
  google::protobuf::util::JsonParseOptions newer_servers_say_more;
  newer_servers_say_more.ignore_unknown_fields = true;
  answer.Clear();
  const auto parsed = google::protobuf::util::JsonStringToMessage(json, &answer, newer_servers_say_more);
  if (!parsed.ok()) {
    return AnswerNotUnderstood(ServerOf(session), absl::StrCat("no ", answer.GetDescriptor()->name()));
  }
  if (session.flags.json) session.world.out << json << std::endl;
  return absl::OkStatus();
}

absl::Status Exchange(const Session& session, HttpRequest request, google::protobuf::Message& answer) {
  request.url = ServerOf(session) + request.url;
  LUMBAR_ASSIGN_OR_RETURN(request.token, TokenOf(session));
  LUMBAR_ASSIGN_OR_RETURN(const HttpAnswer got, session.world.http.Send(request));
  if (got.status < 200 || got.status > 299) return ErrorOf(got, ServerOf(session));
  return Understand(session, got.body, answer);
}

std::string ResumeTokenOf(const google::protobuf::Message& message) {
  const auto* field = message.GetDescriptor()->FindFieldByName("resume_token");
  return field == nullptr ? "" : message.GetReflection()->GetString(message, field);
}

// One connection of a stream: OK if it ended, also because `take` has enough.
absl::Status FollowOnce(const Session& session, const HttpRequest& request, google::protobuf::Message& message,
                        absl::FunctionRef<bool()> take) {
  EventReader reader;
  absl::Status status = absl::OkStatus();
  const auto on_event = [&](const ServerEvent& event) {
    if (event.type == "error") status = ErrorOf({503, event.data}, ServerOf(session));
    if (status.ok() && event.type.empty()) status = Understand(session, event.data, message);
    return status.ok() && take();
  };
  const auto got =
      session.world.http.Follow(request, [&](absl::string_view bytes) { return reader.Read(bytes, on_event); });
  if (!got.ok()) return got.status();
  if (got->status < 200 || got->status > 299) return ErrorOf(*got, ServerOf(session));
  return status;
}

// Whether to ask again for a stream that ended so.
bool MayGoOn(const absl::Status& ended) {
  return ended.ok() || ExitCodeOf(ended) == ExitCode::kServerFailed || absl::IsResourceExhausted(ended);
}

// Those whom a restart cut off together don't come back together.
absl::Duration PauseAfter(int vain_tries) {
  absl::BitGen random;
  const absl::Duration longest = std::min(absl::Seconds(10), absl::Milliseconds(500) * (1 << vain_tries));
  return longest * absl::Uniform(random, 0.5, 1.0);
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

absl::Status Follow(const Session& session, const std::string& route, google::protobuf::Message& message,
                    absl::FunctionRef<bool()> take) {
  std::string resume_token;
  bool has_enough = false;
  int vain_tries = kMostVainTries;
  while (true) {
    HttpRequest request{.method = "GET", .url = "", .token = "", .body = ""};
    request.url = ServerOf(session) + Route(route, {{"resumeToken", resume_token}});
    LUMBAR_ASSIGN_OR_RETURN(request.token, TokenOf(session));
    const absl::Status ended = FollowOnce(session, request, message, [&] {
      vain_tries = 0;
      resume_token = ResumeTokenOf(message);
      has_enough = !take();
      return !has_enough;
    });
    if (has_enough) return absl::OkStatus();
    if (!MayGoOn(ended) || vain_tries >= kMostVainTries) {
      return ended.ok() ? AnswerNotUnderstood(ServerOf(session), "no messages") : ended;
    }
    session.world.sleep(PauseAfter(vain_tries++));
  }
}

absl::Status Post(const Session& session, const std::string& route, const google::protobuf::Message& request,
                  google::protobuf::Message& answer) {
  std::string body;
  if (!google::protobuf::util::MessageToJsonString(request, &body).ok()) return WrongInput("that can't be JSON");
  return Exchange(session, {.method = "POST", .url = route, .token = "", .body = body}, answer);
}

}  // namespace lumbar::cli
