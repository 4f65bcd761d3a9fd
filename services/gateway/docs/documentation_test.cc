#include "services/gateway/docs/documentation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/status/matchers.h"
#include "services/gateway/edge/edge_handler_fixture.h"

namespace lumbar::gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class DocumentationTest : public EdgeHandlerTest {
 protected:
  // The answer of the handler that has the pages, and all of its body.
  HttpAnswer Ask(const HttpRequest& request) {
    HttpAnswer answer;
    documented_.Handle(request, Visitor(), [&](HttpAnswer given, const std::shared_ptr<BodySource>& source) {
      answer = std::move(given);
      bool more = source != nullptr;
      while (more) {
        source->Next([&](const std::optional<std::string>& piece) {
          more = piece.has_value();
          if (more) largest_ = std::max(largest_, piece->size());
          if (more) answer.body() += *piece;
        });
      }
    });
    return answer;
  }
  HttpAnswer Ask(absl::string_view target) { return Ask(Request(http::verb::get, target)); }

  size_t largest_ = 0;
  EdgeHandler documented_{*RouteTable::Build(AllServices()),
                          upstream_,
                          admission_,
                          [] { return true; },
                          Limits(),
                          recorder_,
                          Cors(),
                          *DocumentationPages(*RouteTable::Build(AllServices()))};
};

TEST_F(DocumentationTest, ServesTheDocumentAndSendsItOnceToWhoKeepsIt) {
  const HttpAnswer document = Ask("/openapi.json");
  EXPECT_EQ(document.result_int(), 200u);
  EXPECT_EQ(document[http::field::content_type], "application/json");
  EXPECT_EQ(document[http::field::cache_control], "no-cache");
  EXPECT_THAT(document.body(), HasSubstr(R"({"openapi":"3.1.0")"));
  HttpRequest again = Request(http::verb::get, "/openapi.json");
  again.set(http::field::if_none_match, document[http::field::etag]);
  const HttpAnswer unchanged = Ask(again);
  EXPECT_EQ(unchanged.result_int(), 304u);
  EXPECT_EQ(unchanged.body(), "");
}

TEST_F(DocumentationTest, ServesAViewerThatLoadsFromHereAlone) {
  const HttpAnswer page = Ask("/docs");
  EXPECT_EQ(page[http::field::content_type], "text/html; charset=utf-8");
  EXPECT_THAT(page.body(), Not(HasSubstr("//")));
  EXPECT_THAT(std::string(page["Content-Security-Policy"]), HasSubstr("script-src 'self'"));
  EXPECT_THAT(std::string(page["Content-Security-Policy"]), Not(HasSubstr("unsafe")));
  for (const char* file : {"swagger-ui.css", "swagger-ui-bundle.js", "docs.js"}) {
    EXPECT_THAT(page.body(), HasSubstr(absl::StrCat("docs/", file)));
    EXPECT_EQ(Ask(absl::StrCat("/docs/", file)).result_int(), 200u) << file;
  }
}

TEST_F(DocumentationTest, GivesLargePagesPieceByPiece) {
  const HttpAnswer bundle = Ask("/docs/swagger-ui-bundle.js");
  EXPECT_GT(bundle.body().size(), 1'000'000u);
  EXPECT_LE(largest_, 64u * 1024);
}

TEST_F(DocumentationTest, CountsAndNamesPagesAsRoutes) {
  Ask("/docs");
  EXPECT_THAT(log_.str(), HasSubstr(R"("route":"/docs")"));
  const HttpAnswer refused = Ask(Request(http::verb::post, "/openapi.json"));
  EXPECT_EQ(refused.result_int(), 405u);
  EXPECT_EQ(refused[http::field::allow], "GET, HEAD");
  EXPECT_EQ(Ask("/docs/none-such.js").result_int(), 404u);
}

TEST_F(DocumentationTest, ListsThePagesThatPeopleAndProgramsBeginWith) {
  EXPECT_THAT(Ask("/").body(), HasSubstr(R"("pages":["/openapi.json","/docs"])"));
}

}  // namespace
}  // namespace lumbar::gateway
