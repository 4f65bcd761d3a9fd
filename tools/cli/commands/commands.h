// The commands. Each function adds a command's flags to `app`; `session` must outlive `app`.
#pragma once

namespace CLI {
class App;
}

namespace lumbar::cli {

struct Session;

void AddKeys(CLI::App& app, Session& session);
void AddToken(CLI::App& app, Session& session);
void AddTriage(CLI::App& app, Session& session);
void AddSlots(CLI::App& app, Session& session);
void AddConsult(CLI::App& app, Session& session);
void AddWaitlist(CLI::App& app, Session& session);
void AddArticle(CLI::App& app, Session& session);
void AddConversation(CLI::App& app, Session& session);
void AddMessage(CLI::App& app, Session& session);
void AddAccess(CLI::App& app, Session& session);
void AddAudit(CLI::App& app, Session& session);
void AddDb(CLI::App& app, Session& session);

}  // namespace lumbar::cli
