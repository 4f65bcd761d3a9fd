#include "services/gateway/edge/transcoder.h"

#include <absl/strings/ascii.h>
#include <absl/strings/escaping.h>
#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>
#include <absl/strings/str_split.h>
#include <google/protobuf/arena.h>
#include <google/protobuf/message.h>
#include <google/protobuf/util/json_util.h>
#include <nlohmann/json.hpp>
#include <re2/re2.h>

#include <algorithm>
#include <array>

#include "common/status/errors.h"
#include "common/status/macros.h"
#include "lumbar/options/v1/options.pb.h"
#include "services/gateway/edge/derived_id.h"
#include "services/gateway/edge/errors.h"
#include "services/gateway/edge/json_reader.h"
#include "services/gateway/edge/json_writer.h"
#include "services/gateway/edge/percent.h"
#include "services/gateway/edge/strict_json.h"

namespace lumbar::gateway {
namespace {

using google::protobuf::Arena;
using google::protobuf::Message;
using google::protobuf::MessageFactory;
using Json = nlohmann::json;

constexpr size_t kMaxParameters = 100;
constexpr size_t kMaxFieldDepth = 8;
constexpr size_t kMaxNamedField = 128;
constexpr absl::string_view kPatientDataInUrl =
    "this is patient data, which a URL must not hold; leave it out, or send it in the body of a POST (REST: to the "
    "same "
    "path with :search)";

Message* NewMessage(const google::protobuf::Descriptor* type, Arena& arena) {
  return MessageFactory::generated_factory()->GetPrototype(type)->New(&arena);
}

// A failure about a field, whose name may be hostile: it is cut, and only what field paths are made of is kept.
absl::Status WrongField(absl::string_view field, absl::string_view description) {
  std::string name(field.substr(0, kMaxNamedField));
  for (char& c : name) {
    const bool plain = absl::ascii_isalnum(static_cast<unsigned char>(c)) || absl::StrContains("_-.[]", c);
    if (!plain) c = '?';
  }
  return InvalidField(name, description);
}

// "SEX_FEMALE, SEX_MALE" of the enum whose type a complaint ends with; "" if that is none.
std::string EnumNamesOf(absl::string_view complaint) {
  const std::string type(complaint.substr(complaint.rfind('/') + 1));
  const auto* found = google::protobuf::DescriptorPool::generated_pool()->FindEnumTypeByName(type);
  std::vector<std::string> names;
  for (int i = 0; found != nullptr && i < found->value_count(); ++i) {
    if (found->value(i)->number() != 0) names.push_back(found->value(i)->name());
  }
  return absl::StrJoin(names, ", ");
}

// What a value of the type must be that protobuf's complaint ends with.
std::string WantedOf(absl::string_view complaint) {
  struct Wanted {
    absl::string_view type;
    absl::string_view description;
  };
  static constexpr std::array<Wanted, 8> kWanted = {
      {{"google.protobuf.Timestamp", "must be a time with its zone, like 2026-11-24T09:30:00Z"},
       {"google.protobuf.Duration", "must be seconds, like \"1.5s\""},
       {"TYPE_BOOL", "must be true or false"},
       {"TYPE_STRING", "must be a text"},
       {"TYPE_INT32", "must be a whole number that fits into 32 bits"},
       {"TYPE_UINT32", "must be a whole number of at least 0 that fits into 32 bits"},
       {"TYPE_INT64", "must be a whole number that fits into 64 bits"},
       {"TYPE_UINT64", "must be a whole number of at least 0 that fits into 64 bits"}}};
  for (const Wanted& one : kWanted) {
    if (absl::EndsWith(complaint, one.type)) return std::string(one.description);
  }
  if (const std::string names = EnumNamesOf(complaint); !names.empty()) return absl::StrCat("must be one of ", names);
  return "the value doesn't fit the field's type";
}

// protobuf tells what is wrong in a text only, which repeats the value; the field is all we keep of it.
absl::Status FieldAtFault(absl::string_view complaint) {
  static const RE2* const located = new RE2(R"(^\((.*?)\): invalid value )");
  static const RE2* const unknown = new RE2(R"(^(?:\((.*)\) )?([^:]*): Cannot find field)");
  static const RE2* const list = new RE2(R"(^(?:\((.*)\) )?([^:]*): Proto field is not repeating)");
  static const RE2* const object = new RE2(R"(^(?:\((.*)\))?: invalid value Starting an object .* for type (.*)$)");
  const re2::StringPiece text(complaint.data(), complaint.size());
  std::string scope;
  std::string name;
  std::string description = WantedOf(complaint);
  if (RE2::PartialMatch(text, *unknown, &scope, &name)) {
    description = "there is no such field";
  } else if (RE2::PartialMatch(text, *list, &scope, &name)) {
    description = "the field takes one value, not a list";
  } else if (!RE2::PartialMatch(text, *object, &scope, &name) && !RE2::PartialMatch(text, *located, &scope)) {
    return MalformedJson("it doesn't have the request's shape");
  }
  const std::string field = absl::StrCat(scope, scope.empty() || name.empty() ? "" : ".", name);
  return WrongField(field, description);
}

absl::Status Parse(const std::string& json, Message& into) {
  const auto status = google::protobuf::util::JsonStringToMessage(json, &into);
  if (status.ok()) return absl::OkStatus();
  return FieldAtFault(absl::string_view(status.message().data(), status.message().size()));
}

absl::Status ParseBody(const Route& route, absl::string_view body, Message& into) {
  if (route.body.empty()) return body.empty() ? absl::OkStatus() : BodyNotWanted();
  if (body.empty()) return absl::OkStatus();
  LUMBAR_RETURN_IF_ERROR(CheckJson(body));
  if (route.body == "*") return Parse(std::string(body), into);
  // Wrapped, so that a field of any kind is read, and complaints name it.
  return Parse(absl::StrCat("{\"", route.body, "\":", body, "}"), into);
}

// Adds {"a": {"b": value}} for "a.b"; a second value makes a list.
absl::Status Insert(const Binding& binding, Json& tree) {
  const auto no_such_field = [&] { return WrongField(binding.field_path, "there is no such field"); };
  const std::vector<std::string> names = absl::StrSplit(binding.field_path, '.');
  if (names.size() > kMaxFieldDepth) return no_such_field();
  Json* node = &tree;
  for (const auto& name : names) {
    if (!node->is_object() && !node->is_null()) return no_such_field();
    node = &(*node)[name];
  }
  if (node->is_object()) return no_such_field();
  if (node->is_null()) {
    *node = binding.value;
  } else {
    if (node->is_string()) *node = Json::array({std::move(*node)});
    node->push_back(binding.value);
  }
  return absl::OkStatus();
}

// Whether a field on the path is marked as patient data. An unknown field isn't: the binding refuses it by name.
bool HoldsPatientData(const google::protobuf::Descriptor* type, absl::string_view field_path) {
  for (const absl::string_view part : absl::StrSplit(field_path, '.')) {
    if (type == nullptr) return false;
    const std::string name(part);
    const auto* field = type->FindFieldByName(name);
    if (field == nullptr) field = type->FindFieldByCamelcaseName(name);
    if (field == nullptr) return false;
    if (field->options().GetExtension(options::v1::patient_data)) return true;
    type = field->message_type();
  }
  return false;
}

// The query has only what neither the body nor the path gives, and no patient data: URLs end up in logs.
absl::Status CheckFree(const Route& route, const std::vector<Binding>& path_variables, const Binding& parameter) {
  const bool in_path = std::any_of(path_variables.begin(), path_variables.end(),
                                   [&](const auto& variable) { return variable.field_path == parameter.field_path; });
  const bool in_body = route.body == "*" || parameter.field_path == route.body;
  if (HoldsPatientData(route.method->input_type(), parameter.field_path)) {
    return WrongField(parameter.field_path,
                      "this is patient data, which a URL must not hold; leave it out, or send it "
                      "in the body of a POST to the same path with :search");
  }
  if (!in_path && !in_body) return absl::OkStatus();
  return WrongField(parameter.field_path, in_path ? "the path gives this field" : "send this field in the body");
}

// Text becomes fields by protobuf's own JSON mapping, in which numbers, enums and times may all be strings.
absl::Status Bind(const std::vector<Binding>& bindings, Arena& arena, Message& into) {
  if (bindings.empty()) return absl::OkStatus();
  Json tree = Json::object();
  for (const auto& binding : bindings) LUMBAR_RETURN_IF_ERROR(Insert(binding, tree));
  Message* bound = NewMessage(into.GetDescriptor(), arena);
  LUMBAR_RETURN_IF_ERROR(Parse(tree.dump(-1, ' ', false, Json::error_handler_t::replace), *bound));
  into.MergeFrom(*bound);
  return absl::OkStatus();
}

// The first field that is set and marked as patient data, however deep; null if there is none.
const google::protobuf::FieldDescriptor* FindPatientData(const Message& message) {
  const auto* reflection = message.GetReflection();
  std::vector<const google::protobuf::FieldDescriptor*> set;
  reflection->ListFields(message, &set);
  for (const auto* field : set) {
    if (field->options().GetExtension(options::v1::patient_data)) return field;
    if (field->message_type() == nullptr) continue;
    const int count = field->is_repeated() ? reflection->FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i) {
      const Message& part = field->is_repeated() ? reflection->GetRepeatedMessage(message, field, i)
                                                 : reflection->GetMessage(message, field);
      if (const auto* found = FindPatientData(part)) return found;
    }
  }
  return nullptr;
}

// The field of that name if it holds one text; else null.
const google::protobuf::FieldDescriptor* FindText(const google::protobuf::Descriptor& type, const std::string& name) {
  const auto* field = type.FindFieldByName(name);
  const bool is_text = field != nullptr && !field->is_repeated() &&
                       field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_STRING;
  return is_text ? field : nullptr;
}

// The part of the response that is the answer.
absl::StatusOr<const Message*> ParseAnswer(const Route& route, absl::string_view response, Arena& arena) {
  Message* message = NewMessage(route.method->output_type(), arena);
  if (!message->ParseFromArray(response.data(), static_cast<int>(response.size()))) return InternalFailure();
  if (route.response_body == nullptr) return message;
  return &message->GetReflection()->GetMessage(*message, route.response_body);
}

}  // namespace

