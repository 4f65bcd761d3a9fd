#include "common/validation/validator.h"

#include <gmock/gmock.h>
#include <google/protobuf/timestamp.pb.h>
#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>

#include "common/status/matchers.h"
#include "common/validation/testing.h"

namespace lumbar::validation {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::vector<std::string> FieldsOf(const absl::Status& status) {
  google::rpc::BadRequest bad_request;
  const auto wire = ToRpcStatus(status);
  for (const auto& detail : wire.details()) detail.UnpackTo(&bad_request);
  std::vector<std::string> fields;
  for (const auto& violation : bad_request.field_violations()) fields.push_back(violation.field());
  return fields;
}

class ValidatorTest : public ::testing::Test {
 protected:
  // The status of a message M of `body`, in text format.
  absl::Status Check(const std::string& body, const std::string& text) {
    const std::vector<std::string> times = {"google/protobuf/timestamp.proto", "google/protobuf/duration.proto"};
    schema_ = std::make_unique<Schema>(body, times);
    auto validator = Validator::Create({schema_->type("M")}, clock_);
    if (!validator.ok()) return validator.status();
    return (*validator)->Validate(*schema_->Make("M", text));
  }
  // The same for one field `f` with `rules`.
  absl::Status CheckField(const std::string& type, const std::string& rules, const std::string& text) {
    return Check("message M { " + type + " f = 1 [" + rules + "]; }", text);
  }
  absl::Status CheckString(const std::string& rules, const std::string& value) {
    return CheckField("string", "(buf.validate.field).string = {" + rules + "}", "f: \"" + value + "\"");
  }

