#include "common/rpc/method_table.h"

#include <gtest/gtest.h>

#include "common/status/matchers.h"
#include "lumbar/content/v1/content_service.pb.h"
#include "lumbar/content/v1/editorial_service.pb.h"
#include "lumbar/notification/v1/notification_service.pb.h"
#include "lumbar/options/v1/options.pb.h"

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
  void Find(const v1::GetArticleRequest&, GiveAnswer give) { give(absl::NotFoundError("")); }
  void Retract(const v1::RetractArticleRequest&, GiveAnswer give) { give(absl::NotFoundError("")); }
  absl::StatusOr<v1::SearchArticlesResponse> Search(const CallContext&, const v1::SearchArticlesRequest&) {
    return v1::SearchArticlesResponse();
  }
  absl::StatusOr<v1::SuggestArticlesResponse> Suggest(const CallContext&, const v1::SuggestArticlesRequest&) {
    return v1::SuggestArticlesResponse();
  }
  absl::StatusOr<v1::GetJsonLdResponse> JsonLd(const CallContext&, const v1::GetJsonLdRequest&) {
    return v1::GetJsonLdResponse();
  }
  absl::StatusOr<v1::GetSitemapResponse> Sitemap(const CallContext&, const v1::GetSitemapRequest&) {
    return v1::GetSitemapResponse();
  }
};

namespace sent = notification::v1;
struct Sender {
  absl::StatusOr<sent::RecordAppointmentEventResponse> Record(const CallContext&,
                                                              const sent::RecordAppointmentEventRequest&) {
    return sent::RecordAppointmentEventResponse();
  }
  absl::StatusOr<sent::SendMessageResponse> Send(const CallContext&, const sent::SendMessageRequest&) {
    return sent::SendMessageResponse();
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
  // All but reading an article and listing.
  ServiceMethods<Shelf> Searching() {
    return ServiceMethods(Contract(), shelf_)
        .Add("SearchArticles", &Shelf::Search)
        .Add("SuggestArticles", &Shelf::Suggest)
        .Add("GetJsonLd", &Shelf::JsonLd)
        .Add("GetSitemap", &Shelf::Sitemap);
  }
  Shelf shelf_;
};

TEST_F(MethodTableTest, TakesWhatTheContractDeclares) {
  EXPECT_THAT(Searching().Add("GetArticle", &Shelf::Get).Add("ListArticles", &Shelf::List).Check(), IsOk());
}

TEST_F(MethodTableTest, TakesReadyAnswersForReadsAlone) {
  EXPECT_THAT(Searching()
                  .AddReady<v1::GetArticleResponse>("GetArticle", &Shelf::Find)
                  .Add("ListArticles", &Shelf::List)
                  .Check(),
              IsOk());
  // Unplanned, and with nothing else in it.
  google::protobuf::FileDescriptorProto file;
  v1::RetractArticleRequest::descriptor()->file()->CopyTo(&file);
  auto& service = *file.mutable_service(0);
  while (service.method(0).name() != "RetractArticle") service.mutable_method()->DeleteSubrange(0, 1);
  while (service.method_size() > 1) service.mutable_method()->RemoveLast();
  service.mutable_method(0)->mutable_options()->MutableExtension(options::v1::policy)->set_planned(false);
  file.set_name("changed.proto");
  file.set_package("changed");
  file.clear_message_type();
  file.clear_enum_type();
  *file.add_dependency() = v1::RetractArticleRequest::descriptor()->file()->name();
  google::protobuf::DescriptorPool pool(google::protobuf::DescriptorPool::generated_pool());
  const auto* changed = pool.BuildFile(file);
  ASSERT_NE(changed, nullptr);
  ExpectRefused(ServiceMethods(*changed->service(0), shelf_)
                    .AddReady<v1::RetractArticleResponse>("RetractArticle", &Shelf::Retract),
                "RetractArticle", "answers ready");
}

TEST_F(MethodTableTest, RefusesAMethodWithoutAHandler) {
  ExpectRefused(Searching().Add("GetArticle", &Shelf::Get), "ListArticles", "has no handler");
}

TEST_F(MethodTableTest, RefusesAHandlerOfAnotherMethod) {
  ExpectRefused(Searching().Add("GetArticle", &Shelf::Get).Add("ListArticles", &Shelf::Get), "ListArticles",
                "other types");
}

TEST_F(MethodTableTest, RefusesAHandlerThatNoMethodWants) {
  ExpectRefused(
      Searching().Add("GetArticle", &Shelf::Get).Add("ListArticles", &Shelf::List).Add("BurnArticle", &Shelf::Get),
      "BurnArticle", "isn't in the contract");
}

TEST_F(MethodTableTest, RefusesAHandlerOfAMethodThatIsCalledPlanned) {
  Sender sender;
  const auto& contract = *sent::SendMessageRequest::descriptor()->file()->FindServiceByName("NotificationService");
  ExpectRefused(
      ServiceMethods(contract, sender).Add("RecordAppointmentEvent", &Sender::Record).Add("SendMessage", &Sender::Send),
      "SendMessage", "planned");
}

}  // namespace
}  // namespace lumbar::rpc