absl::StatusOr<std::string> EncodeRequest(const Route& route, const std::vector<Binding>& path_variables,
                                          absl::string_view query, absl::string_view body) {
  const bool is_whole = route.body == "*" && path_variables.empty() && query.empty() && !body.empty();
  if (is_whole) return MessageFromJson(*route.method->input_type(), body);
  Arena arena;
  Message* request = NewMessage(route.method->input_type(), arena);
  LUMBAR_RETURN_IF_ERROR(ParseBody(route, body, *request));
  LUMBAR_ASSIGN_OR_RETURN(const std::vector<Binding> parameters, ReadQuery(query));
  for (const auto& parameter : parameters) LUMBAR_RETURN_IF_ERROR(CheckFree(route, path_variables, parameter));
  LUMBAR_RETURN_IF_ERROR(Bind(parameters, arena, *request));
  LUMBAR_RETURN_IF_ERROR(Bind(path_variables, arena, *request));
  return request->SerializeAsString();
}

absl::StatusOr<std::string> EncodeCallback(const Route& route, const std::vector<Binding>& path_variables,
                                           const RawRequest& raw) {
  Arena arena;
  Message* request = NewMessage(route.method->input_type(), arena);
  const auto* type = request->GetDescriptor();
  const auto* reflection = request->GetReflection();
  google::api::HttpBody body;
  body.set_content_type(std::string(raw.content_type));
  body.set_data(std::string(raw.body));
  reflection->MutableMessage(request, type->FindFieldByName(route.body))->CopyFrom(body);
  const auto set = [&](const char* field, std::string value) {
    if (const auto* found = type->FindFieldByName(field)) reflection->SetString(request, found, std::move(value));
  };
  set("target", std::string(raw.target));
  set("signature", std::string(raw.signature));
  set("request_id", DerivedUuid(absl::StrCat(raw.target, "\n", raw.signature, "\n", raw.body)));
  LUMBAR_RETURN_IF_ERROR(Bind(path_variables, arena, *request));
  return request->SerializeAsString();
}

