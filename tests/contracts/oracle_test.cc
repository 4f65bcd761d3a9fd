// Our validator against protovalidate (npm @bufbuild/protovalidate, run by oracle.mjs), over messages made from the
// descriptors: both must agree on each message and on each field at fault.
#include <absl/strings/escaping.h>
#include <gmock/gmock.h>
#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <set>

#include "common/status/matchers.h"
#include "common/validation/testing.h"
#include "source_dir.h"
#include "tests/contracts/cases.h"
#include "tests/contracts/contract_set.h"

namespace lumbar::contracts {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::Message;
using validation::Validator;

struct Verdict {
  bool valid;
  std::set<std::string> fields;
  // Whether there may be more fields at fault than are listed.
  bool cut_off = false;
};

bool Agree(const Verdict& ours, const Verdict& theirs) {
  if (ours.cut_off)
    return std::includes(theirs.fields.begin(), theirs.fields.end(), ours.fields.begin(), ours.fields.end());
  return ours.valid == theirs.valid && ours.fields == theirs.fields;
}

std::ostream& operator<<(std::ostream& out, const Verdict& verdict) {
  out << (verdict.valid ? "valid" : "invalid:");
  for (const auto& field : verdict.fields) out << " " << field;
  return out;
}

Verdict OursOn(const Message& message, const Validator& validator) {
  const auto status = validator.Validate(message);
  google::rpc::BadRequest bad_request;
  const auto wire = ToRpcStatus(status);
  for (const auto& detail : wire.details()) detail.UnpackTo(&bad_request);
  Verdict verdict{status.ok(), {}};
  for (const auto& violation : bad_request.field_violations()) verdict.fields.insert(violation.field());
  verdict.cut_off = bad_request.field_violations_size() == 20;
  return verdict;
}

class OracleTest : public ::testing::Test {
 protected:
  OracleTest() : folder_(std::filesystem::temp_directory_path() / ("lumbar-oracle-" + std::to_string(getpid()))) {
    std::filesystem::create_directories(folder_);
  }
  ~OracleTest() override { std::filesystem::remove_all(folder_); }

  // What the oracle says of each message, in order.
  std::vector<Verdict> TheirsOn(const Messages& cases, const std::string& descriptors) {
    const auto path = (folder_ / "cases").string();
    std::ofstream file(path);
    for (const auto& message : cases) {
      file << message->GetDescriptor()->full_name() << " " << absl::Base64Escape(message->SerializeAsString()) << "\n";
    }
    file.close();
    const auto command =
        absl::StrCat("node ", LUMBAR_SOURCE_DIR, "/tests/contracts/oracle.mjs ", descriptors, " ", path);
    std::vector<Verdict> verdicts;
    auto* pipe = popen(command.c_str(), "r");
    std::string line;
    for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) {
      if (c != '\n') {
        line.push_back(static_cast<char>(c));
        continue;
      }
      const auto json = nlohmann::json::parse(line);
      verdicts.push_back({json["valid"].get<bool>(), json["fields"].get<std::set<std::string>>()});
      line.clear();
    }
    EXPECT_EQ(pclose(pipe), 0) << command;
    return verdicts;
  }

  // Fails for every message that the two judge differently.
  void ExpectAgreement(const Messages& cases, const Validator& validator, const std::string& descriptors) {
    const auto theirs = TheirsOn(cases, descriptors);
    ASSERT_EQ(theirs.size(), cases.size());
    for (size_t i = 0; i < cases.size(); ++i) {
      const auto text = cases[i]->ShortDebugString().substr(0, 500);
      EXPECT_PRED2(Agree, OursOn(*cases[i], validator), theirs[i]) << cases[i]->GetTypeName() << " { " << text << " }";
    }
  }

  const std::filesystem::path folder_;
};

TEST_F(OracleTest, AgreesOnTheEdgesOfEveryRequest) {
  const ContractSet contracts(LUMBAR_DESCRIPTORS);
  ASSERT_OK_AND_ASSIGN(const auto validator, Validator::Create(contracts.RequestTypes()));
  google::protobuf::DynamicMessageFactory factory;
  Messages cases;
  for (const auto* type : contracts.RequestTypes()) {
    auto example = ValidExample(*factory.GetPrototype(type), *validator);
    // If this fails, no word in cases.cc fits a new pattern: add one.
    EXPECT_THAT(validator->Validate(*example), IsOk()) << type->full_name();
    for (auto& variation : Variations(*example)) cases.push_back(std::move(variation));
    cases.push_back(std::move(example));
    cases.emplace_back(factory.GetPrototype(type)->New());
  }
  EXPECT_GT(cases.size(), 5000U);
  ExpectAgreement(cases, *validator, LUMBAR_DESCRIPTORS);
}

