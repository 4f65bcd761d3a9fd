// Reads protocols from their files.
#pragma once

#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>

#include <string>
#include <vector>

#include "lumbar/triage/v1/protocol.pb.h"

namespace lumbar::triage {

// A protocol from the text of `file`, parsed strictly and checked: unknown or doubled fields are refused.
// INVALID_ARGUMENT/PROTOCOL_REFUSED: names the file, the place and the reason; see CheckProtocol.
absl::StatusOr<v1::Protocol> ParseProtocol(const std::string& text, absl::string_view file);

// Every *.textproto in `folder`, in the order of their names; at least one.
// NOT_FOUND/PROTOCOL_UNREADABLE: no folder, no such file in it, or one that can't be read or is over 1 MiB.
// INVALID_ARGUMENT/PROTOCOL_REFUSED: also when a protocol's name isn't that of its file.
absl::StatusOr<std::vector<v1::Protocol>> LoadProtocols(const std::string& folder);

}  // namespace lumbar::triage
