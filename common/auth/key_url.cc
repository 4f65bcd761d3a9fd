#include "common/auth/key_url.h"

#include <absl/strings/ascii.h>
#include <absl/strings/match.h>
#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_split.h>
#include <absl/strings/strip.h>
#include <arpa/inet.h>
#include <curl/curl.h>

#include <algorithm>
#include <utility>

#include "common/auth/errors.h"
#include "common/auth/jwks.h"

namespace lumbar::auth {
namespace {

constexpr absl::Duration kConnectTime = absl::Seconds(2);
constexpr absl::Duration kReadTime = absl::Seconds(3);
constexpr int kGood = 200;

using Parsed = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;
using Handle = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;

// Empty if the URL has no such part.
std::string PartOf(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, 0) != CURLUE_OK) return "";
  std::string copy(text);
  curl_free(text);
  return copy;
}

bool IsLoopback(absl::string_view host) {
  if (absl::ConsumePrefix(&host, "[")) absl::ConsumeSuffix(&host, "]");
  const std::string text(host);
  in_addr v4 = {};
  in6_addr v6 = {};
  if (inet_pton(AF_INET, text.c_str(), &v4) == 1) return ntohl(v4.s_addr) >> 24 == IN_LOOPBACKNET;
  return inet_pton(AF_INET6, text.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

// Ends the exchange beyond what a set may have.
size_t Append(char* bytes, size_t size, size_t count, void* user) {
  auto& text = *static_cast<std::string*>(user);
  if (text.size() + size * count > kMaxKeySetBytes) return 0;
  text.append(bytes, size * count);
  return size * count;
}

void Configure(CURL* curl, const std::string& url, const std::string& ca_file, std::string& text) {
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  // Some servers refuse whoever doesn't say.
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "lumbar");
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_PROXY, "");
  // No signals: other threads run.
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, absl::ToInt64Milliseconds(kConnectTime));
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, absl::ToInt64Milliseconds(kReadTime));
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
  if (!ca_file.empty()) {
    curl_easy_setopt(curl, CURLOPT_CAINFO, ca_file.c_str());
    // In the place of the system's, not beside them.
    curl_easy_setopt(curl, CURLOPT_CAPATH, nullptr);
  }
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &Append);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &text);
}

// Of all fields of Cache-Control together.
absl::Duration KeptFor(CURL* curl) {
  absl::Duration shortest = absl::InfiniteDuration();
  curl_header* header = nullptr;
  for (size_t i = 0; curl_easy_header(curl, "Cache-Control", i, CURLH_HEADER, -1, &header) == CURLHE_OK; ++i) {
    shortest = std::min(shortest, GoodFor(header->value));
  }
  return shortest;
}

}  // namespace

absl::Duration GoodFor(absl::string_view cache_control) {
  absl::Duration shortest = absl::InfiniteDuration();
  for (absl::string_view directive : absl::StrSplit(cache_control, ',')) {
    const std::string lower = absl::AsciiStrToLower(absl::StripAsciiWhitespace(directive));
    directive = lower;
    uint32_t seconds = 0;
    if (directive == "no-cache" || directive == "no-store") shortest = absl::ZeroDuration();
    if (absl::ConsumePrefix(&directive, "max-age=") && absl::SimpleAtoi(directive, &seconds)) {
      shortest = std::min(shortest, absl::Seconds(seconds));
    }
  }
  return shortest;
}

absl::StatusOr<std::unique_ptr<KeyUrl>> KeyUrl::Create(std::string url, std::string ca_file) {
  const Parsed parsed(curl_url(), &curl_url_cleanup);
  if (curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) return KeyUrlRefused("it is no URL");
  for (const CURLUPart part : {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_FRAGMENT}) {
    if (!PartOf(parsed.get(), part).empty()) return KeyUrlRefused("it has a user, a password or a fragment");
  }
  const std::string scheme = PartOf(parsed.get(), CURLUPART_SCHEME);
  if (scheme != "https" && (scheme != "http" || !IsLoopback(PartOf(parsed.get(), CURLUPART_HOST)))) {
    return KeyUrlRefused("it must be https://, or http:// to 127.0.0.1 or [::1]");
  }
  if (curl_url_set(parsed.get(), CURLUPART_QUERY, nullptr, 0) != CURLUE_OK) return KeyUrlRefused("it is no URL");
  std::string name = PartOf(parsed.get(), CURLUPART_URL);
  return std::unique_ptr<KeyUrl>(new KeyUrl(std::move(url), std::move(name), std::move(ca_file)));
}

absl::StatusOr<KeySource::Answer> KeyUrl::Read() {
  const Handle curl(curl_easy_init(), &curl_easy_cleanup);
  if (!curl) return KeyUrlUnreachable("there is no memory for it");
  Answer answer;
  Configure(curl.get(), url_, ca_file_, answer.text);
  const CURLcode result = curl_easy_perform(curl.get());
  if (result == CURLE_WRITE_ERROR) return KeyUrlUnreachable("its answer is larger than 256 KiB");
  if (result != CURLE_OK) return KeyUrlUnreachable(curl_easy_strerror(result));
  long code = 0;  // NOLINT(google-runtime-int): curl's
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &code);
  if (code != kGood) return KeyUrlUnreachable(absl::StrCat("it answers with status ", code));
  answer.good_for = KeptFor(curl.get());
  return answer;
}

}  // namespace lumbar::auth