absl::StatusOr<std::string> MessageFromJson(const google::protobuf::Descriptor& type, absl::string_view json) {
  LUMBAR_ASSIGN_OR_RETURN(const auto read, ParseJson(json));
  if (auto quick = ReadJson(MessageForm::Of(type), read)) return *std::move(quick);
  Arena arena;
  Message* message = NewMessage(&type, arena);
  LUMBAR_RETURN_IF_ERROR(Parse(std::string(json), *message));
  return message->SerializeAsString();
}

absl::StatusOr<std::string> MessageToJson(const google::protobuf::Descriptor& type, absl::string_view message) {
  if (auto quick = WriteJson(MessageForm::Of(type), message)) return *std::move(quick);
  Arena arena;
  Message* parsed = NewMessage(&type, arena);
  std::string json;
  const bool done = parsed->ParseFromArray(message.data(), static_cast<int>(message.size())) &&
                    google::protobuf::util::MessageToJsonString(*parsed, &json).ok();
  return done ? absl::StatusOr<std::string>(std::move(json)) : InternalFailure();
}

absl::StatusOr<std::string> WithTextField(const google::protobuf::Descriptor& type, const std::string& message,
                                          const std::string& field, absl::string_view text) {
  const auto* found = FindText(type, field);
  if (found == nullptr) return message;
  Arena arena;
  Message* parsed = NewMessage(&type, arena);
  if (!parsed->ParseFromString(message)) return InternalFailure();
  parsed->GetReflection()->SetString(parsed, found, std::string(text));
  return parsed->SerializeAsString();
}

