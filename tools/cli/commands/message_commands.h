// The commands of `lumbar message` beside the listing. Each adds a command's flags to `message`.
#pragma once

namespace CLI {
class App;
}

namespace lumbar::cli {

struct Session;

void AddMessagePreview(CLI::App& message, Session& session);

}  // namespace lumbar::cli
