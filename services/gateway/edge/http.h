// The messages of an exchange, whichever HTTP version carried them.
#pragma once

#include <absl/strings/string_view.h>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include <functional>
#include <memory>
#include <utility>  // Beast 1.74 uses std::exchange without including it.

#include "services/gateway/edge/body_source.h"

namespace lumbar::gateway {

namespace http = boost::beast::http;

using HttpRequest = http::request<http::string_body>;
using HttpAnswer = http::response<http::string_body>;
// Called once, on any thread. With a source the answer is the header of a body that is made bit by bit.
using AnswerCallback = std::function<void(HttpAnswer, std::shared_ptr<BodySource>)>;

// What an HttpRequest that came by HTTP/2 has as its version.
inline constexpr unsigned kHttp2 = 20;

inline absl::string_view View(boost::beast::string_view text) { return {text.data(), text.size()}; }
inline boost::beast::string_view View(absl::string_view text) { return {text.data(), text.size()}; }

// Without the query.
inline absl::string_view PathOf(const HttpRequest& request) {
  const absl::string_view target = View(request.target());
  return target.substr(0, target.find('?'));
}

}  // namespace lumbar::gateway
