// The quick ways between JSON and the wire do what protobuf's mapper does, for messages of every type of the contracts.
#include "services/gateway/edge/json_oracle.h"

#include <absl/strings/escaping.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <random>
#include <vector>

#include "services/gateway/edge/testing.h"

namespace lumbar::gateway {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr int kDepth = 4;
constexpr std::array<const char*, 8> kTexts = {"",
                                               "plain",
                                               "back pain \"left\"\\",
                                               "<b>&</b>",
                                               "más \u2028 ☃ 😀",
                                               "tab\t line\n \x01\x7f",
                                               "0",
                                               "2026-11-27T20:00:00Z"};

// Every type that a method takes or gives.
std::vector<const Descriptor*> Types() {
  std::vector<const Descriptor*> types;
  for (const auto& name : AllServices()) {
    const auto* service = google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(name);
    for (int i = 0; i < service->method_count(); ++i) {
      types.push_back(service->method(i)->input_type());
      types.push_back(service->method(i)->output_type());
    }
  }
  return types;
}

class Filler {
 public:
  void Fill(Message& message, int depth = 0) {
    const auto* type = message.GetDescriptor();
    if (type->full_name() == "google.protobuf.Timestamp" || type->full_name() == "google.protobuf.Duration") {
      return FillTime(message);
    }
    for (int i = 0; i < type->field_count(); ++i) {
      const auto* field = type->field(i);
      const bool is_message = field->message_type() != nullptr;
      if (Below(2) == 0 || (is_message && depth == kDepth)) continue;
      const int count = field->is_repeated() ? Below(4) : 1;
      for (int n = 0; n < count; ++n) Set(message, *field, depth);
    }
  }
  int Below(int bound) { return static_cast<int>(random_() % static_cast<unsigned>(bound)); }

 private:
  void FillTime(Message& message) {
    const auto* reflection = message.GetReflection();
    constexpr std::array<int64_t, 5> kSeconds = {0, 1, 951'782'399, 1'795'000'000, 253'402'300'799};
    constexpr std::array<int, 4> kNanos = {0, 500'000'000, 1000, 999'999'999};
    reflection->SetInt64(&message, message.GetDescriptor()->field(0), kSeconds[static_cast<size_t>(Below(5))]);
    reflection->SetInt32(&message, message.GetDescriptor()->field(1), kNanos[static_cast<size_t>(Below(4))]);
  }

  void Set(Message& message, const FieldDescriptor& field, int depth) {
    const auto* reflection = message.GetReflection();
    const auto put = [&](auto set, auto add, auto value) {
      field.is_repeated() ? (reflection->*add)(&message, &field, value) : (reflection->*set)(&message, &field, value);
    };
    using R = google::protobuf::Reflection;
    constexpr std::array<int64_t, 6> kNumbers = {0, 1, -1, 127, 128, 2'000'000'000};
    const int64_t number = kNumbers[static_cast<size_t>(Below(6))];
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        return put(&R::SetInt32, &R::AddInt32, static_cast<int32_t>(number));
      case FieldDescriptor::CPPTYPE_INT64:
        return put(&R::SetInt64, &R::AddInt64, number << Below(32));
      case FieldDescriptor::CPPTYPE_UINT32:
        return put(&R::SetUInt32, &R::AddUInt32, static_cast<uint32_t>(number));
      case FieldDescriptor::CPPTYPE_UINT64:
        return put(&R::SetUInt64, &R::AddUInt64, static_cast<uint64_t>(number));
      case FieldDescriptor::CPPTYPE_DOUBLE:
        return put(&R::SetDouble, &R::AddDouble, static_cast<double>(number) / 3);
      case FieldDescriptor::CPPTYPE_FLOAT:
        return put(&R::SetFloat, &R::AddFloat, static_cast<float>(number) / 3);
      case FieldDescriptor::CPPTYPE_BOOL:
        return put(&R::SetBool, &R::AddBool, Below(2) == 0);
      case FieldDescriptor::CPPTYPE_ENUM:
        return put(&R::SetEnumValue, &R::AddEnumValue, Below(20) == 0 ? 77 : Below(field.enum_type()->value_count()));
      case FieldDescriptor::CPPTYPE_STRING: {
        const std::string text = kTexts[static_cast<size_t>(Below(kTexts.size()))];
        if (field.is_repeated()) return reflection->AddString(&message, &field, text);
        return reflection->SetString(&message, &field, text);
      }
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return Fill(field.is_repeated() ? *reflection->AddMessage(&message, &field)
                                        : *reflection->MutableMessage(&message, &field),
                    depth + 1);
    }
  }

