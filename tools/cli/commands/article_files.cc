// For whoever keeps articles, and the triage rules that they rest on, as files.
#include <CLI/CLI.hpp>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>
#include <absl/strings/str_split.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <map>
#include <memory>
#include <ostream>
#include <utility>
#include <vector>

#include "common/status/errors.h"
#include "common/status/macros.h"
#include "services/content/domain/article_folder.h"
#include "services/content/domain/article_parser.h"
#include "services/content/domain/triage_links.h"
#include "services/content/errors.h"
#include "services/triage/domain/protocol_loader.h"
#include "tools/cli/commands/article_commands.h"
#include "tools/cli/commands/change.h"
#include "tools/cli/input.h"
#include "tools/cli/session.h"
#include "tools/cli/text.h"

namespace lumbar::cli {
namespace {

namespace fs = std::filesystem;

struct FileFlags {
  std::string path;
  std::string resolver;
  std::string protocol;
  std::string request_id;
};

struct Linted {
  std::vector<content::v1::Article> articles;
  std::vector<std::string> problems;
};

absl::StatusOr<Linted> Read(const FileFlags& flags, const Session& session) {
  Linted linted;
  std::error_code error;
  if (fs::is_directory(flags.path, error)) {
    auto files = content::ReadArticles(flags.path);
    if (ReasonOf(files.status()) == "ARTICLE_REFUSED") {
      linted.problems = absl::StrSplit(files.status().message(), '\n');
      return linted;
    }
    LUMBAR_RETURN_IF_ERROR(files.status());
    linted.articles = *std::move(files);
    return linted;
  }
  LUMBAR_ASSIGN_OR_RETURN(const std::string source, ReadInput(flags.path, session.world.in));
  const auto parsed = content::ParseArticle(fs::path(flags.path).filename().string(), source);
  if (parsed.ok()) {
    linted.articles.push_back(parsed->article);
  } else {
    linted.problems = absl::StrSplit(parsed.status().message(), '\n');
  }
  return linted;
}

// A resolver answers a DOI that it knows with a redirect or a page, and any other with 404.
absl::Status AskResolver(const FileFlags& flags, const Session& session, Linted& linted) {
  std::map<std::string, std::string> users;
  for (const content::v1::Article& article : linted.articles) {
    for (const content::v1::Reference& source : article.references()) {
      if (!source.doi().empty()) users.emplace(source.doi(), article.name());
    }
  }
  for (const auto& [doi, article] : users) {
    LUMBAR_ASSIGN_OR_RETURN(
        const HttpAnswer answer,
        session.world.http.Send(
            {.method = "GET", .url = absl::StrCat(flags.resolver, "/", doi), .token = "", .body = ""}));
    if (answer.status < 400) continue;
    linted.problems.push_back(absl::StrCat(article, ": sources: the resolver answers ", answer.status, " to ", doi));
  }
  return absl::OkStatus();
}

absl::StatusOr<ExitCode> Lint(const FileFlags& flags, const Session& session) {
  LUMBAR_ASSIGN_OR_RETURN(Linted linted, Read(flags, session));
  if (!flags.resolver.empty()) LUMBAR_RETURN_IF_ERROR(AskResolver(flags, session, linted));
  if (session.flags.json) {
    const nlohmann::json json = {{"articles", linted.articles.size()}, {"problems", linted.problems}};
    session.world.out << json.dump() << "\n";
  }
  if (!linted.problems.empty()) return content::ArticleRefused(linted.problems);
  if (!session.flags.json)
    session.world.out << linted.articles.size() << (linted.articles.size() == 1 ? " article" : " articles") << ": ok\n";
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> FlagChanged(const FileFlags& flags, const Session& session) {
  LUMBAR_ASSIGN_OR_RETURN(const triage::v1::Protocol protocol, triage::LoadProtocol(flags.protocol));
  content::v1::FlagArticlesRequest request;
  request.set_request_id(flags.request_id);
  for (content::v1::TriageLink& link : content::LinksOf(protocol)) *request.add_links() = std::move(link);
  content::v1::FlagArticlesResponse response;
  LUMBAR_RETURN_IF_ERROR(Change(session, "/v1/articles:flag", request, response));
  if (session.flags.json) return ExitCode::kOk;
  session.world.out << request.links_size() << " rules and causes, " << response.changed_size() << " changed or gone\n";
  for (const std::string& article : response.articles()) {
    session.world.out << "  due for review: " << Plain(article) << "\n";
  }
  return ExitCode::kOk;
}

}  // namespace

void AddArticleFiles(CLI::App& article, Session& session) {
  const auto flags = std::make_shared<FileFlags>();
  auto* lint =
      article.add_subcommand("lint", "Checks articles as the service does when they are imported; needs no server");
  lint->add_option("PATH", flags->path, "the folder of articles, or one file")->required();
  lint->add_option("--resolver", flags->resolver, "asks it for every DOI too, e.g. https://doi.org");
  lint->callback([flags, &session] { session.command = [flags, &session] { return Lint(*flags, session); }; });
  auto* flag =
      article.add_subcommand("flag", "Makes articles due for review whose triage rules changed since last time");
  flag->add_option("--protocol", flags->protocol, "the protocol's folder, e.g. services/triage/protocols/low-back-pain")
      ->required();
  AddRequestId(*flag, flags->request_id);
  flag->callback([flags, &session] { session.command = [flags, &session] { return FlagChanged(*flags, session); }; });
}

}  // namespace lumbar::cli
