#include "services/notification/adapters/http_exchange.h"

#include <sys/socket.h>

#include <algorithm>
#include <utility>

#include "services/notification/errors.h"

namespace lumbar::notification {
namespace {

// A hundred of Twilio's texts in a list are about 200 KiB.
constexpr size_t kMostBody = 1 << 20;

using List = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

// What one exchange is made of, for curl's callbacks.
struct Exchange {
  const HttpRequest& request;
  const HttpOptions& options;
  size_t sent = 0;
  bool refused = false;
  HttpAnswer answer;
};

// Given as a stream that can't be rewound: curl would otherwise repeat a request whose kept connection turns out to
// have ended, and nobody knows whether the peer acted on the first.
size_t ReadBody(char* buffer, size_t size, size_t count, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  const size_t length = std::min(size * count, exchange.request.body.size() - exchange.sent);
  exchange.request.body.copy(buffer, length, exchange.sent);
  exchange.sent += length;
  return length;
}

// Ends the exchange, as one without an answer, beyond what is kept.
size_t WriteBody(char* bytes, size_t size, size_t count, void* user) {
  auto& body = static_cast<Exchange*>(user)->answer.body;
  if (body.size() + size * count > kMostBody) return 0;
  body.append(bytes, size * count);
  return size * count;
}

curl_socket_t OpenSocket(void* user, curlsocktype, curl_sockaddr* address) {
  auto& exchange = *static_cast<Exchange*>(user);
  if (exchange.options.may_connect && !exchange.options.may_connect(address->addr)) {
    exchange.refused = true;
    return CURL_SOCKET_BAD;
  }
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

void Configure(CURL* curl, Exchange& exchange) {
  const HttpRequest& request = exchange.request;
  curl_easy_reset(curl);
  curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_PROXY, "");
  // No signals: other threads run.
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, absl::ToInt64Milliseconds(exchange.options.connect_timeout));
  // Zero would be no time-out.
  const absl::Duration timeout = std::max(std::min(exchange.options.timeout, request.timeout), absl::Milliseconds(1));
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, absl::ToInt64Milliseconds(timeout));
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &WriteBody);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &exchange);
  curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, &OpenSocket);
  curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, &exchange);
  if (!request.user.empty()) {
    curl_easy_setopt(curl, CURLOPT_USERNAME, request.user.c_str());
    curl_easy_setopt(curl, CURLOPT_PASSWORD, request.password.c_str());
  }
  if (request.body.empty()) return;
  curl_easy_setopt(curl, CURLOPT_POST, 1L);
  curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  curl_easy_setopt(curl, CURLOPT_READFUNCTION, &ReadBody);
  curl_easy_setopt(curl, CURLOPT_READDATA, &exchange);
}

}  // namespace

absl::StatusOr<HttpAnswer> HttpExchanger::Do(const HttpRequest& request) {
  Exchange exchange{request, options_, 0, false, {}};
  CurlHandle handle = handles_.Borrow();
  Configure(handle.get(), exchange);
  // Without "Expect" nobody waits for a go-ahead.
  curl_slist* lines = curl_slist_append(nullptr, "Expect:");
  for (const std::string& header : request.headers) lines = curl_slist_append(lines, header.c_str());
  const List list(lines, &curl_slist_free_all);
  curl_easy_setopt(handle.get(), CURLOPT_HTTPHEADER, list.get());
  const CURLcode result = curl_easy_perform(handle.get());

  curl_off_t retry_after = 0;
  long request_bytes = 0, code = 0;  // NOLINT(google-runtime-int): curl's
  curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &code);
  curl_easy_getinfo(handle.get(), CURLINFO_RETRY_AFTER, &retry_after);
  curl_easy_getinfo(handle.get(), CURLINFO_REQUEST_SIZE, &request_bytes);
  exchange.answer.code = static_cast<int>(code);
  exchange.answer.retry_after = absl::Seconds(retry_after);
  handles_.Return(std::move(handle));
  if (result == CURLE_OK) return std::move(exchange.answer);
  if (exchange.refused) return HttpAddressRefused();
  if (request_bytes == 0) return HttpUnreachable(curl_easy_strerror(result));
  return HttpNoAnswer();
}

}  // namespace lumbar::notification
