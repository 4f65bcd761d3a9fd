#include "services/content/domain/article_parser.h"

#include <absl/algorithm/container.h>
#include <absl/strings/ascii.h>
#include <absl/strings/escaping.h>
#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_split.h>
#include <absl/strings/strip.h>
#include <re2/re2.h>
#include <simdjson.h>

#include <array>
#include <optional>

#include "common/digest/sha256.h"
#include "common/time/proto_time.h"
#include "services/content/domain/front_matter.h"
#include "services/content/domain/markdown.h"
#include "services/content/domain/outline.h"
#include "services/content/domain/problems.h"
#include "services/content/errors.h"

namespace lumbar::content {
namespace {

constexpr size_t kLongestTitle = 120, kLongestSummary = 300, kLongestReference = 300;
constexpr size_t kMostPeople = 10, kMostCauses = 20, kMostRules = 40, kMostRelated = 10, kMostReferences = 30;
// Adults read English prose at about 240 words a minute (doi 10.1016/j.jml.2019.104047); people in pain read slower.
constexpr int kWordsPerMinute = 200;

constexpr std::array<absl::string_view, 7> kTopics = {"causes",    "prevention",  "questions",   "sciatica",
                                                      "treatment", "urgent-help", "virtual-care"};
constexpr std::array<absl::string_view, 2> kAudiences = {"everyone", "runners"};
constexpr std::array<absl::string_view, 2> kLanguages = {"en", "es"};
constexpr std::array<absl::string_view, 12> kKeys = {"title",         "summary", "topic",          "audience",
                                                     "language",      "authors", "review_due",     "related_causes",
                                                     "related_rules", "related", "translation_of", "sources"};

// What a text said of its reviews when files came to readers without the process.
constexpr std::array<absl::string_view, 5> kFormerKeys = {"medical_reviewer", "fact_checker", "published", "reviewed",
                                                          "reviewed_text"};

std::string HexDigest(absl::string_view text) { return absl::BytesToHexString(Sha256(text).substr(0, 16)); }

struct Parts {
  absl::string_view yaml;
  absl::string_view markdown;
  // Lines of the file before the Markdown.
  int markdown_offset = 0;
};

std::optional<Parts> Split(absl::string_view source) {
  if (!absl::ConsumePrefix(&source, "---\n")) return std::nullopt;
  const size_t end = source.find("\n---\n");
  if (end == absl::string_view::npos) return std::nullopt;
  const absl::string_view yaml = source.substr(0, end + 1);
  return Parts{yaml, source.substr(end + 5), 2 + static_cast<int>(absl::c_count(yaml, '\n'))};
}

void ReadAuthors(const FrontMatter& fields, v1::Article& article) {
  static const RE2 name("[^\\s\\pC](?:[^\\pC]{0,118}[^\\s\\pC])?");
  for (std::string& author : fields.Texts("authors", kMostPeople, name, "a person's name of at most 120 letters")) {
    article.add_authors(std::move(author));
  }
  *article.mutable_review_due_time() = ToProtoTime(fields.Date("review_due"));
}

void ReadReferences(const FrontMatter& fields, v1::Article& article) {
  static const RE2 doi("10\\.[0-9]{4,9}/[!-~]{1,200}");
  static const RE2 url("https://[!-~]{1,300}");
  for (const FrontMatter& source : fields.Maps("sources", kMostReferences)) {
    v1::Reference& reference = *article.add_references();
    reference.set_title(source.Text("title", kLongestReference));
    if (source.Has("doi") == source.Has("url")) source.Refuse("doi", "give either a doi or a url");
    if (source.Has("doi")) reference.set_doi(source.Formed("doi", doi, "a DOI like 10.1136/bmj.f7095"));
    if (source.Has("url")) reference.set_url(source.Formed("url", url, "an https:// address"));
    source.RefuseAllBut({"title", "doi", "url"});
  }
}

void ReadLinks(const FrontMatter& fields, v1::Article& article) {
  static const RE2 cause("[a-z0-9_]{1,63}"), slug("[a-z0-9-]{1,63}");
  for (std::string& id : fields.Texts("related_causes", kMostCauses, cause, "a cause like muscle_strain")) {
    article.add_causes(std::move(id));
  }
  if (fields.Has("related_rules")) {
    for (std::string& id : fields.Texts("related_rules", kMostRules, cause, "a triage rule like saddle_numbness")) {
      article.add_rules(std::move(id));
    }
  }
  if (fields.Has("translation_of")) {
    article.set_translation_of(absl::StrCat(
        "articles/", fields.Formed("translation_of", slug, "the file name of an English article without .md")));
  }
  for (const std::string& id : fields.Texts("related", kMostRelated, slug, "an article's file name without .md")) {
    const std::string related = absl::StrCat("articles/", id);
    if (related == article.name()) fields.Refuse("related", "names this article itself");
    article.add_related_articles(related);
  }
}

// Returns the line of the related articles.
int ReadFrontMatter(absl::string_view yaml, Text text, v1::Article& article, Problems& problems) {
  try {
    const YAML::Node map = YAML::Load(std::string(yaml));
    const FrontMatter fields(map, 1, "", problems);
    article.set_title(fields.Text("title", kLongestTitle));
    article.set_summary(fields.Text("summary", kLongestSummary));
    article.set_topic(fields.OneOf("topic", kTopics));
    article.set_audience(fields.OneOf("audience", kAudiences));
    article.set_language_code(fields.OneOf("language", kLanguages));
    ReadAuthors(fields, article);
    ReadLinks(fields, article);
    ReadReferences(fields, article);
    std::vector<absl::string_view> keys(kKeys.begin(), kKeys.end());
    if (text == Text::kTaken) keys.insert(keys.end(), kFormerKeys.begin(), kFormerKeys.end());
    fields.RefuseAllBut(keys);
    return fields.Line("related");
  } catch (const YAML::Exception& error) {
    problems.Add(error.mark.is_null() ? 1 : error.mark.line + 2, "file", absl::StrCat("isn't YAML: ", error.msg));
  }
  return 1;
}

void ReadBody(const Parts& parts, v1::Article& article, Problems& problems) {
  const std::vector<absl::string_view> words =
      absl::StrSplit(parts.markdown, absl::ByAnyChar(" \t\r\n"), absl::SkipEmpty());
  if (words.empty()) problems.Add(parts.markdown_offset, "body", "is empty");
  Rendered rendered = RenderMarkdown(parts.markdown);
  for (const auto& omission : rendered.omissions) {
    problems.Add(parts.markdown_offset + omission.line, "body", omission.what);
  }
  if (!IsSafeHtml(rendered.html)) problems.Add(parts.markdown_offset, "body", "has markup that isn't allowed");
  article.set_body_html(std::move(rendered.html));
  AddOutline(article);
  article.set_reading_minutes(static_cast<int32_t>((words.size() + kWordsPerMinute - 1) / kWordsPerMinute));
}

}  // namespace

absl::StatusOr<ParsedArticle> ParseArticle(absl::string_view file, absl::string_view source, Text text) {
  static const RE2 form("([a-z0-9-]{1,63})\\.md");
  Problems problems(file);
  std::string id;
  if (!RE2::FullMatch({file.data(), file.size()}, form, &id)) {
    problems.Add(1, "file", "must be named like sciatica.md: a-z, 0-9 and -, at most 63");
  }
  const std::optional<Parts> parts = Split(source);
  if (source.size() > kLongestSource) {
    problems.Add(1, "file", absl::StrCat("is longer than ", kLongestSource, " bytes"));
  } else if (!simdjson::validate_utf8(source.data(), source.size())) {
    problems.Add(1, "file", "isn't UTF-8");
  } else if (absl::StartsWith(source, "\xEF\xBB\xBF") || absl::StartsWith(source, "---\r\n")) {
    problems.Add(1, "file", "must have lines that end in LF alone and begin without a byte order mark");
  } else if (!parts) {
    problems.Add(1, "file", "must begin with YAML between two lines of ---");
  }
  if (!problems.empty()) return ArticleRefused(problems.lines());

  ParsedArticle parsed;
  parsed.article.set_name(absl::StrCat("articles/", id));
  parsed.article.set_state(v1::ARTICLE_STATE_PUBLISHED);
  parsed.related_line = ReadFrontMatter(parts->yaml, text, parsed.article, problems);
  ReadBody(*parts, parsed.article, problems);
  if (!problems.empty()) return ArticleRefused(problems.lines());
  parsed.article.set_etag(EtagOf(parsed.article));
  return parsed;
}

std::string DigestOf(absl::string_view source) { return HexDigest(source); }

std::string EtagOf(const v1::Article& article) {
  v1::Article content = article;
  content.clear_revision();
  content.clear_etag();
  // Messages without maps have one serialised form only.
  return HexDigest(content.SerializeAsString());
}

}  // namespace lumbar::content
