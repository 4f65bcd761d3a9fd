#include "tools/cli/curl_transport.h"

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

// Stops the exchange with CURLE_WRITE_ERROR once the answer is too large.
size_t Keep(char* bytes, size_t size, size_t count, void* body) {
  auto& text = *static_cast<std::string*>(body);
  if (text.size() + size * count > kMaxAnswerBytes) return 0;
  text.append(bytes, size * count);
  return size * count;
}

absl::Status FailureOf(CURLcode code, const std::string& url, const char* detail) {
  const std::string why = *detail == '\0' ? curl_easy_strerror(code) : detail;
  switch (code) {
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
      return WrongInput(absl::StrCat("--server ", url, " is no http or https address"));
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

}  // namespace

absl::StatusOr<HttpAnswer> CurlTransport::Send(const HttpRequest& request) {
  const Handle curl(curl_easy_init());
  if (!curl) return absl::InternalError("libcurl can't start");
  Headers headers;
  Append(headers, "Accept: application/json");
  Append(headers, "Expect:");  // No wait for "100 Continue".
  if (!request.token.empty()) Append(headers, "Authorization: Bearer " + request.token);
  HttpAnswer answer;
  std::array<char, CURL_ERROR_SIZE> detail = {};
  const auto set = [&](CURLoption option, auto value) { curl_easy_setopt(curl.get(), option, value); };
  set(CURLOPT_URL, request.url.c_str());
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(absl::ToInt64Milliseconds(deadline_)));
  set(CURLOPT_USERAGENT, "lumbar/" LUMBAR_VERSION);
  set(CURLOPT_ERRORBUFFER, detail.data());
  set(CURLOPT_WRITEFUNCTION, &Keep);
  set(CURLOPT_WRITEDATA, static_cast<void*>(&answer.body));
  if (request.method == "POST") {
    Append(headers, "Content-Type: application/json");
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    set(CURLOPT_POSTFIELDS, request.body.c_str());
  }
  set(CURLOPT_HTTPHEADER, headers.get());
  const CURLcode code = curl_easy_perform(curl.get());
  if (code != CURLE_OK) return FailureOf(code, request.url, detail.data());
  long status = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  answer.status = static_cast<int>(status);
  return answer;
}

}  // namespace lumbar::cli
