// What `lumbar article` does beyond reading; article.cc gives the rest its flags.
#pragma once

namespace CLI {
class App;
}

namespace lumbar::cli {

struct Session;

// import, submit, review, publish, retract, draft, drafts: the editorial process, by the server.
void AddEditing(CLI::App& article, Session& session);
// lint and flag: what is in files.
void AddArticleFiles(CLI::App& article, Session& session);

}  // namespace lumbar::cli
