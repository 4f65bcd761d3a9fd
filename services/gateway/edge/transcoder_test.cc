#include "services/gateway/edge/transcoder.h"

#include <absl/strings/str_split.h>
#include <gmock/gmock.h>
#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "common/status/errors.h"
#include "common/status/matchers.h"
#include "services/gateway/edge/testing.h"

namespace lumbar::gateway {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::json;

class TranscoderTest : public ::testing::Test {
 protected:
  template <typename Request>
  absl::StatusOr<Request> Encode(absl::string_view http_method, absl::string_view target, absl::string_view body = "") {
    const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(target, absl::MaxSplits('?', 1));
    auto match = table_.Find(http_method, parts.first);
    if (!match.ok()) return match.status();
    auto bytes = EncodeRequest(*match->route, match->bindings, parts.second, body);
    if (!bytes.ok()) return bytes.status();
    Request request;
    EXPECT_TRUE(request.ParseFromString(*bytes));
    return request;
  }

  absl::StatusOr<triage::v1::AssessRequest> Assess(absl::string_view body) {
    return Encode<triage::v1::AssessRequest>("POST", "/v1/triage:assess", body);
  }

  const RouteTable table_ = *RouteTable::Build(AllServices());
};

// The field of the first BadRequest violation.
template <typename T>
std::string FieldOf(const absl::StatusOr<T>& result) {
  google::rpc::BadRequest violations;
  const google::rpc::Status wire = ToRpcStatus(result.status());
  for (const auto& detail : wire.details()) {
    if (detail.UnpackTo(&violations)) return violations.field_violations(0).field();
  }
  return "";
}

TEST_F(TranscoderTest, ReadsTheBodyAsTheWholeRequest) {
  ASSERT_OK_AND_ASSIGN(const auto request, Assess(R"({"presentation": {"ageYears": 44, "sex": "SEX_FEMALE",
      "findings": [{"code": "saddle_numbness", "presence": "PRESENCE_PRESENT"}]}, "sign": true})"));
  EXPECT_EQ(request.presentation().age_years(), 44u);
  EXPECT_EQ(request.presentation().sex(), triage::v1::SEX_FEMALE);
  EXPECT_EQ(request.presentation().findings(0).presence(), triage::v1::PRESENCE_PRESENT);
  EXPECT_TRUE(request.sign());
}

TEST_F(TranscoderTest, ReadsTimesAndBothSpellingsOfAName) {
  ASSERT_OK_AND_ASSIGN(const auto request,
                       Encode<booking::v1::SearchSlotsRequest>(
                           "POST", "/v1/slots:search", R"({"start_time": "2026-01-02T03:04:05Z", "pageSize": "7"})"));
  EXPECT_EQ(request.start_time().seconds(), 1767323045);
  EXPECT_EQ(request.page_size(), 7);
}

TEST_F(TranscoderTest, LetsThePathWinOverTheBody) {
  ASSERT_OK_AND_ASSIGN(const auto request,
                       Encode<booking::v1::ConfirmHoldRequest>("POST", "/v1/holds/7:confirm",
                                                               R"({"name": "holds/8", "requestId": "r"})"));
  EXPECT_EQ(request.name(), "holds/7");
  EXPECT_EQ(request.request_id(), "r");
}

TEST_F(TranscoderTest, BindsTheQueryByFieldPath) {
  ASSERT_OK_AND_ASSIGN(const auto list, Encode<content::v1::ListArticlesRequest>(
                                            "GET", "/v1/articles?page_size=5&causes=a&causes=b%26c&topic=low+back"));
  EXPECT_EQ(list.page_size(), 5);
  EXPECT_EQ(list.topic(), "low back");
  EXPECT_THAT(list.causes(), ElementsAre("a", "b&c"));
  ASSERT_OK_AND_ASSIGN(const auto messages, Encode<notification::v1::ListMessagesRequest>(
                                                "GET", "/v1/messages?state=MESSAGE_STATE_SENT&pageSize=1"));
  EXPECT_EQ(messages.state(), notification::v1::MESSAGE_STATE_SENT);
  ASSERT_OK_AND_ASSIGN(const auto quote,
                       Encode<booking::v1::QuotePriceRequest>("GET", "/v1/prices:quote?insured=true"));
  EXPECT_TRUE(quote.insured());
}

