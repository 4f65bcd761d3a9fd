// Definitions that clinicians write, as files of protobuf text.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>
#include <google/protobuf/message.h>

#include <filesystem>
#include <string>

namespace lumbar::triage {

// NOT_FOUND/PROTOCOL_UNREADABLE: it isn't there, or is larger than 1 MiB.
absl::StatusOr<std::string> ReadDefinition(const std::filesystem::path& path);

// INVALID_ARGUMENT/PROTOCOL_REFUSED: names line and column of the first fault.
absl::Status ParseDefinition(const std::string& text, absl::string_view file, google::protobuf::Message& definition);

}  // namespace lumbar::triage
