#include "services/gateway/docs/openapi.h"

#include <absl/strings/ascii.h>
#include <absl/strings/str_format.h>
#include <absl/strings/str_join.h>
#include <absl/strings/str_replace.h>
#include <gmock/gmock.h>
#include <google/protobuf/message.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <set>

#include "common/status/matchers.h"
#include "common/validation/validator.h"
#include "lumbar/options/v1/options.pb.h"
#include "lumbar_gateway_docs_bytes.h"
#include "services/gateway/docs/example_testing.h"
#include "services/gateway/edge/edge_handler_fixture.h"

namespace lumbar::gateway {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using Json = nlohmann::ordered_json;

Comments ContractComments() {
  for (const auto& [name, bytes] : embedded_docs::Files()) {
    if (name == "lumbar.binpb") return *Comments::Read({bytes.data(), bytes.size()});
  }
  ADD_FAILURE() << "the contracts aren't in this program";
  return Comments();
}

const Json& Document() {
  static const Json* const document = [] {
    const auto routes = RouteTable::Build(AllServices());
    return new Json(Json::parse(*OpenApiOf(*routes, ContractComments())));
  }();
  return *document;
}

Json Operation(const char* path, const char* method) { return Document()["paths"].value(path, Json::object())[method]; }
Json Type(const char* name) { return Document()["components"]["schemas"][name]; }

std::vector<std::string> Parameters(const Json& operation, const std::string& in) {
  std::vector<std::string> names;
  for (const auto& parameter : operation.value("parameters", Json::array())) {
    if (parameter["in"] == in) names.push_back(parameter["name"].get<std::string>());
  }
  return names;
}

std::string Escaped(const std::string& text) {
  std::string escaped;
  for (const char c : text)
    escaped += absl::ascii_isalnum(static_cast<unsigned char>(c))
                   ? std::string(1, c)
                   : absl::StrFormat("%%%02X", static_cast<unsigned char>(c));
  return escaped;
}

// Each operation of the document, called as it says.
class OpenApiCallTest : public EdgeHandlerTest {
 protected:
  static bool TakesAnything(const Json& operation) {
    return operation.contains("requestBody") && operation["requestBody"]["content"].contains("*/*");
  }

  HttpRequest RequestOf(std::string path, const std::string& method, const Json& operation) {
    const SchemaExample example(Document());
    std::vector<std::string> query;
    for (const auto& parameter : operation.value("parameters", Json::array())) {
      const std::string name = parameter["name"];
      const Json value = example.Of(parameter["schema"]);
      if (parameter["in"] == "path") path = absl::StrReplaceAll(path, {{absl::StrCat("{", name, "}"), Text(value)}});
      if (parameter["in"] != "query") continue;
      for (const auto& item : value.is_array() ? value : Json::array({value})) {
        query.push_back(absl::StrCat(name, "=", Escaped(Text(item))));
      }
      given_.insert(name.substr(0, name.find('.')));
    }
    if (!query.empty()) absl::StrAppend(&path, "?", absl::StrJoin(query, "&"));
    std::string body;
    if (operation.contains("requestBody")) body = BodyOf(operation["requestBody"]["content"], example);
    return Request(http::string_to_verb(absl::AsciiStrToUpper(method)), path, body);
  }

  void ExpectReaches(const HttpRequest& request, const Json& operation) {
    const size_t before = upstream_.calls().size();
    handler_.Handle(request, Visitor(), [&](const HttpAnswer& answer, const std::shared_ptr<BodySource>&) {
      EXPECT_EQ(answer.result_int(), 200u) << answer.body();
    });
    const auto calls = upstream_.calls();
    ASSERT_EQ(calls.size(), before + 1) << "the edge refused it";
    const auto* method = google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
        operation["x-lumbar-rpc"].get<std::string>());
    ASSERT_NE(method, nullptr);
    EXPECT_EQ(calls.back().method, absl::StrCat("/", method->service()->full_name(), "/", method->name()));
    if (!TakesAnything(operation)) ExpectComplete(*method, calls.back().request);
    upstream_.EndStream();
  }