TEST_F(TranscoderTest, TakesPatientDataFromABodyAndNeverFromAUrl) {
  const auto refused = Encode<consult::v1::ListConsultsRequest>("GET", "/v1/consults?patient=patients/17");
  EXPECT_THAT(refused, FailsWith(absl::StatusCode::kInvalidArgument, "INVALID_FIELD"));
  EXPECT_EQ(FieldOf(refused), "patient");
  ASSERT_OK_AND_ASSIGN(const auto list, Encode<consult::v1::ListConsultsRequest>("POST", "/v1/consults:search",
                                                                                 R"({"patient": "patients/17"})"));
  EXPECT_EQ(list.patient(), "patients/17");
}

TEST_F(TranscoderTest, NamesTheFieldAtFaultAndNeverItsValue) {
  const std::vector<std::pair<const char*, const char*>> cases = {
      {R"({"presentation": {"ageYears": "SECRET"}})", "presentation.age_years"},
      {R"({"presentation": {"ageYears": -1}})", "presentation.age_years"},
      {R"({"presentation": {"ageYears": 1.5}})", "presentation.age_years"},
      {R"({"presentation": {"ageYears": {"SECRET": 1}}})", "presentation.age_years"},
      {R"({"presentation": {"ageYears": [1]}})", "presentation.ageYears"},
      {R"({"presentation": {"sex": "SECRET"}})", "presentation.sex"},
      {R"({"presentation": {"findings": [{"code": "a"}, {"code": 5}]}})", "presentation.findings[1].code"},
      {R"({"presentation": {"findings": [{"colour": "SECRET"}]}})", "presentation.findings[0].colour"},
      {R"({"presentation": "SECRET"})", "presentation"},
      {R"({"unknown": "SECRET"})", "unknown"},
      {R"({"sign": 1})", "sign"},
  };
  for (const auto& [body, field] : cases) {
    const auto result = Assess(body);
    EXPECT_THAT(result, FailsWith(absl::StatusCode::kInvalidArgument, "INVALID_FIELD")) << body;
    EXPECT_EQ(FieldOf(result), field) << body;
    EXPECT_THAT(ToRpcStatus(result.status()).DebugString(), Not(HasSubstr("SECRET"))) << body;
  }
}

TEST_F(TranscoderTest, SaysWhatAValueMustBe) {
  const std::vector<std::pair<const char*, const char*>> cases = {
      {R"({"presentation": {"ageYears": "x"}})",
       "presentation.age_years: must be a whole number of at least 0 that fits into 32 bits"},
      {R"({"presentation": {"sex": "X"}})", "presentation.sex: must be one of SEX_FEMALE, SEX_MALE"},
      {R"({"presentation": {"findings": [{"code": 5}]}})", "presentation.findings[0].code: must be a text"},
      {R"({"sign": 1})", "sign: must be true or false"},
      {R"({"presentation": "x"})", "presentation: the value doesn't fit the field's type"},
  };
  for (const auto& [body, message] : cases) EXPECT_EQ(Assess(body).status().message(), message);
  const auto times =
      Encode<consult::v1::ChooseSlotRequest>("POST", "/v1/consults/x:chooseSlot", R"({"startTime": "noon"})");
  EXPECT_EQ(times.status().message(), "start_time: must be a time with its zone, like 2026-11-24T09:30:00Z");
  const auto size = Encode<content::v1::ListArticlesRequest>("GET", "/v1/articles?page_size=x");
  EXPECT_EQ(size.status().message(), "page_size: must be a whole number that fits into 32 bits");
}

