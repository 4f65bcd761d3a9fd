#include <CLI/CLI.hpp>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>
#include <absl/strings/str_replace.h>

#include <memory>
#include <ostream>
#include <vector>

#include "common/status/macros.h"
#include "lumbar/content/v1/content_service.pb.h"
#include "tools/cli/commands/article_commands.h"
#include "tools/cli/commands/commands.h"
#include "tools/cli/commands/paging.h"
#include "tools/cli/commands/slot_text.h"
#include "tools/cli/gateway.h"
#include "tools/cli/input.h"
#include "tools/cli/session.h"
#include "tools/cli/text.h"

namespace lumbar::cli {
namespace {

struct ArticleFlags {
  std::string name;
  bool html = false;
  std::string topic;
  std::string language;
  std::vector<std::string> words;
  Paging paging;
};

std::string ReferenceText(const content::v1::Reference& reference) {
  const std::string where = reference.doi().empty() ? reference.url() : "https://doi.org/" + reference.doi();
  return Wrapped(absl::StrCat(reference.title(), where.empty() ? "" : ", ", where), "  - ");
}

std::string ArticleText(const content::v1::Article& article) {
  std::string out = absl::StrCat(Wrapped(article.title()), "\n", Wrapped(article.summary()), "\n");
  absl::StrAppend(&out, article.reading_minutes(), " min to read");
  if (!article.medical_reviewer().empty()) {
    absl::StrAppend(&out, "; medically reviewed by ", Plain(article.medical_reviewer()));
  }
  absl::StrAppend(&out, "\nThe whole text: lumbar article show ", Plain(article.name()), " --html\n");
  if (!article.references().empty()) absl::StrAppend(&out, Heading("It rests on"));
  for (const auto& reference : article.references()) absl::StrAppend(&out, ReferenceText(reference));
  if (!article.related_articles().empty()) {
    absl::StrAppend(&out, Heading("See also"), Wrapped(absl::StrJoin(article.related_articles(), " "), "  "));
  }
  return out;
}

absl::StatusOr<ExitCode> Show(const ArticleFlags& flags, const Session& session) {
  content::v1::Article article;
  LUMBAR_RETURN_IF_ERROR(Get(session, "/v1/" + flags.name, article));
  if (!session.flags.json) session.world.out << (flags.html ? article.body_html() + "\n" : ArticleText(article));
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> List(const ArticleFlags& flags, const Session& session) {
  content::v1::ListArticlesResponse found;
  LUMBAR_RETURN_IF_ERROR(Get(session,
                             Route("/v1/articles", {{"topic", flags.topic},
                                                    {"languageCode", flags.language},
                                                    {"pageSize", flags.paging.SizeText()},
                                                    {"pageToken", flags.paging.token}}),
                             found));
  if (session.flags.json) return ExitCode::kOk;
  std::vector<std::vector<std::string>> rows = {{"NAME", "MINUTES", "TITLE"}};
  for (const auto& article : found.articles()) {
    rows.push_back({article.name(), std::to_string(article.reading_minutes()), article.title()});
  }
  session.world.out << Table(rows) << MoreText(found.next_page_token());
  return ExitCode::kOk;
}

// For a terminal: what is marked stands between stars.
std::string SnippetText(const std::string& html) {
  return absl::StrReplaceAll(
      html, {{"<mark>", "*"}, {"</mark>", "*"}, {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&amp;", "&"}});
}

absl::StatusOr<ExitCode> Search(const ArticleFlags& flags, const Session& session) {
  content::v1::SearchArticlesResponse found;
  LUMBAR_RETURN_IF_ERROR(Get(session,
                             Route("/v1/articles:search", {{"query", absl::StrJoin(flags.words, " ")},
                                                           {"languageCode", flags.language},
                                                           {"pageSize", flags.paging.SizeText()},
                                                           {"pageToken", flags.paging.token}}),
                             found));
  if (session.flags.json) return ExitCode::kOk;
  for (int i = 0; i < found.articles_size(); ++i) {
    session.world.out << Wrapped(absl::StrCat(found.articles(i).title(), " (", found.articles(i).name(), ")"));
    if (i < found.snippets_html_size()) session.world.out << Wrapped(SnippetText(found.snippets_html(i)), "  ");
  }
  if (found.articles().empty()) session.world.out << "Nothing has these words.\n";
  session.world.out << MoreText(found.next_page_token());
  return ExitCode::kOk;
}

void AddLanguage(CLI::App& command, ArticleFlags& flags) {
  command.add_option("--language", flags.language, "only this language, e.g. es");
}

}  // namespace

void AddArticle(CLI::App& app, Session& session) {
  auto* article = app.add_subcommand("article", "Reads medical articles, and takes them through the editorial process");
  article->require_subcommand(1);
  const auto flags = std::make_shared<ArticleFlags>();
  auto* show = article->add_subcommand("show", "Shows an article's summary and sources");
  show->add_option("NAME", flags->name, "e.g. articles/sciatica")->required()->check(NameIn("articles"));
  show->add_flag("--html", flags->html, "the whole text, as HTML");
  show->callback([flags, &session] { session.command = [flags, &session] { return Show(*flags, session); }; });
  auto* list = article->add_subcommand("list", "Lists what there is to read");
  list->add_option("--topic", flags->topic, "only this topic, e.g. prevention");
  AddLanguage(*list, *flags);
  AddPaging(*list, flags->paging);
  list->callback([flags, &session] { session.command = [flags, &session] { return List(*flags, session); }; });
  auto* search = article->add_subcommand("search", "Finds articles by words, in any of their forms");
  search->add_option("WORDS", flags->words, "what to look for")->required();
  AddLanguage(*search, *flags);
  AddPaging(*search, flags->paging);
  search->callback([flags, &session] { session.command = [flags, &session] { return Search(*flags, session); }; });
  AddEditing(*article, session);
  AddArticleFiles(*article, session);
}

}  // namespace lumbar::cli
