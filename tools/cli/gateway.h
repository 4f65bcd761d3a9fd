// Calls of the public gateway, as its REST routes want them.
#pragma once

#include <absl/functional/function_ref.h>
#include <absl/status/status.h>
#include <absl/strings/string_view.h>
#include <google/protobuf/message.h>

#include <string>
#include <utility>
#include <vector>

#include "tools/cli/session.h"

namespace lumbar::cli {

// A path with its query; parameters with an empty value are left out.
std::string Route(absl::string_view path, const std::vector<std::pair<std::string, std::string>>& query);

// GETs `route`, e.g. "/v1/articles", into `answer`. With -o json the server's body is written to stdout.
// Fails as the server says, its details included, as HttpTransport::Send does, or with WRONG_INPUT for a bad token.
absl::Status Get(const Session& session, const std::string& route, google::protobuf::Message& answer);

// GETs `route`, which answers with a stream, and gives `take` each of its messages, in `message`, until it returns
// false. Where the stream ends, breaks, or is refused for want of room, it goes on from the message's `resume_token`,
// after a pause that grows to ten seconds; kMostVainTries times in a row without a message, and not if there never was
// one. With -o json each message is a line on stdout. Fails as Get.
inline constexpr int kMostVainTries = 10;
absl::Status Follow(const Session& session, const std::string& route, google::protobuf::Message& message,
                    absl::FunctionRef<bool()> take);

// POSTs `request` as JSON; otherwise as Get.
absl::Status Post(const Session& session, const std::string& route, const google::protobuf::Message& request,
                  google::protobuf::Message& answer);

}  // namespace lumbar::cli
