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

// The protocol in `folder`, e.g. ".../low-back-pain"; see LoadProtocols.
absl::StatusOr<v1::Protocol> LoadProtocol(const std::string& folder);

// Every protocol in `folder`, in the order of their names; at least one. A protocol is a folder of its name, e.g.
// low-back-pain for "protocols/low-back-pain", whose *.textproto files are its parts and are joined in the order of
// their names; a rule set may be spread over several, of which the first gives its title. Earlier versions, each in one
// file of its folder archive/, follow the current one. NOT_FOUND/PROTOCOL_UNREADABLE: no such folder, no protocol in
// it, or a part that can't be read or is over 1 MiB. INVALID_ARGUMENT/PROTOCOL_REFUSED: also when a protocol's name
// isn't that of its folder, two parts set one field, or two versions are the same.
absl::StatusOr<std::vector<v1::Protocol>> LoadProtocols(const std::string& folder);

}  // namespace lumbar::triage
