#include "services/gateway/edge/rest_dialect.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <sstream>

#include "common/status/errors.h"
#include "common/status/matchers.h"
#include "common/telemetry/log.h"
#include "services/gateway/edge/edge_handler_fixture.h"
#include "services/gateway/edge/errors.h"

namespace lumbar::gateway {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;
using ::testing::StartsWith;
using Json = nlohmann::json;

constexpr absl::string_view kTraceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

class RestDialectTest : public EdgeHandlerTest {};

std::string ReasonIn(const HttpAnswer& answer) {
  const Json body = Json::parse(answer.body());
  for (const auto& detail : body["error"]["details"]) {
    if (detail.contains("reason")) return detail["reason"];
  }
  return "";
}

TEST_F(RestDialectTest, PassesACallbackOnAsItCameAndAnswersInTheProvidersForm) {
  notification::v1::ReceiveCallbackResponse response;
  response.mutable_answer()->set_content_type("text/xml");
  response.mutable_answer()->set_data("<Response/>");
  upstream_.AnswerWith(response.SerializeAsString());
  HttpRequest request =
      Request(http::verb::post, "/v1/providers/twilio:status?message=1%2B1", "MessageSid=SM1&Body=%F0");
  request.set(http::field::content_type, "application/x-www-form-urlencoded");
  request.set("X-Twilio-Signature", "c2lnbmVk");
  const HttpAnswer answer = Answer(request);
  EXPECT_EQ(answer.result_int(), 200u);
  EXPECT_EQ(answer[http::field::content_type], "text/xml");
  EXPECT_EQ(answer.count(http::field::content_disposition), 0u);
  EXPECT_EQ(answer.body(), "<Response/>");

  const auto sent = [&] {
    notification::v1::ReceiveCallbackRequest parsed;
    EXPECT_TRUE(parsed.ParseFromString(upstream_.calls().back().request));
    return parsed;
  };
  const notification::v1::ReceiveCallbackRequest first = sent();
  EXPECT_EQ(first.provider(), "twilio");
  EXPECT_EQ(first.target(), "/v1/providers/twilio:status?message=1%2B1");
  EXPECT_EQ(first.signature(), "c2lnbmVk");
  EXPECT_EQ(first.body().content_type(), "application/x-www-form-urlencoded");
  EXPECT_EQ(first.body().data(), "MessageSid=SM1&Body=%F0");
  Answer(request);
  EXPECT_EQ(sent().request_id(), first.request_id()) << "the same for the same callback";
  request.body() = "MessageSid=SM2";
  Answer(request);
  EXPECT_NE(sent().request_id(), first.request_id());
}

TEST_F(RestDialectTest, CallsTheServiceBehindTheRoute) {
  triage::v1::AssessResponse response;
  response.mutable_assessment()->set_level(triage::v1::LEVEL_SELF_CARE);
  upstream_.AnswerWith(response.SerializeAsString());
  const HttpAnswer answer = Answer(Request(http::verb::post, "/v1/triage:assess", R"({"sign": true})"));
  EXPECT_EQ(answer.result_int(), 200u);
  EXPECT_EQ(answer[http::field::content_type], "application/json");
  EXPECT_EQ(Json::parse(answer.body()), Json({{"level", "LEVEL_SELF_CARE"}}));
  const auto calls = upstream_.calls();
  ASSERT_EQ(calls.size(), 1u);
  EXPECT_EQ(calls[0].method, "/lumbar.triage.v1.TriageService/Assess");
  EXPECT_EQ(calls[0].time_left, absl::Seconds(10));
  triage::v1::AssessRequest request;
  ASSERT_TRUE(request.ParseFromString(calls[0].request));
  EXPECT_TRUE(request.sign());
}

TEST_F(RestDialectTest, PassesOnOnlyTheListedHeaders) {
  HttpRequest request = Request(http::verb::get, "/v1/protocols");
  request.set(http::field::authorization, "Bearer t");
  request.set("traceparent", View(kTraceparent));
  request.set("X-Request-Id", "client-7");
  request.set("x-forwarded-for", "10.0.0.1");
  request.set("grpc-timeout", "1H");
  const HttpAnswer answer = Answer(request);
  EXPECT_EQ(answer["X-Request-Id"], "client-7");
  EXPECT_THAT(
      upstream_.calls()[0].metadata,
      ElementsAre(Pair("traceparent", AllOf(StartsWith("00-0af7651916cd43dd8448eb211c80319c-"), Not(kTraceparent))),
                  Pair("x-request-id", "client-7"), Pair("authorization", "Bearer t")));
}

TEST_F(RestDialectTest, MakesIdsWhereTheClientSentNoneOrBadOnes) {
  HttpRequest request = Request(http::verb::get, "/v1/protocols");
  request.set("X-Request-Id", "a b\"c");
  request.set("traceparent", "00-zz");
  const HttpAnswer answer = Answer(request);
  EXPECT_EQ(answer["X-Request-Id"].size(), 32u);
  EXPECT_THAT(upstream_.calls()[0].metadata, Contains(Pair("x-request-id", std::string(View(answer["X-Request-Id"])))));
}

TEST_F(RestDialectTest, RefusesAnAuthorizationThatMetadataCannotCarry) {
  HttpRequest request = Request(http::verb::get, "/v1/protocols");
  request.set(http::field::authorization, "Bearer \xc3\xa9");
  EXPECT_EQ(ReasonIn(Answer(request)), "MALFORMED_REQUEST");
  request.set(http::field::authorization, "Bearer a");
  request.insert(http::field::authorization, "Bearer b");
  EXPECT_EQ(ReasonIn(Answer(request)), "MALFORMED_REQUEST");
  EXPECT_THAT(upstream_.calls(), IsEmpty());
}

TEST_F(RestDialectTest, WritesAFailureOfTheServiceWithItsDetails) {
  upstream_.AnswerWith(WithRetryDelay(
      WithViolation(WithReason(absl::AlreadyExistsError("taken"), "SLOT_TAKEN"), "start_time", "is taken"),
      absl::Milliseconds(1500)));
  const HttpAnswer answer = Answer(Request(http::verb::post, "/v1/holds", "{}"));
  EXPECT_EQ(answer.result_int(), 409u);
  EXPECT_EQ(answer[http::field::retry_after], "2");
  const Json error = Json::parse(answer.body())["error"];
  EXPECT_EQ(error["code"], 409);
  EXPECT_EQ(error["status"], "ALREADY_EXISTS");
  EXPECT_EQ(error["message"], "taken");
  EXPECT_THAT(error["details"], Contains(Json({{"@type", "type.googleapis.com/google.rpc.ErrorInfo"},
                                               {"reason", "SLOT_TAKEN"},
                                               {"domain", "lumbar"}})));
  EXPECT_THAT(error["details"],
              Contains(Json({{"@type", "type.googleapis.com/google.rpc.BadRequest"},
                             {"fieldViolations", {{{"field", "start_time"}, {"description", "is taken"}}}}})));
  EXPECT_THAT(error["details"],
              Contains(Json({{"@type", "type.googleapis.com/google.rpc.RetryInfo"}, {"retryDelay", "1.500s"}})));
}

TEST_F(RestDialectTest, TellsUnknownPathsFromWrongMethodsAndPlannedOnes) {
  EXPECT_EQ(Get("/v1/nothing").result_int(), 404u);
  const HttpAnswer wrong = Answer(Request(http::verb::delete_, "/v1/articles"));
  EXPECT_EQ(wrong.result_int(), 405u);
  EXPECT_EQ(wrong[http::field::allow], "GET, POST, HEAD");
  EXPECT_EQ(Answer(Request(http::verb::post, "/healthz"))[http::field::allow], "GET, HEAD");
  const HttpAnswer planned = Answer(Request(http::verb::post, "/v1/messages", "{}"));
  EXPECT_EQ(planned.result_int(), 501u);
  EXPECT_EQ(ReasonIn(planned), "NOT_SERVED_YET");
  EXPECT_THAT(upstream_.calls(), IsEmpty());
}

TEST_F(RestDialectTest, TakesJsonOnly) {
  for (const char* type : {"text/plain", "application/x-www-form-urlencoded", "", "application/jsonx"}) {
    HttpRequest request = Request(http::verb::post, "/v1/holds", "{}");
    request.set(http::field::content_type, type);
    EXPECT_EQ(Answer(request).result_int(), 415u) << type;
  }
  HttpRequest packed = Request(http::verb::post, "/v1/holds", "{}");
  packed.set(http::field::content_encoding, "gzip");
  EXPECT_EQ(Answer(packed).result_int(), 415u);
}

TEST_F(RestDialectTest, KeepsTheClientsTimeoutWithinTheLimit) {
  HttpRequest request = Request(http::verb::get, "/v1/protocols");
  request.set("X-Request-Timeout", "2.5");
  Answer(request);
  request.set("X-Request-Timeout", "1e9");
  Answer(request);
  EXPECT_EQ(upstream_.calls()[0].time_left, absl::Milliseconds(2500));
  EXPECT_EQ(upstream_.calls()[1].time_left, absl::Seconds(60));
  for (const char* wrong : {"0", "-1", "nan", "soon", ""}) {
    request.set("X-Request-Timeout", wrong);
    EXPECT_EQ(ReasonIn(Answer(request)), "INVALID_FIELD") << wrong;
  }
}

TEST_F(RestDialectTest, StreamsEventsAndEndsThemWithTheFailure) {
  booking::v1::WatchAppointmentsResponse message;
  message.set_resume_token("7");
  HttpRequest request = Request(http::verb::get, "/v1/appointments:watch?resume_token=5");
  request.set("Last-Event-ID", "6");
  const HttpAnswer head = Stream(request, message);
  booking::v1::WatchAppointmentsRequest asked;
  ASSERT_TRUE(asked.ParseFromString(upstream_.calls().back().request));
  EXPECT_EQ(asked.resume_token(), "6");
  EXPECT_EQ(head.result_int(), 200u);
  EXPECT_EQ(head[http::field::content_type], "text/event-stream");
  EXPECT_GT(upstream_.calls().back().time_left, rpc::kLongestStream) << "or the service couldn't say that it ended";
  EXPECT_EQ(Piece(), "id: 7\ndata: {\"resumeToken\":\"7\"}\n\n");
  upstream_.FinishStream(WithReason(absl::UnavailableError("ended"), "STREAM_ENDED"));
  EXPECT_THAT(Piece().value_or(""), AllOf(StartsWith("event: error\ndata: {\"error\":"), HasSubstr("STREAM_ENDED")));
  EXPECT_EQ(Piece(), std::nullopt);
  EXPECT_THAT(log_.str(), HasSubstr("\"reason\":\"STREAM_ENDED\""));
}

TEST_F(RestDialectTest, RefusesAPlaceThatIsNoText) {
  HttpRequest request = Request(http::verb::get, "/v1/appointments:watch");
  request.set("Last-Event-ID", "\xff");
  EXPECT_EQ(ReasonIn(Answer(request)), "MALFORMED_REQUEST");
}

TEST_F(RestDialectTest, AnswersAStreamThatFailsAtOnceAsAnyCall) {
  HttpAnswer answer;
  handler_.Handle(Request(http::verb::get, "/v1/appointments:watch"), Visitor(),
                  [&](HttpAnswer given, const std::shared_ptr<BodySource>&) { answer = std::move(given); });
  upstream_.FinishStream(WithReason(absl::UnauthenticatedError("no token"), "TOKEN_MISSING"));
  EXPECT_EQ(answer.result_int(), 401u);
  EXPECT_EQ(ReasonIn(answer), "TOKEN_MISSING");
}

TEST_F(RestDialectTest, ReadsNoBodyOfARequestForWhichThereIsNoRoom) {
  upstream_.RefuseUnread(TooBusy(absl::Milliseconds(2500)));
  const HttpAnswer answer = Answer(Request(http::verb::post, "/v1/triage:assess", "no JSON"));
  EXPECT_EQ(answer.result_int(), 503u);
  EXPECT_EQ(answer[http::field::retry_after], "3");
  EXPECT_EQ(ReasonIn(answer), "TOO_BUSY");
  EXPECT_EQ(Json::parse(answer.body())["error"]["status"], "RESOURCE_EXHAUSTED");
  EXPECT_EQ(Get("/healthz").result_int(), 200u);
}

TEST_F(RestDialectTest, TellsItsHealthAndWhatIsHere) {
  EXPECT_EQ(Get("/healthz").body(), R"({"status":"serving"})");
  is_ready_ = false;
  EXPECT_EQ(Get("/healthz").result_int(), 503u);
  EXPECT_THAT(Get("/?x=y").body(), AllOf(HasSubstr("POST /v1/holds"), HasSubstr("GET /v1/consults:watch")));
}

TEST_F(RestDialectTest, RefusesRequestsThatAreNotWellFormed) {
  HttpRequest request = Request(http::verb::get, "/healthz");
  request.erase(http::field::host);
  EXPECT_EQ(Answer(request).result_int(), 400u);
  EXPECT_EQ(Get("http://x/healthz").result_int(), 400u);
  request.version(30);
  EXPECT_EQ(Answer(request).result_int(), 400u);
}

TEST_F(RestDialectTest, ForbidsBrowsersToGuessAndCachesToKeep) {
  const HttpAnswer mine = Get("/v1/appointments/1");
  EXPECT_EQ(mine[http::field::cache_control], "no-store");
  EXPECT_EQ(mine["X-Content-Type-Options"], "nosniff");
  EXPECT_THAT(std::string(View(mine["Content-Security-Policy"])), HasSubstr("default-src 'none'"));
  EXPECT_EQ(Get("/v1/articles/sciatica")[http::field::cache_control], "no-cache");
  upstream_.AnswerWith(absl::NotFoundError("gone"));
  EXPECT_EQ(Get("/v1/articles/sciatica")[http::field::cache_control], "no-store");
}

TEST_F(RestDialectTest, SendsABodyThatTheClientHasOnlyOnce) {
  content::v1::GetArticleResponse response;
  response.mutable_article()->set_title("Old");
  upstream_.AnswerWith(response.SerializeAsString());
  const std::string etag(View(Get("/v1/articles/sciatica")[http::field::etag]));
  EXPECT_EQ(etag.size(), 34u);
  const auto ask = [&](const std::string& header) {
    HttpRequest request = Request(http::verb::get, "/v1/articles/sciatica");
    request.set(http::field::if_none_match, header);
    return Answer(request);
  };
  for (const std::string& header : {etag, "W/" + etag, "\"x\", " + etag, std::string("*")}) {
    const HttpAnswer kept = ask(header);
    EXPECT_EQ(kept.result_int(), 304u) << header;
    EXPECT_EQ(kept.body(), "");
    EXPECT_EQ(kept[http::field::etag], etag);
    EXPECT_EQ(kept[http::field::cache_control], "no-cache");
  }
  EXPECT_EQ(ask("\"x\"").result_int(), 200u);
  response.mutable_article()->set_title("New");
  upstream_.AnswerWith(response.SerializeAsString());
  EXPECT_EQ(ask(etag).result_int(), 200u);
  upstream_.AnswerWith(absl::NotFoundError("retracted"));
  EXPECT_EQ(ask(etag).result_int(), 404u);
}

TEST_F(RestDialectTest, TagsNothingThatIsNotForEverybody) {
  EXPECT_EQ(Get("/v1/appointments/1").count(http::field::etag), 0u);
}

TEST_F(RestDialectTest, ServesAFileAsItIsForItsReaderAlone) {
  booking::v1::DownloadCalendarFileResponse response;
  response.mutable_file()->set_content_type("text/calendar; charset=utf-8; method=REQUEST");
  response.mutable_file()->set_data("BEGIN:VCALENDAR\r\n\xff");
  upstream_.AnswerWith(response.SerializeAsString());
  const HttpAnswer file = Get("/v1/appointments/1/calendar.ics?token=SECRET");
  EXPECT_EQ(file.result_int(), 200u);
  EXPECT_EQ(file.body(), response.file().data());
  EXPECT_EQ(file[http::field::content_type], "text/calendar; charset=utf-8; method=REQUEST");
  EXPECT_EQ(file[http::field::content_disposition], "attachment; filename=\"calendar.ics\"");
  EXPECT_EQ(file[http::field::cache_control], "private, no-cache");
  booking::v1::DownloadCalendarFileRequest request;
  ASSERT_TRUE(request.ParseFromString(upstream_.calls()[0].request));
  EXPECT_EQ(request.name(), "appointments/1");
  EXPECT_EQ(request.token(), "SECRET");

  upstream_.AnswerWith(WithReason(absl::PermissionDeniedError("no"), "CALENDAR_LINK_INVALID"));
  const HttpAnswer refused = Get("/v1/appointments/1/calendar.ics?token=SECRET");
  EXPECT_EQ(refused.result_int(), 403u);
  EXPECT_EQ(ReasonIn(refused), "CALENDAR_LINK_INVALID");
  EXPECT_EQ(refused[http::field::content_type], "application/json");
  EXPECT_EQ(refused[http::field::cache_control], "no-store");
  EXPECT_THAT(log_.str(), Not(HasSubstr("SECRET")));

  response.mutable_file()->set_content_type("text/plain\r\nX-Evil: 1");
  upstream_.AnswerWith(response.SerializeAsString());
  EXPECT_EQ(Get("/v1/appointments/1/calendar.ics").result_int(), 500u);
}

TEST_F(RestDialectTest, ShowsAPublicFileToEverybodyAndTagsIt) {
  content::v1::GetJsonLdResponse response;
  response.mutable_document()->set_content_type("application/ld+json");
  response.mutable_document()->set_data("{}");
  upstream_.AnswerWith(response.SerializeAsString());
  const HttpAnswer document = Get("/v1/articles/sciatica:jsonLd");
  EXPECT_EQ(document.result_int(), 200u);
  EXPECT_EQ(document.body(), "{}");
  EXPECT_EQ(document[http::field::content_type], "application/ld+json");
  EXPECT_EQ(document.count(http::field::content_disposition), 0u);
  EXPECT_EQ(document[http::field::cache_control], "no-cache");
  content::v1::GetJsonLdRequest request;
  ASSERT_TRUE(request.ParseFromString(upstream_.calls()[0].request));
  EXPECT_EQ(request.name(), "articles/sciatica");

  HttpRequest again = Request(http::verb::get, "/v1/articles/sciatica:jsonLd");
  again.set(http::field::if_none_match, document[http::field::etag]);
  const HttpAnswer kept = Answer(again);
  EXPECT_EQ(kept.result_int(), 304u);
  EXPECT_EQ(kept.body(), "");
}

TEST_F(RestDialectTest, LogsAndCountsByTemplateAndNeverByPath) {
  upstream_.AnswerWith(WithReason(absl::NotFoundError("SECRET"), "APPOINTMENT_NOT_FOUND"));
  Get("/v1/appointments/SECRET");
  Get("/v1/appointments?patient=SECRET");
  Get("/SECRET/SECRET");
  HttpRequest odd = Request(http::verb::get, "/v1/protocols");
  odd.method_string("SECRET");
  Answer(odd);
  EXPECT_THAT(log_.str(), AllOf(HasSubstr(R"("route":"/v1/{name=appointments/*}")"), HasSubstr("APPOINTMENT_NOT_FOUND"),
                                HasSubstr(R"("code":404)"), Not(HasSubstr("SECRET"))));
  const std::string metrics = prometheus::TextSerializer().Serialize(registry_->Collect());
  EXPECT_THAT(metrics, AllOf(HasSubstr("/v1/{name=appointments/*}"), Not(HasSubstr("SECRET"))));
}

}  // namespace
}  // namespace lumbar::gateway
