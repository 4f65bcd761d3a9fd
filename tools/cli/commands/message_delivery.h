// The commands of `lumbar message` about what became of messages.
#pragma once

#include "tools/cli/commands/commands.h"

namespace lumbar::cli {

// Adds `show`, `dead` and `replay` to the command `message`.
void AddMessageDelivery(CLI::App& message, Session& session);

}  // namespace lumbar::cli
