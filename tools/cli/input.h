// What commands read: files, resource names, times.
#pragma once

#include <CLI/CLI.hpp>
#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>
#include <google/protobuf/message.h>
#include <google/protobuf/timestamp.pb.h>

#include <iosfwd>
#include <string>
#include <vector>

namespace lumbar::cli {

// The whole of the file at `path`, or of `in` if `path` is "-"; at most 1 MiB. INVALID_ARGUMENT/WRONG_INPUT otherwise.
absl::StatusOr<std::string> ReadInput(const std::string& path, std::istream& in);

// Reads `message` as JSON, as ReadInput reads; a field that it doesn't have is refused, for it may be misspelt.
absl::Status ReadMessage(const std::string& path, std::istream& in, google::protobuf::Message& message);

// Takes names of `collection` alone, e.g. "consults/...", so that no argument reaches another route.
CLI::Validator NameIn(const std::string& collection);
// The same of several.
CLI::Validator NameInAny(const std::vector<std::string>& collections);

// Takes RFC 3339, e.g. "2026-11-24T09:30:00-08:00".
CLI::Validator InstantText();
// What InstantText took.
google::protobuf::Timestamp InstantOf(const std::string& text);

// Takes UUIDs.
CLI::Validator Uuid();

}  // namespace lumbar::cli