  std::set<std::string> given_;

 private:
  static std::string Text(const Json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

  std::string BodyOf(const Json& content, const SchemaExample& example) {
    if (content.contains("*/*")) return "anything";
    const Json body = example.Of(content["application/json"]["schema"], 2);
    for (const auto& [name, value] : body.items()) given_.insert(name);
    return body.dump();
  }

  // As a service does for a patient who calls.
  static void FillIn(const google::protobuf::MethodDescriptor& method, google::protobuf::Message& message) {
    const auto& policy = method.options().GetExtension(options::v1::policy);
    const auto* owner = method.input_type()->FindFieldByName(policy.owner_field());
    if (owner != nullptr) message.GetReflection()->SetString(&message, owner, "patients/jo");
  }

  // Everything that was given has arrived, and is what the service takes.
  void ExpectComplete(const google::protobuf::MethodDescriptor& method, const std::string& bytes) {
    const google::protobuf::Descriptor& type = *method.input_type();
    std::unique_ptr<google::protobuf::Message> message(
        google::protobuf::MessageFactory::generated_factory()->GetPrototype(&type)->New());
    ASSERT_TRUE(message->ParseFromString(bytes));
    std::string json;
    ASSERT_TRUE(google::protobuf::util::MessageToJsonString(*message, &json).ok());
    for (const auto& name : given_) EXPECT_TRUE(Json::parse(json).contains(name)) << name << " is lost: " << json;
    FillIn(method, *message);
    const auto validator = *validation::Validator::Create({&type}, clock_);
    EXPECT_THAT(validator->Validate(*message), IsOk());
  }
};

TEST_F(OpenApiCallTest, EachOperationCalledAsItSaysReachesItsRpcWithAllOfTheRequest) {
  size_t count = 0;
  for (const auto& [path, methods] : Document()["paths"].items()) {
    for (const auto& [method, operation] : methods.items()) {
      SCOPED_TRACE(absl::StrCat(method, " ", path));
      given_.clear();
      ExpectReaches(RequestOf(path, method, operation), operation);
      ++count;
    }
  }
  EXPECT_GT(count, 70u);
}

TEST(OpenApiTest, HasEveryRouteThatIsServedAndNoOther) {
  ASSERT_OK_AND_ASSIGN(const RouteTable routes, RouteTable::Build(AllServices()));
  std::multiset<std::string> wanted, found;
  for (const Route& route : routes.routes()) {
    if (route.served) wanted.insert(absl::StrCat(route.http_method, " ", route.method->full_name()));
  }
  for (const auto& [path, methods] : Document()["paths"].items()) {
    for (const auto& [method, operation] : methods.items()) {
      found.insert(absl::StrCat(absl::AsciiStrToUpper(method), " ", operation["x-lumbar-rpc"].get<std::string>()));
    }
  }
  EXPECT_EQ(found, wanted);
}

TEST(OpenApiTest, GivesNoTwoOperationsOneId) {
  std::set<std::string> ids;
  for (const auto& [path, methods] : Document()["paths"].items()) {
    for (const auto& [method, operation] : methods.items())
      EXPECT_TRUE(ids.insert(operation["operationId"].get<std::string>()).second);
  }
  EXPECT_TRUE(ids.count("BookingService.ListAppointments.2") > 0);
}

TEST(OpenApiTest, PartsARequestIntoPathQueryAndBodyAsTheRouteDoes) {
  const Json cancel = Operation("/v1/appointments/{appointment}:cancel", "post");
  EXPECT_EQ(cancel["x-lumbar-rpc"], "lumbar.booking.v1.BookingService.CancelAppointment");
  EXPECT_THAT(Parameters(cancel, "path"), ElementsAre("appointment"));
  EXPECT_THAT(Parameters(cancel, "query"), ElementsAre());
  const Json body = cancel["requestBody"]["content"]["application/json"]["schema"];
  EXPECT_TRUE(body["properties"].contains("requestId"));
  EXPECT_EQ(cancel["requestBody"]["required"], true) << "it has what is required";
  EXPECT_EQ(cancel["parameters"][0]["required"], true);
  EXPECT_FALSE(body["properties"].contains("name")) << "the path gives it";
  EXPECT_EQ(cancel["parameters"][0]["schema"]["pattern"], "^[0-9a-f-]{36}$");
  EXPECT_EQ(cancel["responses"]["200"]["content"]["application/json"]["schema"]["$ref"],
            "#/components/schemas/lumbar.booking.v1.Appointment");
}

TEST(OpenApiTest, OffersPatientDataInBodiesAndNeverInQueries) {
  const Json list = Operation("/v1/appointments", "get");
  EXPECT_THAT(Parameters(list, "query"), ElementsAre("clinician", "pageSize", "pageToken", "outsideHours"));
  EXPECT_FALSE(list.contains("requestBody"));
  const Json search = Operation("/v1/appointments:search", "post");
  EXPECT_EQ(search["requestBody"]["content"]["application/json"]["schema"]["$ref"],
            "#/components/schemas/lumbar.booking.v1.ListAppointmentsRequest");
  EXPECT_EQ(Type("lumbar.booking.v1.ListAppointmentsRequest")["properties"]["patient"]["x-lumbar-patient-data"], true);
}

TEST(OpenApiTest, TellsRulesAsSchemasDo) {
  const Json list = Type("lumbar.booking.v1.ListAppointmentsRequest");
  EXPECT_EQ(list["properties"]["pageSize"]["minimum"], 0);
  EXPECT_EQ(list["properties"]["pageSize"]["maximum"], 200);
  EXPECT_EQ(list["properties"]["pageToken"]["maxLength"], 512);
  EXPECT_EQ(list["properties"]["clinician"]["pattern"], "^clinicians/[a-z0-9-]{1,63}$");
  EXPECT_FALSE(list.contains("required"));
  const Json hold = Type("lumbar.booking.v1.CreateHoldRequest");
  EXPECT_EQ(hold["properties"]["requestId"]["format"], "uuid");
  EXPECT_THAT(hold["required"].get<std::vector<std::string>>(), ::testing::Contains("requestId"));
  EXPECT_EQ(hold["additionalProperties"], false);
  EXPECT_FALSE(Type("lumbar.booking.v1.Hold").contains("additionalProperties")) << "answers may grow";
}

TEST(OpenApiTest, RequiresNoOwnerOfAPatientWhoIsOne) {
  EXPECT_FALSE(Type("lumbar.notification.v1.GetPreferencesRequest").contains("required"));
}

TEST(OpenApiTest, ListsTheRulesThatSchemasHaveNoWordFor) {
  const Json duration = Type("lumbar.booking.v1.VisitType")["properties"]["duration"];
  EXPECT_EQ(duration["x-lumbar-rules"], Json::parse(R"(["lte: \"14400s\"","gte: \"300s\""])"));
}

TEST(OpenApiTest, TellsWhoMayCallAndWhatTheContractSays) {
  const Json quote = Operation("/v1/prices:quote", "get");
  EXPECT_EQ(quote["security"], Json::parse(R"([{"token":["patient"]},{"token":["staff"]},{"token":["service"]}])"));
  EXPECT_EQ(quote["summary"], "Tells what a visit costs, and without insurance when its Good Faith Estimate is due");
  EXPECT_THAT(quote["description"].get<std::string>(), HasSubstr("PRICE_NOT_FOUND"));
  EXPECT_EQ(Operation("/v1/articles/{article}", "get")["security"], Json::array());
  EXPECT_THAT(Operation("/v1/providers/{provider}:text", "post")["security"][0].items().begin().key(), "signature");
  EXPECT_THAT(Type("lumbar.booking.v1.Appointment")["description"].get<std::string>(), ::testing::Not(StartsWith(" ")));
}

TEST(OpenApiTest, AsksForOneOfTheContractsRolesInEveryOperation) {
  for (const auto& [path, methods] : Document()["paths"].items()) {
    for (const auto& [verb, operation] : methods.items()) {
      if (operation["security"] == Json::parse(R"([{"signature":[]}])")) continue;
      const auto* method = google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
          operation["x-lumbar-rpc"].get<std::string>());
      Json wanted = Json::array();
      for (const int role : method->options().GetExtension(options::v1::policy).roles()) {
        const std::string name = options::v1::Role_Name(static_cast<options::v1::Role>(role));
        wanted.push_back({{"token", {absl::AsciiStrToLower(name.substr(5))}}});
      }
      if (wanted == Json::parse(R"([{"token":["anyone"]}])")) wanted = Json::array();
      EXPECT_EQ(operation["security"], wanted) << verb << " " << path;
    }
  }
}

