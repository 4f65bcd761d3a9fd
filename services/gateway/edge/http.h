// The messages of an exchange, whichever HTTP version carried them.
#pragma once

#include <absl/strings/string_view.h>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include <functional>
#include <utility>  // Beast 1.74 uses std::exchange without including it.

namespace lumbar::gateway {

namespace http = boost::beast::http;

using HttpRequest = http::request<http::string_body>;
using HttpAnswer = http::response<http::string_body>;
// Called once, on any thread.
using AnswerCallback = std::function<void(HttpAnswer)>;

inline absl::string_view View(boost::beast::string_view text) { return {text.data(), text.size()}; }
inline boost::beast::string_view View(absl::string_view text) { return {text.data(), text.size()}; }

}  // namespace lumbar::gateway