  FakeClock clock_{absl::FromUnixSeconds(1'000'000)};
  std::unique_ptr<Schema> schema_;
};

MATCHER(IsInvalid, "") {
  return ExplainMatchResult(FailsWith(absl::StatusCode::kInvalidArgument, "INVALID_FIELD"), arg, result_listener);
}
MATCHER_P(IsRefused, text, "") {
  return ExplainMatchResult(FailsWith(absl::StatusCode::kFailedPrecondition, "RULE_NOT_SUPPORTED"), arg,
                            result_listener) &&
         ExplainMatchResult(HasSubstr(text), std::string(arg.message()), result_listener);
}

TEST_F(ValidatorTest, SaysHowLongATextMustBe) {
  EXPECT_EQ(CheckString("min_len: 1", "").message(), "f: must not be empty");
  EXPECT_EQ(CheckString("max_len: 1", "ab").message(), "f: must be at most 1 character long");
  EXPECT_EQ(CheckString("min_len: 10", "short").message(), "f: must be at least 10 characters long");
  EXPECT_EQ(CheckString("len_bytes: 2", "a").message(), "f: must be exactly 2 bytes long");
}

TEST_F(ValidatorTest, CountsCodePointsNotBytes) {
  EXPECT_THAT(CheckString("max_len: 2", "\xC3\xA4\xE2\x82\xAC"), IsOk());
  EXPECT_THAT(CheckString("max_len: 2", "abc"), IsInvalid());
  EXPECT_THAT(CheckString("len: 2", "\xC3\xA4"), IsInvalid());
  EXPECT_THAT(CheckString("max_bytes: 2", "\xE2\x82\xAC"), IsInvalid());
  EXPECT_THAT(CheckString("len_bytes: 3, min_bytes: 3", "\xE2\x82\xAC"), IsOk());
}

TEST_F(ValidatorTest, RefusesTextThatIsNotUtf8) {
  Schema schema("message M { string f = 1 [(buf.validate.field).string.max_len = 9]; }");
  ASSERT_OK_AND_ASSIGN(const auto validator, Validator::Create({schema.type("M")}));
  auto message = schema.Make("M", "");
  message->GetReflection()->SetString(message.get(), schema.type("M")->field(0), "\xC3(");
  EXPECT_THAT(validator->Validate(*message), IsInvalid());
}

TEST_F(ValidatorTest, ChecksPartsOfText) {
  EXPECT_THAT(CheckString("prefix: 'ab', suffix: 'yz', contains: 'm', not_contains: 'q'", "ab m yz"), IsOk());
  EXPECT_THAT(CheckString("prefix: 'ab'", "b"), IsInvalid());
  EXPECT_THAT(CheckString("suffix: 'yz'", "y"), IsInvalid());
  EXPECT_THAT(CheckString("contains: 'm'", "n"), IsInvalid());
  EXPECT_THAT(CheckString("not_contains: 'm'", "m"), IsInvalid());
  EXPECT_THAT(CheckString("in: ['a', 'b']", "c"), IsInvalid());
  EXPECT_THAT(CheckString("not_in: ['a', 'b']", "a"), IsInvalid());
  EXPECT_THAT(CheckString("const: 'a'", "b"), IsInvalid());
}

TEST_F(ValidatorTest, KnowsEmailUuidAndHostName) {
  EXPECT_THAT(CheckString("email: true", "pat@example.com"), IsOk());
  EXPECT_THAT(CheckString("email: true", "pat@@example.com"), IsInvalid());
  EXPECT_THAT(CheckString("email: true", ""), IsInvalid());
  EXPECT_THAT(CheckString("uuid: true", "0b7f9c1e-5a0d-4b8e-9a3f-1c2d3e4f5a6b"), IsOk());
  EXPECT_THAT(CheckString("uuid: true", "0b7f9c1e-5a0d-4b8e-9a3f-1c2d3e4f5a6"), IsInvalid());
  EXPECT_THAT(CheckString("hostname: true", "a-b.example.com."), IsOk());
  EXPECT_THAT(CheckString("hostname: true", "10.0.0.1"), IsInvalid());
  EXPECT_THAT(CheckString("hostname: true", "a..b"), IsInvalid());
  EXPECT_THAT(CheckString("email: false", "anything"), IsOk());
}

TEST_F(ValidatorTest, MatchesAPatternAnywhereUnlessAnchored) {
  EXPECT_THAT(CheckString("pattern: '[0-9]{2}'", "a42b"), IsOk());
  EXPECT_THAT(CheckString("pattern: '^[0-9]{2}$'", "42\\n"), IsInvalid());
}

TEST_F(ValidatorTest, ComparesNumbers) {
  const auto check = [&](const std::string& type, const std::string& rules, const std::string& value) {
    return CheckField(type, "(buf.validate.field)." + type + " = {" + rules + "}", "f: " + value);
  };
  EXPECT_THAT(check("int32", "gte: -3, lt: 5", "-3"), IsOk());
  EXPECT_THAT(check("int32", "gte: -3, lt: 5", "5"), IsInvalid());
  EXPECT_THAT(check("uint64", "lte: 18446744073709551614", "18446744073709551615"), IsInvalid());
  EXPECT_THAT(check("sint64", "gt: 5, lt: -5", "6"), IsOk());
  EXPECT_THAT(check("sint64", "gt: 5, lt: -5", "0"), IsInvalid());
  EXPECT_THAT(check("double", "lt: 1", "nan"), IsInvalid());
  EXPECT_THAT(check("float", "finite: true", "inf"), IsInvalid());
  EXPECT_THAT(check("fixed32", "in: [1, 2]", "3"), IsInvalid());
  EXPECT_THAT(check("bool", "const: true", "false"), IsInvalid());
}

TEST_F(ValidatorTest, ChecksEnums) {
  const std::string body = "enum E { A = 0; B = 1; } message M { E f = 1 [(buf.validate.field).enum = {";
  EXPECT_THAT(Check(body + "defined_only: true}]; }", "f: B"), IsOk());
  EXPECT_THAT(Check(body + "defined_only: true}]; }", "f: 7"), IsInvalid());
  EXPECT_THAT(Check(body + "not_in: [0]}]; }", ""), IsInvalid());
}

TEST_F(ValidatorTest, ComparesTimes) {
  const std::string duration = "google.protobuf.Duration", timestamp = "google.protobuf.Timestamp";
  const std::string bounds = "(buf.validate.field).duration = {gte: {} lte: {seconds: 60}}";
  EXPECT_THAT(CheckField(duration, bounds, "f { seconds: 60 }"), IsOk());
  EXPECT_THAT(CheckField(duration, bounds, "f { seconds: 60 nanos: 1 }"), IsInvalid());
  EXPECT_THAT(CheckField(duration, bounds, "f { nanos: -1 }"), IsInvalid());
  EXPECT_THAT(CheckField(duration, bounds, ""), IsOk());
  EXPECT_THAT(CheckField(timestamp, "(buf.validate.field).timestamp.lt_now = true", "f { seconds: 1000001 }"),
              IsInvalid());
  EXPECT_THAT(CheckField(timestamp, "(buf.validate.field).timestamp.gt_now = true", "f { seconds: 1000001 }"), IsOk());
  EXPECT_THAT(CheckField(timestamp, "(buf.validate.field).timestamp.within = {seconds: 5}", "f { seconds: 999990 }"),
              IsInvalid());
  EXPECT_THAT(CheckField(timestamp, "(buf.validate.field).timestamp.gt = {seconds: 5}", "f { seconds: 5 }"),
              IsInvalid());
}

TEST_F(ValidatorTest, AppliesRulesToZeroValuesUnlessPresenceIsTracked) {
  EXPECT_THAT(CheckString("min_len: 1", ""), IsInvalid());
  EXPECT_THAT(CheckField("optional string", "(buf.validate.field).string.min_len = 1", ""), IsOk());
  EXPECT_THAT(CheckField("optional string", "(buf.validate.field).string.min_len = 1", "f: ''"), IsInvalid());
  EXPECT_THAT(CheckField("optional string", "(buf.validate.field).required = true", "f: ''"), IsOk());
  EXPECT_THAT(CheckField("string", "(buf.validate.field).required = true", "f: ''"), IsInvalid());
  EXPECT_THAT(CheckField("M", "(buf.validate.field).required = true", ""), IsInvalid());
  EXPECT_THAT(CheckField("repeated int32", "(buf.validate.field).required = true", ""), IsInvalid());
}

TEST_F(ValidatorTest, IgnoresWhatItIsToldTo) {
  const std::string rule = "(buf.validate.field).string.min_len = 2, (buf.validate.field).ignore = ";
  EXPECT_THAT(CheckField("string", rule + "IGNORE_IF_ZERO_VALUE", ""), IsOk());
  EXPECT_THAT(CheckField("string", rule + "IGNORE_IF_ZERO_VALUE", "f: 'a'"), IsInvalid());
  EXPECT_THAT(CheckField("string", rule + "IGNORE_ALWAYS, (buf.validate.field).required = true", ""), IsOk());
}

TEST_F(ValidatorTest, ChecksListsAndTheirItems) {
  const auto check = [&](const std::string& type, const std::string& rules, const std::string& text) {
    return CheckField("repeated " + type, "(buf.validate.field).repeated = {" + rules + "}", text);
  };
  EXPECT_THAT(check("int32", "min_items: 1", ""), IsInvalid());
  EXPECT_THAT(check("int32", "max_items: 1", "f: [1, 2]"), IsInvalid());
  EXPECT_THAT(check("string", "unique: true", "f: ['a', 'b', 'a']"), IsInvalid());
  EXPECT_THAT(check("double", "unique: true", "f: [nan, nan, 1]"), IsOk());
  EXPECT_THAT(FieldsOf(check("string", "items { string { min_len: 1 } }", "f: ['a', '']")), ElementsAre("f[1]"));
  EXPECT_THAT(check("string", "items { ignore: IGNORE_IF_ZERO_VALUE string { min_len: 2 } }", "f: ['ab', '']"), IsOk());
}

TEST_F(ValidatorTest, ChecksMapsWithoutShowingTheirKeys) {
  const auto check = [&](const std::string& rules, const std::string& text) {
    return CheckField("map<string, M>", "(buf.validate.field).map = {" + rules + "}", text);
  };
  EXPECT_THAT(check("min_pairs: 1", ""), IsInvalid());
  EXPECT_THAT(check("max_pairs: 1", "f { key: 'a' } f { key: 'b' }"), IsInvalid());
  const auto status = check("keys { string { max_len: 3 } }", "f { key: 'patient' value {} }");
  EXPECT_THAT(FieldsOf(status), ElementsAre("f[*]"));
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("patient")));
  EXPECT_THAT(Check("message M { map<int32, int32> f = 1 [(buf.validate.field).map.values.int32.gt = 0]; }",
                    "f { key: 1 value: 0 }"),
              IsInvalid());
}

