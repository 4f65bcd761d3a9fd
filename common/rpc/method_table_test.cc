#include "common/rpc/method_table.h"

#include <gtest/gtest.h>

#include "common/status/matchers.h"
#include "lumbar/content/v1/content_service.pb.h"

namespace lumbar::rpc {
namespace {

namespace v1 = content::v1;
using testing::HasSubstr;

struct Shelf {
  absl::StatusOr<v1::GetArticleResponse> Get(const CallContext&, const v1::GetArticleRequest&) {
    return absl::NotFoundError("");
  }
  absl::Status List(const CallContext&, const v1::ListArticlesRequest&, v1::ListArticlesResponse& response) {
    response.set_next_page_token("next");
    return absl::OkStatus();
  }
  absl::StatusOr<v1::SearchArticlesResponse> Search(const CallContext&, const v1::SearchArticlesRequest&) {
    return v1::SearchArticlesResponse();
  }
};

struct MethodTableTest : testing::Test {
  static const google::protobuf::ServiceDescriptor& Contract() {
    return *v1::GetArticleRequest::descriptor()->file()->FindServiceByName("ContentService");
  }
  static void ExpectRefused(const MethodTable& table, const char* method, const char* fault) {
    EXPECT_THAT(table.Check(), FailsWith(absl::StatusCode::kFailedPrecondition, "CONTRACT_REFUSED"));
    EXPECT_THAT(std::string(table.Check().message()), HasSubstr(method));
    EXPECT_THAT(std::string(table.Check().message()), HasSubstr(fault));
  }
  Shelf shelf_;
};

TEST_F(MethodTableTest, TakesWhatTheContractDeclares) {
  EXPECT_THAT(
      ServiceMethods(Contract(), shelf_).Add("GetArticle", &Shelf::Get).Add("ListArticles", &Shelf::List).Check(),
      IsOk());
}

TEST_F(MethodTableTest, RefusesAMethodWithoutAHandler) {
  ExpectRefused(ServiceMethods(Contract(), shelf_).Add("GetArticle", &Shelf::Get), "ListArticles", "has no handler");
}

TEST_F(MethodTableTest, RefusesAHandlerOfAnotherMethod) {
  ExpectRefused(ServiceMethods(Contract(), shelf_).Add("GetArticle", &Shelf::Get).Add("ListArticles", &Shelf::Get),
                "ListArticles", "other types");
}

TEST_F(MethodTableTest, RefusesAHandlerThatNoMethodWants) {
  ExpectRefused(ServiceMethods(Contract(), shelf_)
                    .Add("GetArticle", &Shelf::Get)
                    .Add("ListArticles", &Shelf::List)
                    .Add("BurnArticle", &Shelf::Get),
                "BurnArticle", "isn't in the contract");
}

TEST_F(MethodTableTest, RefusesAHandlerOfAMethodThatIsCalledPlanned) {
  ExpectRefused(ServiceMethods(Contract(), shelf_)
                    .Add("GetArticle", &Shelf::Get)
                    .Add("ListArticles", &Shelf::List)
                    .Add("SearchArticles", &Shelf::Search),
                "SearchArticles", "planned");
}

}  // namespace
}  // namespace lumbar::rpc
