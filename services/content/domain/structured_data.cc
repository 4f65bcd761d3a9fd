#include "services/content/domain/structured_data.h"

#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_replace.h>
#include <absl/time/time.h>
#include <nlohmann/json.hpp>

#include <utility>

#include "common/time/proto_time.h"

namespace lumbar::content {
namespace {

using Json = nlohmann::ordered_json;

std::string Day(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%Y-%m-%d", FromProto(time), absl::UTCTimeZone());
}
std::string Instant(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", FromProto(time), absl::UTCTimeZone());
}

Json Person(const std::string& name) { return {{"@type", "Person"}, {"name", name}}; }

// A DOI may have characters that would end or change the path of a URL.
std::string DoiUrl(absl::string_view doi) {
  std::string url = "https://doi.org/";
  for (const char c : doi) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain =
        absl::ascii_isalnum(byte) || absl::string_view("-._~!$'()*,;:@/").find(c) != absl::string_view::npos;
    if (plain) {
      url.push_back(c);
    } else {
      absl::StrAppend(&url, "%", absl::Hex(byte, absl::kZeroPad2));
    }
  }
  return url;
}

Json Citation(const v1::Reference& reference) {
  Json work = {{"@type", "CreativeWork"}, {"name", reference.title()}};
  if (!reference.doi().empty()) work["identifier"] = absl::StrCat("doi:", reference.doi());
  work["url"] = reference.doi().empty() ? reference.url() : DoiUrl(reference.doi());
  return work;
}

// Triage names causes by codes of English words.
Json Cause(const std::string& code) {
  return {{"@type", "MedicalCause"}, {"name", absl::StrReplaceAll(code, {{"_", " "}})}};
}

template <typename Things, typename Make>
void AddList(const char* key, const Things& things, Make make, Json& node) {
  Json list = Json::array();
  for (const auto& thing : things) list.push_back(make(thing));
  if (!list.empty()) node[key] = std::move(list);
}

void AddAddresses(const v1::Article& article, const Site& site, Json& page) {
  page["url"] = site.PageOf(article.name());
  if (!article.translation_of().empty()) {
    page["translationOfWork"] = {{"@type", "MedicalWebPage"}, {"url", site.PageOf(article.translation_of())}};
  }
  AddList(
      "relatedLink", article.related_articles(), [&](const std::string& name) { return site.PageOf(name); }, page);
}

Json Page(const v1::Article& article, const Site& site) {
  Json page = {{"@type", "MedicalWebPage"},
               {"name", article.title()},
               {"description", article.summary()},
               {"inLanguage", article.language_code()},
               {"version", article.revision()},
               {"timeRequired", absl::StrCat("PT", article.reading_minutes(), "M")},
               {"lastReviewed", Day(article.review_time())},
               {"reviewedBy", Json::array({Person(article.medical_reviewer()), Person(article.fact_checker())})}};
  AddList("author", article.authors(), Person, page);
  if (article.has_first_publish_time()) page["datePublished"] = Instant(article.first_publish_time());
  page["dateModified"] = Instant(article.publish_time());
  AddList("citation", article.references(), Citation, page);
  AddList("about", article.causes(), Cause, page);
  if (site.is_known()) AddAddresses(article, site, page);
  return page;
}

Json QuestionAndAnswer(const v1::Question& question) {
  return {{"@type", "Question"},
          {"name", question.question()},
          {"acceptedAnswer", {{"@type", "Answer"}, {"text", question.answer_html()}}}};
}

Json Questions(const v1::Article& article, const Site& site) {
  Json page = {{"@type", "FAQPage"}, {"name", article.title()}, {"inLanguage", article.language_code()}};
  if (site.is_known()) page["url"] = site.PageOf(article.name());
  AddList("mainEntity", article.questions(), QuestionAndAnswer, page);
  return page;
}

}  // namespace

std::string StructuredData(const v1::Article& article, const Site& site) {
  Json graph = Json::array({Page(article, site)});
  if (!article.questions().empty()) graph.push_back(Questions(article, site));
  const Json document = {{"@context", "https://schema.org"}, {"@graph", std::move(graph)}};
  // They stand within strings only, where JSON may write them so.
  return absl::StrReplaceAll(
      document.dump(-1, ' ', false, Json::error_handler_t::replace),
      {{"<", "\\u003c"}, {">", "\\u003e"}, {"&", "\\u0026"}, {"\u2028", "\\u2028"}, {"\u2029", "\\u2029"}});
}

}  // namespace lumbar::content