  std::minstd_rand random_{1};
};

// How many there were of each kind.
struct Tally {
  void Count(Compared compared) { ++(compared == Compared::kLeft ? left : same); }
  int left = 0, same = 0;
};

class JsonOracleTest : public ::testing::Test {
 protected:
  template <typename Each>
  void ForMessages(Each each) {
    for (const Descriptor* type : Types()) {
      for (int i = 0; i < 60; ++i) {
        const std::unique_ptr<Message> message(
            google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
        filler_.Fill(*message);
        std::string json;
        if (google::protobuf::util::MessageToJsonString(*message, &json).ok()) each(*type, *message, json);
      }
    }
  }

  Filler filler_;
  Tally tally_;
};

TEST_F(JsonOracleTest, WritesWhatProtobufsMapperWrites) {
  ForMessages([&](const Descriptor& type, const Message& message, const std::string& json) {
    const std::string wire = message.SerializeAsString();
    const Compared compared = CompareWriting(type, wire);
    EXPECT_NE(compared, Compared::kDifferent) << json << "\n" << WriteJson(MessageForm::Of(type), wire).value_or("");
    tally_.Count(compared);
  });
  EXPECT_GT(tally_.same, tally_.left) << "most messages go the quick way";
}

TEST_F(JsonOracleTest, WritesNothingOtherThanTheMapperForWiresThatAreDamaged) {
  ForMessages([&](const Descriptor& type, const Message& message, const std::string&) {
    std::string wire = message.SerializeAsString();
    for (int i = 0; i < 5 && !wire.empty(); ++i) {
      wire[static_cast<size_t>(filler_.Below(static_cast<int>(wire.size())))] = static_cast<char>(filler_.Below(256));
      EXPECT_NE(CompareWriting(type, wire), Compared::kDifferent) << absl::BytesToHexString(wire);
    }
    EXPECT_NE(CompareWriting(type, wire + wire), Compared::kDifferent);
  });
}

TEST_F(JsonOracleTest, ReadsWhatProtobufsMapperReads) {
  ForMessages([&](const Descriptor& type, const Message&, const std::string& json) {
    const Compared compared = CompareReading(type, json);
    EXPECT_NE(compared, Compared::kDifferent) << json;
    tally_.Count(compared);
  });
  EXPECT_GT(tally_.same * 4, tally_.left) << "what has no times goes the quick way";
}

// A piece of another value in the place of one: names that aren't there, values of other types, twice the same.
TEST_F(JsonOracleTest, ReadsNothingThatTheMapperRefusesOrReadsOtherwise) {
  const std::vector<std::string> pieces = {"null",
                                           "1",
                                           "-1",
                                           "1.0",
                                           "1e2",
                                           "\"\"",
                                           "\"7\"",
                                           "true",
                                           "{}",
                                           "[]",
                                           "[null]",
                                           "4294967296",
                                           "99999999999999999999",
                                           "\"PRESENCE_PRESENT\"",
                                           "[1,\"x\"]"};
  ForMessages([&](const Descriptor& type, const Message&, const std::string& json) {
    for (int i = 0; i < 4; ++i) {
      const size_t colon = json.find(':', static_cast<size_t>(filler_.Below(static_cast<int>(json.size()))));
      if (colon == std::string::npos) continue;
      const size_t end = json.find_first_of(",}]", colon);
      const std::string& piece = pieces[static_cast<size_t>(filler_.Below(static_cast<int>(pieces.size())))];
      const std::string changed = json.substr(0, colon + 1) + piece + json.substr(end);
      EXPECT_NE(CompareReading(type, changed), Compared::kDifferent) << changed;
    }
  });
}

TEST_F(JsonOracleTest, LeavesAFieldThatComesByBothOfItsNames) {
  const auto& type = *triage::v1::AssessRequest::descriptor();
  const auto read = [&](absl::string_view json) {
    return ReadJson(MessageForm::Of(type), *ParseJson(json)).has_value();
  };
  EXPECT_TRUE(read(R"({"presentation":{"ageYears":1}})"));
  EXPECT_TRUE(read(R"({"presentation":{"age_years":1}})"));
  EXPECT_FALSE(read(R"({"presentation":{"age_years":1,"ageYears":1}})"));
  EXPECT_FALSE(read(R"({"presentation":{"nothing":1}})"));
}

}  // namespace
}  // namespace lumbar::gateway
