#include "tools/cli/curl_transport.h"

#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>
#include <curl/curl.h>

#include <array>
#include <memory>

#include "tools/cli/errors.h"

namespace lumbar::cli {
namespace {

constexpr size_t kMaxAnswerBytes = 16 << 20;

struct CurlFree {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Handle = std::unique_ptr<CURL, CurlFree>;
using Headers = std::unique_ptr<curl_slist, CurlFree>;

void Append(Headers& headers, const std::string& line) {
  headers.reset(curl_slist_append(headers.release(), line.c_str()));
}

// A server that has nothing to say says so every 15 seconds.
constexpr long kSilenceSeconds = 45;

// One exchange under way.
struct Reception {
  CURL* curl;
  HttpAnswer& answer;
  // Null: the body is kept.
  absl::FunctionRef<bool(absl::string_view)>* take;
  bool has_enough = false;
};

long StatusOf(CURL* curl) {
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  return status;
}

// Stops the exchange with CURLE_WRITE_ERROR once the answer is too large, or is enough.
size_t Receive(char* bytes, size_t size, size_t count, void* context) {
  auto& reception = *static_cast<Reception*>(context);
  if (reception.take != nullptr && StatusOf(reception.curl) == 200) {
    reception.has_enough = !(*reception.take)({bytes, size * count});
    return reception.has_enough ? 0 : size * count;
  }
  std::string& body = reception.answer.body;
  if (body.size() + size * count > kMaxAnswerBytes) return 0;
  body.append(bytes, size * count);
  return size * count;
}

bool IsWeb(absl::string_view url) {
  return absl::StartsWithIgnoreCase(url, "http://") || absl::StartsWithIgnoreCase(url, "https://");
}

absl::Status FailureOf(CURLcode code, const std::string& url, const char* detail) {
  const std::string why = *detail == '\0' ? curl_easy_strerror(code) : detail;
  switch (code) {
    case CURLE_URL_MALFORMAT:
      return WrongInput(absl::StrCat("--server ", url, " is no http or https address"));
    case CURLE_UNSUPPORTED_PROTOCOL:  // Of the address, or of what came back, such as a gRPC port's.
      return IsWeb(url) ? AnswerNotUnderstood(url, why)
                        : WrongInput(absl::StrCat("--server ", url, " is no http or https address"));
    case CURLE_OPERATION_TIMEDOUT:
      return ServerTooSlow(url);
    case CURLE_WRITE_ERROR:
      return AnswerNotUnderstood(url, "the answer is over 16 MiB");
    case CURLE_WEIRD_SERVER_REPLY:
      return AnswerNotUnderstood(url, why);
    default:
      return ServerUnreachable(url, why);
  }
}

absl::StatusOr<HttpAnswer> Exchange(const HttpRequest& request, absl::Duration deadline,
                                    absl::FunctionRef<bool(absl::string_view)>* take) {
  const Handle curl(curl_easy_init());
  if (!curl) return absl::InternalError("libcurl can't start");
  Headers headers;
  Append(headers, take == nullptr ? "Accept: application/json" : "Accept: text/event-stream, application/json");
  Append(headers, "Expect:");  // No wait for "100 Continue".
  if (!request.token.empty()) Append(headers, "Authorization: Bearer " + request.token);
  HttpAnswer answer;
  Reception reception{curl.get(), answer, take};
  std::array<char, CURL_ERROR_SIZE> detail = {};
  const auto set = [&](CURLoption option, auto value) { curl_easy_setopt(curl.get(), option, value); };
  set(CURLOPT_URL, request.url.c_str());
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(absl::ToInt64Milliseconds(deadline)));
  if (take == nullptr) {
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(absl::ToInt64Milliseconds(deadline)));
  } else {
    set(CURLOPT_LOW_SPEED_LIMIT, 1L);
    set(CURLOPT_LOW_SPEED_TIME, kSilenceSeconds);
  }
  set(CURLOPT_USERAGENT, "lumbar/" LUMBAR_VERSION);
  set(CURLOPT_ERRORBUFFER, detail.data());
  set(CURLOPT_WRITEFUNCTION, &Receive);
  set(CURLOPT_WRITEDATA, static_cast<void*>(&reception));
  if (request.method == "POST") {
    Append(headers, "Content-Type: application/json");
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    set(CURLOPT_POSTFIELDS, request.body.c_str());
  }
  set(CURLOPT_HTTPHEADER, headers.get());
  const CURLcode code = curl_easy_perform(curl.get());
  if (code != CURLE_OK && !reception.has_enough) return FailureOf(code, request.url, detail.data());
  answer.status = static_cast<int>(StatusOf(curl.get()));
  return answer;
}

}  // namespace

absl::StatusOr<HttpAnswer> CurlTransport::Send(const HttpRequest& request) {
  return Exchange(request, deadline_, nullptr);
}

absl::StatusOr<HttpAnswer> CurlTransport::Follow(const HttpRequest& request,
                                                 absl::FunctionRef<bool(absl::string_view)> take) {
  return Exchange(request, deadline_, &take);
}

}  // namespace lumbar::cli