// Rules that no contract has yet, so that the first one that does is judged rightly.
constexpr char kEveryRule[] = R"(
enum Kind { KIND_NONE = 0; KIND_ONE = 1; KIND_FIVE = 5; }
message Text {
  string exact = 1 [(buf.validate.field).string.len = 3];
  string bytes = 2 [(buf.validate.field).string = {min_bytes: 2 max_bytes: 6}];
  string exact_bytes = 3 [(buf.validate.field).string.len_bytes = 3];
  string part = 4 [(buf.validate.field).string = {prefix: "a" suffix: "c" not_contains: "/"}];
  string inner = 5 [(buf.validate.field).string.contains = "/"];
  string host = 6 [(buf.validate.field).string.hostname = true];
  string listed = 7 [(buf.validate.field).string = {in: ["ab", "b"] not_in: ["b"]}];
  string fixed = 8 [(buf.validate.field).string.const = "ab"];
  optional string maybe = 9 [(buf.validate.field).string.min_len = 2, (buf.validate.field).required = true];
  bytes raw = 10 [(buf.validate.field).bytes = {min_len: 2 max_len: 4}];
  string unanchored = 11 [(buf.validate.field).string.pattern = "b"];
}
message Numbers {
  double ratio = 1 [(buf.validate.field).double = {gt: 0 lt: 1}];
  float finite = 2 [(buf.validate.field).float.finite = true];
  sint64 outside = 3 [(buf.validate.field).sint64 = {gt: 4 lt: -4}];
  fixed64 listed = 4 [(buf.validate.field).fixed64 = {in: [1, 5]}];
  sfixed32 unlisted = 5 [(buf.validate.field).sfixed32 = {not_in: [0, 1]}];
  bool agreed = 6 [(buf.validate.field).bool.const = true];
  Kind kind = 7 [(buf.validate.field).enum = {defined_only: true not_in: [0]}];
  Kind one = 8 [(buf.validate.field).enum.const = 1];
  optional int64 maybe = 9 [(buf.validate.field).int64.gte = 5, (buf.validate.field).ignore = IGNORE_IF_ZERO_VALUE];
  uint64 never = 10 [(buf.validate.field).uint64.gt = 100, (buf.validate.field).ignore = IGNORE_ALWAYS];
  double no_nan = 11 [(buf.validate.field).double.lte = 5];
}
message Times {
  google.protobuf.Duration open = 1 [(buf.validate.field).duration = {gt: {} lt: {seconds: 5}}];
  google.protobuf.Duration fixed = 2 [(buf.validate.field).duration.const = {seconds: 5}];
  google.protobuf.Timestamp since = 3 [(buf.validate.field).timestamp.gte = {seconds: 5}];
  google.protobuf.Timestamp past = 4 [(buf.validate.field).timestamp.lt_now = true];
  google.protobuf.Timestamp future = 5 [(buf.validate.field).timestamp.gt_now = true];
  google.protobuf.Timestamp near = 6 [(buf.validate.field).timestamp.within = {seconds: 60}];
}
message Lists {
  repeated string words = 1 [(buf.validate.field).repeated = {unique: true items: {string: {min_len: 2}}}];
  repeated Kind kinds = 2 [(buf.validate.field).repeated = {min_items: 1 items: {enum: {defined_only: true}}}];
  repeated string some = 3 [(buf.validate.field).repeated.items = {ignore: IGNORE_IF_ZERO_VALUE string: {len: 2}}];
  repeated double ratios = 4 [(buf.validate.field).repeated = {unique: true max_items: 4}];
  repeated Numbers skipped = 5 [(buf.validate.field).repeated.items.ignore = IGNORE_ALWAYS];
  map<string, int32> counts = 6 [(buf.validate.field).map = {min_pairs: 1 keys: {string: {max_len: 3}} values: {int32: {gt: 0}}}];
  map<string, int32> some_counts = 9 [(buf.validate.field).map.values = {ignore: IGNORE_IF_ZERO_VALUE int32: {gt: 4}}];
  map<int32, Text> texts = 7 [(buf.validate.field).required = true];
  repeated int32 wanted = 8 [(buf.validate.field).repeated.min_items = 2, (buf.validate.field).ignore = IGNORE_IF_ZERO_VALUE];
}
message Choices {
  option (buf.validate.message).oneof = {fields: ["a", "b"] required: true};
  string a = 1 [(buf.validate.field).string.min_len = 2];
  string b = 2;
  oneof kind {
    option (buf.validate.oneof).required = true;
    string c = 3 [(buf.validate.field).string.min_len = 2];
    int32 d = 4;
  }
  Choices again = 5;
}
)";

TEST_F(OracleTest, AgreesOnEveryRuleThatIsImplemented) {
  validation::Schema schema(kEveryRule, {"google/protobuf/duration.proto", "google/protobuf/timestamp.proto"});
  const auto descriptors = (folder_ / "every_rule.binpb").string();
  std::ofstream(descriptors, std::ios::binary) << schema.Set().SerializeAsString();
  std::vector<const Descriptor*> types;
  for (const auto* name : {"Text", "Numbers", "Times", "Lists", "Choices"}) types.push_back(schema.type(name));
  ASSERT_OK_AND_ASSIGN(const auto validator, Validator::Create(types));
  Messages cases;
  for (const auto* type : types) {
    const auto prototype = schema.Make(type->name(), "");
    auto example = ValidExample(*prototype, *validator);
    for (auto& variation : Variations(*example)) cases.push_back(std::move(variation));
    cases.push_back(std::move(example));
    for (auto& variation : Variations(*prototype)) cases.push_back(std::move(variation));
  }
  EXPECT_GT(cases.size(), 800U);
  ExpectAgreement(cases, *validator, descriptors);
}

}  // namespace
}  // namespace lumbar::contracts