TEST(OpenApiTest, RequiresInAQueryWhatTheContractRequires) {
  const Json quote = Operation("/v1/prices:quote", "get")["parameters"];
  EXPECT_EQ(quote[0]["name"], "visitType");
  EXPECT_EQ(quote[0].value("required", false), true);
  EXPECT_EQ(quote[1]["name"], "insured");
  EXPECT_EQ(quote[1].value("required", false), false);
}

TEST(OpenApiTest, TellsEnumsByAllOfTheirNamesAndLongNumbersAsText) {
  EXPECT_EQ(Type("lumbar.consult.v1.ConsultView")["enum"],
            Json::parse(R"(["CONSULT_VIEW_UNSPECIFIED","CONSULT_VIEW_WORKLIST","CONSULT_VIEW_STAFF_QUEUE"])"));
  EXPECT_EQ(Type("lumbar.booking.v1.Appointment")["properties"]["version"]["type"], "string");
  EXPECT_EQ(Type("lumbar.consult.v1.WatchConsultsRequest")["properties"]["states"]["maxItems"], 16);
}

TEST(OpenApiTest, TellsThatOneMemberOfAChoiceExcludesTheOthers) {
  EXPECT_EQ(Type("lumbar.consult.v1.WatchConsultsResponse")["allOf"],
            Json::parse(R"([{"not":{"anyOf":[{"required":["consult","removed"]}]}}])"));
}