absl::StatusOr<std::string> TextField(const google::protobuf::Descriptor& type, absl::string_view message,
                                      const std::string& field) {
  const auto* found = FindText(type, field);
  if (found == nullptr) return "";
  Arena arena;
  Message* parsed = NewMessage(&type, arena);
  if (!parsed->ParseFromArray(message.data(), static_cast<int>(message.size()))) return InternalFailure();
  return parsed->GetReflection()->GetString(*parsed, found);
}

absl::StatusOr<std::vector<Binding>> ReadQuery(absl::string_view query) {
  std::vector<Binding> parameters;
  for (const absl::string_view pair : absl::StrSplit(query, '&', absl::SkipEmpty())) {
    if (parameters.size() == kMaxParameters) return MalformedRequest("the query has too many parameters");
    const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(pair, absl::MaxSplits('=', 1));
    LUMBAR_ASSIGN_OR_RETURN(std::string name, PercentDecode(parts.first, PercentMode::kForm));
    LUMBAR_ASSIGN_OR_RETURN(std::string value, PercentDecode(parts.second, PercentMode::kForm));
    parameters.push_back({std::move(name), std::move(value)});
  }
  return parameters;
}

absl::Status CheckFreeOfPatientData(const google::protobuf::Descriptor& type, absl::string_view message) {
  Arena arena;
  Message* parsed = NewMessage(&type, arena);
  if (!parsed->ParseFromArray(message.data(), static_cast<int>(message.size()))) {
    return MalformedRequest("the message isn't of the method's request type");
  }
  const auto* field = FindPatientData(*parsed);
  return field == nullptr ? absl::OkStatus() : WrongField(field->name(), kPatientDataInUrl);
}

absl::StatusOr<std::string> DecodeResponse(const Route& route, absl::string_view response) {
  const MessageForm& form = MessageForm::Of(*route.method->output_type());
  const auto* part = route.response_body;
  auto quick = part == nullptr ? WriteJson(form, response) : WriteJsonOfField(form, part->number(), response);
  if (quick) return *std::move(quick);
  Arena arena;
  LUMBAR_ASSIGN_OR_RETURN(const Message* answer, ParseAnswer(route, response, arena));
  std::string json;
  if (!google::protobuf::util::MessageToJsonString(*answer, &json).ok()) return InternalFailure();
  return json;
}

absl::StatusOr<google::api::HttpBody> DecodeFile(const Route& route, absl::string_view response) {
  Arena arena;
  LUMBAR_ASSIGN_OR_RETURN(const Message* answer, ParseAnswer(route, response, arena));
  google::api::HttpBody file;
  file.CopyFrom(*answer);
  return file;
}

}  // namespace lumbar::gateway