TEST_F(TranscoderTest, NamesTheParameterAtFault) {
  const std::vector<std::pair<const char*, const char*>> cases = {
      {"/v1/articles?colour=x", "colour"},
      {"/v1/articles?page_size=x", "page_size"},
      {"/v1/articles?page_size.a=1", "page_size"},
      {"/v1/articles?topic=a&topic=b", "topic"},
      {"/v1/articles?topic=a&topic.b=c", "topic.b"},
      {"/v1/articles/x?name=articles/y", "name"},
      {"/v1/articles?a.b.c.d.e.f.g.h.i=1", "a.b.c.d.e.f.g.h.i"},
  };
  for (const auto& [target, field] : cases) {
    const auto result = Encode<content::v1::ListArticlesRequest>("GET", target);
    EXPECT_THAT(result, FailsWith(absl::StatusCode::kInvalidArgument, "INVALID_FIELD")) << target;
    EXPECT_EQ(FieldOf(result), field) << target;
  }
  EXPECT_EQ(FieldOf(Encode<triage::v1::AssessRequest>("POST", "/v1/triage:assess?sign=true", "{}")), "sign");
}

TEST_F(TranscoderTest, CutsAndCleansHostileNames) {
  const std::string name = std::string(127, 'x') + "\xc3\xa9<script>";
  EXPECT_EQ(FieldOf(Assess(absl::StrCat("{\"", name, "\": 1}"))), std::string(127, 'x') + "?");
}

TEST_F(TranscoderTest, RefusesHostileQueries) {
  std::string many = "/v1/articles?";
  for (int i = 0; i < 101; ++i) absl::StrAppend(&many, "causes=a&");
  for (const std::string& target : {many, std::string("/v1/articles?topic=%"), std::string("/v1/articles?topic=%FF")}) {
    EXPECT_THAT(Encode<content::v1::ListArticlesRequest>("GET", target),
                FailsWith(absl::StatusCode::kInvalidArgument, "MALFORMED_REQUEST"));
  }
  EXPECT_THAT(Encode<content::v1::ListArticlesRequest>("GET", "/v1/articles?=x"),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(TranscoderTest, RefusesJsonThatIsNotARequest) {
  for (const char* body : {"[]", "5", "null", "\"x\"", "{", "{\"sign\":true,\"sign\":false}"}) {
    EXPECT_THAT(Assess(body), FailsWith(absl::StatusCode::kInvalidArgument, "MALFORMED_JSON")) << body;
  }
  const std::string bomb = "{\"presentation\":" + std::string(200000, '[') + std::string(200000, ']') + "}";
  EXPECT_THAT(Assess(bomb), FailsWith(absl::StatusCode::kInvalidArgument, "MALFORMED_JSON"));
}

TEST_F(TranscoderTest, TakesABodyOnlyWhereTheContractHasOne) {
  EXPECT_THAT(Encode<content::v1::ListArticlesRequest>("GET", "/v1/articles", "{}"),
              FailsWith(absl::StatusCode::kInvalidArgument, "BODY_NOT_WANTED"));
  EXPECT_THAT(Assess(""), IsOk());
}

TEST_F(TranscoderTest, WritesTheResponseBodyInCanonicalJson) {
  booking::v1::GetAppointmentResponse response;
  response.mutable_appointment()->set_name("appointments/1");
  response.mutable_appointment()->set_version(5);
  response.mutable_appointment()->mutable_create_time()->set_seconds(1767323045);
  ASSERT_OK_AND_ASSIGN(const auto match, table_.Find("GET", "/v1/appointments/1"));
  ASSERT_OK_AND_ASSIGN(const std::string json, DecodeResponse(*match.route, response.SerializeAsString()));
  EXPECT_EQ(Json::parse(json),
            Json({{"name", "appointments/1"}, {"version", "5"}, {"createTime", "2026-01-02T03:04:05Z"}}));
  EXPECT_THAT(DecodeResponse(*match.route, ""), IsOkAndHolds("{}"));
  EXPECT_THAT(DecodeResponse(*match.route, "\xff\xff"), StatusIs(absl::StatusCode::kInternal));
}

TEST_F(TranscoderTest, WritesTheWholeResponseWhereNoFieldIsNamed) {
  content::v1::ListArticlesResponse response;
  response.add_articles()->set_name("articles/sciatica");
  ASSERT_OK_AND_ASSIGN(const auto match, table_.Find("GET", "/v1/articles"));
  ASSERT_OK_AND_ASSIGN(const std::string json, DecodeResponse(*match.route, response.SerializeAsString()));
  EXPECT_EQ(Json::parse(json), Json({{"articles", Json::array({{{"name", "articles/sciatica"}}})}}));
}

}  // namespace
}  // namespace lumbar::gateway