TEST(OpenApiTest, TellsStreamsAndFilesApartFromJson) {
  const Json watch = Operation("/v1/consults/{consult}:watch", "get");
  EXPECT_EQ(watch["responses"]["200"]["content"]["text/event-stream"]["schema"]["x-lumbar-event"]["$ref"],
            "#/components/schemas/lumbar.consult.v1.WatchConsultResponse");
  EXPECT_THAT(Parameters(watch, "header"), ElementsAre("Last-Event-ID"));
  EXPECT_TRUE(Operation("/sitemap.xml", "get")["responses"]["200"]["content"].contains("*/*"));
}

TEST(OpenApiTest, DescribesErrorsAsTheyAreWritten) {
  EXPECT_EQ(Operation("/v1/prices:quote", "get")["responses"]["default"]["$ref"], "#/components/responses/Error");
  const Json error = Document()["components"]["responses"]["Error"]["content"]["application/json"]["schema"];
  EXPECT_EQ(error["properties"]["error"]["required"], Json::parse(R"(["code","message","status","details"])"));
  const Json info = error["properties"]["error"]["properties"]["details"]["items"]["anyOf"][0];
  EXPECT_EQ(info["properties"]["@type"]["const"], "type.googleapis.com/google.rpc.ErrorInfo");
}

}  // namespace
}  // namespace lumbar::gateway
