// Calls of the public gateway, as its REST routes want them.
#pragma once

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

// POSTs `request` as JSON; otherwise as Get.
absl::Status Post(const Session& session, const std::string& route, const google::protobuf::Message& request,
                  google::protobuf::Message& answer);

}  // namespace lumbar::cli
