#include "services/gateway/edge/conditional.h"

#include <absl/strings/ascii.h>
#include <absl/strings/escaping.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_split.h>
#include <absl/strings/strip.h>

#include "common/digest/sha256.h"

namespace lumbar::gateway {
namespace {

// Weakly, as RFC 9110 wants it here: a proxy that compressed the body made the tag a weak one.
bool Names(absl::string_view if_none_match, absl::string_view etag) {
  for (absl::string_view tag : absl::StrSplit(if_none_match, ',')) {
    tag = absl::StripAsciiWhitespace(tag);
    if (tag == "*") return true;
    absl::ConsumePrefix(&tag, "W/");
    if (tag == etag) return true;
  }
  return false;
}

}  // namespace

std::string EtagOf(absl::string_view body) {
  return absl::StrCat("\"", absl::BytesToHexString(Sha256(body).substr(0, 16)), "\"");
}

void MakeConditional(absl::string_view if_none_match, const std::string& etag, HttpAnswer& answer) {
  if (answer.result() != http::status::ok) return;
  answer.set(http::field::etag, etag);
  if (!Names(if_none_match, etag)) return;
  answer.result(http::status::not_modified);
  answer.erase(http::field::content_type);
  answer.body().clear();
}

}  // namespace lumbar::gateway