TEST_F(ValidatorTest, WantsOneOfAChoice) {
  const std::string oneof =
      "message M { oneof kind { option (buf.validate.oneof).required = true; string a = 1; string b = 2; } }";
  EXPECT_THAT(FieldsOf(Check(oneof, "")), ElementsAre("kind"));
  EXPECT_THAT(Check(oneof, "a: ''"), IsOk());
  const std::string fields =
      "message M { option (buf.validate.message).oneof = {fields: ['a', 'b'] required: true}; "
      "string a = 1 [(buf.validate.field).string.min_len = 2]; string b = 2; }";
  EXPECT_THAT(Check(fields, "b: 'x'"), IsOk());
  EXPECT_THAT(Check(fields, ""), IsInvalid());
  EXPECT_THAT(Check(fields, "a: 'xx' b: 'x'"), IsInvalid());
}

TEST_F(ValidatorTest, NamesTheWholePath) {
  const std::string body =
      "message Leaf { string code = 1 [(buf.validate.field).required = true]; } "
      "message Branch { repeated Leaf leaves = 1; } message M { Branch branch = 1; }";
  EXPECT_THAT(FieldsOf(Check(body, "branch { leaves { code: 'a' } leaves {} }")), ElementsAre("branch.leaves[1].code"));
}

TEST_F(ValidatorTest, FollowsTypesThatContainThemselves) {
  const std::string body = "message M { M next = 1; string code = 2 [(buf.validate.field).string.max_len = 1]; }";
  EXPECT_THAT(FieldsOf(Check(body, "next { next { code: 'ab' } }")), ElementsAre("next.next.code"));
}

