// Text as it may stand in an e-mail header: whatever it contains, it can't end the header or begin another.
#pragma once

#include <absl/strings/string_view.h>

#include <string>

namespace lumbar::notification {

// For Subject and the like: as it is if ASCII, else as RFC 2047 encoded words. Control characters become spaces.
std::string HeaderText(absl::string_view text);

// `"name" <address>` for From and To; just <address> without a name.
std::string MailboxText(absl::string_view name, absl::string_view address);

// Whether `address` can be one mailbox on an SMTP command line: printable ASCII without spaces and angle brackets, and
// one @ within.
bool IsMailboxAddress(absl::string_view address);

}  // namespace lumbar::notification