TEST_F(ValidatorTest, StopsAtADepthOfOneHundred) {
  const std::string body = "message M { M next = 1; string code = 2 [(buf.validate.field).string.max_len = 1]; }";
  std::string text;
  for (int i = 0; i < 99; ++i) text = "next {" + text + "}";
  EXPECT_THAT(Check(body, text), IsOk());
  EXPECT_THAT(Check(body, "next {" + text + "}"), IsInvalid());
}

TEST_F(ValidatorTest, ReportsAtMostTwentyViolations) {
  std::string text;
  for (int i = 0; i < 30; ++i) text += "f: ''";
  const auto status = CheckField("repeated string", "(buf.validate.field).repeated.items.string.min_len = 1", text);
  EXPECT_THAT(FieldsOf(status), SizeIs(20));
}

TEST_F(ValidatorTest, NeverRepeatsAValue) {
  const auto status = CheckString("email: true, max_len: 3, pattern: '^x$'", "lumbago");
  EXPECT_THAT(FieldsOf(status), ElementsAre("f", "f", "f"));
  EXPECT_THAT(ToRpcStatus(status).DebugString(), Not(HasSubstr("lumbago")));
}

TEST_F(ValidatorTest, RefusesRulesItCannotEvaluate) {
  EXPECT_THAT(CheckString("uri: true", ""), IsRefused("test.M.f: rule \"string\" can't be evaluated: rule \"uri\""));
  EXPECT_THAT(CheckString("well_known_regex: KNOWN_REGEX_HTTP_HEADER_NAME", ""), IsRefused("well_known_regex"));
  EXPECT_THAT(CheckString("pattern: '(?=a)'", ""), IsRefused("pattern"));
  EXPECT_THAT(CheckField("string", "(buf.validate.field).int32.gt = 1", ""), IsRefused("int32"));
  EXPECT_THAT(CheckField("repeated string", "(buf.validate.field).string.min_len = 1", ""), IsRefused("string"));
  EXPECT_THAT(CheckField("string", "(buf.validate.field).repeated.min_items = 1", ""), IsRefused("repeated"));
  EXPECT_THAT(CheckField("repeated M", "(buf.validate.field).repeated.unique = true", ""), IsRefused("unique"));
  EXPECT_THAT(CheckField("repeated string", "(buf.validate.field).repeated.items.required = true", ""),
              IsRefused("required"));
  EXPECT_THAT(CheckField("string", "(buf.validate.field).cel = {id: 'a' expression: 'true'}", ""), IsRefused("cel"));
  EXPECT_THAT(CheckField("string", "(buf.validate.field).cel_expression = 'true'", ""), IsRefused("cel_expression"));
  EXPECT_THAT(Check("message M { option (buf.validate.message).cel = {id: 'a' expression: 'true'}; }", ""),
              IsRefused("cel"));
}

TEST_F(ValidatorTest, RefusesRulesNewerThanItself) {
  Schema schema("message M { string f = 1; }");
  google::protobuf::FileDescriptorProto file;
  schema.file()->CopyTo(&file);
  auto* rules =
      file.mutable_message_type(0)->mutable_field(0)->mutable_options()->MutableExtension(buf::validate::field);
  auto* text = rules->mutable_string();
  text->GetReflection()->MutableUnknownFields(text)->AddVarint(999, 1);
  google::protobuf::DescriptorPool pool(google::protobuf::DescriptorPool::generated_pool());
  EXPECT_THAT(Validator::Create({pool.BuildFile(file)->message_type(0)}).status(), IsRefused("test.M.f"));
}

TEST_F(ValidatorTest, LooksForRefusalsInNestedTypes) {
  EXPECT_THAT(
      Check("message N { string f = 1 [(buf.validate.field).string.ip = true]; } message M { repeated N n = 1; }", ""),
      IsRefused("test.N.f"));
}

TEST_F(ValidatorTest, DoesNotAnswerForATypeItDoesNotKnow) {
  ASSERT_OK_AND_ASSIGN(const auto validator, Validator::Create({}));
  EXPECT_THAT(validator->Validate(google::protobuf::Timestamp()),
              FailsWith(absl::StatusCode::kInternal, "NO_VALIDATION_PLAN"));
}

}  // namespace
}  // namespace lumbar::validation
