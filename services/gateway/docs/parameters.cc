#include "services/gateway/docs/parameters.h"

#include <absl/strings/ascii.h>
#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>
#include <absl/strings/str_split.h>
#include <absl/strings/strip.h>
#include <buf/validate/validate.pb.h>
#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "lumbar/options/v1/options.pb.h"
#include "services/gateway/docs/operation.h"

namespace lumbar::gateway {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using Json = nlohmann::ordered_json;

// A field's path in a query is as long as the transcoder takes it.
constexpr size_t kMostNames = 8;

// "story" of "stories", "appointment" of "appointments".
std::string Singular(absl::string_view plural) {
  if (absl::ConsumeSuffix(&plural, "ies")) return absl::StrCat(plural, "y");
  absl::ConsumeSuffix(&plural, "s");
  return std::string(plural);
}

bool IsWild(absl::string_view segment) { return segment == kAnySegment || segment == kAnyPath; }

bool IsVersion(absl::string_view segment) {
  return segment.size() > 1 && segment[0] == 'v' && absl::ascii_isdigit(static_cast<unsigned char>(segment[1]));
}

std::string NameOf(const PathTemplate& path_template, size_t segment, absl::string_view field_path) {
  const bool follows_literal = segment > 0 && !IsWild(path_template.segments[segment - 1]);
  if (follows_literal && !IsVersion(path_template.segments[segment - 1])) {
    return Singular(path_template.segments[segment - 1]);
  }
  return std::string(field_path.substr(field_path.rfind('.') + 1));
}

const PathTemplate::Variable* VariableAt(const PathTemplate& path_template, size_t segment) {
  for (const auto& variable : path_template.variables) {
    const bool is_in = segment >= variable.first && segment < variable.first + variable.count;
    if (is_in || (variable.open_ended && segment >= variable.first)) return &variable;
  }
  return nullptr;
}

// The field at the end of the path, which is there: the route table has looked.
const FieldDescriptor& FieldAt(const Descriptor& request, absl::string_view field_path) {
  const Descriptor* scope = &request;
  const FieldDescriptor* field = nullptr;
  for (const absl::string_view name : absl::StrSplit(field_path, '.')) {
    field = scope->FindFieldByName(std::string(name));
    scope = field->message_type();
  }
  return *field;
}

// What a field's pattern says of the one segment of it that varies: "^[0-9]+$" of "^holds/[0-9]+$" for "holds/*". Else
// whatever isn't another segment.
std::string SegmentPattern(const PathTemplate& path_template, const PathTemplate::Variable& variable, size_t segment,
                           const FieldDescriptor& field) {
  const auto begin = path_template.segments.begin() + static_cast<std::ptrdiff_t>(variable.first);
  const auto at = path_template.segments.begin() + static_cast<std::ptrdiff_t>(segment);
  const auto end = begin + static_cast<std::ptrdiff_t>(variable.count);
  absl::string_view pattern = field.options().GetExtension(buf::validate::field).string().pattern();
  const std::string before = absl::StrCat("^", absl::StrJoin(begin, at, "/"), at == begin ? "" : "/");
  const std::string after = absl::StrCat(at + 1 == end ? "" : "/", absl::StrJoin(at + 1, end, "/"), "$");
  const bool fits = !pattern.empty() && absl::ConsumePrefix(&pattern, before) && absl::ConsumeSuffix(&pattern, after);
  const bool is_one = fits && std::count_if(begin, end, IsWild) == 1 && !absl::StrContains(pattern, '/');
  return is_one ? absl::StrCat("^", pattern, "$") : "^[^/]+$";
}

Json PathParameter(const OpenApiPath::Parameter& parameter, const PathTemplate& path_template,
                   const Descriptor& request, Schemas& schemas) {
  const FieldDescriptor& field = FieldAt(request, parameter.variable.field_path);
  Json schema = schemas.OfField(field);
  std::string about = schema.value("description", "");
  schema.erase("description");
  if (!parameter.variable.IsSingleSegment()) {
    schema = {{"type", "string"}};
    if (!parameter.variable.open_ended) {
      schema["pattern"] = SegmentPattern(path_template, parameter.variable, parameter.segment, field);
    }
    about = absl::StrCat("Part of `", field.json_name(), "`: ", about);
  }
  return {{"name", parameter.name}, {"in", "path"}, {"required", true}, {"description", about}, {"schema", schema}};
}

// Whether one text is all of the field.
bool IsText(const FieldDescriptor& field) {
  static const auto* const texts = new std::vector<std::string>{
      "google.protobuf.Timestamp",   "google.protobuf.Duration",    "google.protobuf.FieldMask",
      "google.protobuf.BoolValue",   "google.protobuf.StringValue", "google.protobuf.Int32Value",
      "google.protobuf.UInt32Value", "google.protobuf.Int64Value",  "google.protobuf.UInt64Value",
      "google.protobuf.FloatValue",  "google.protobuf.DoubleValue", "google.protobuf.BytesValue"};
  if (field.message_type() == nullptr) return true;
  return std::find(texts->begin(), texts->end(), field.message_type()->full_name()) != texts->end();
}

class Query {
 public:
  Query(const Route& route, const PathTemplate& path_template, Schemas& schemas, Json& into)
      : route_(route), path_template_(path_template), schemas_(schemas), into_(into) {}

  void Add(const Descriptor& type, const std::vector<const FieldDescriptor*>& above) {
    for (int i = 0; i < type.field_count(); ++i) AddField(*type.field(i), above);
  }

 private:
  void AddField(const FieldDescriptor& field, std::vector<const FieldDescriptor*> path) {
    path.push_back(&field);
    if (IsElsewhere(path) || field.options().GetExtension(options::v1::patient_data)) return;
    if (!IsText(field)) {
      // A list of messages, or what holds itself, has no parameters.
      const bool is_deeper = std::any_of(path.begin(), path.end() - 1, [&](const FieldDescriptor* above) {
        return above->containing_type() == field.message_type();
      });
      if (!field.is_repeated() && !is_deeper && path.size() < kMostNames) Add(*field.message_type(), path);
      return;
    }
    Json schema = schemas_.OfField(field);
    Json parameter = {{"name", Joined(path, /*json=*/true)}, {"in", "query"}};
    if (path.size() == 1 && schemas_.IsRequired(field)) parameter["required"] = true;
    if (schema.contains("description")) parameter["description"] = schema["description"];
    schema.erase("description");
    parameter["schema"] = std::move(schema);
    into_.push_back(std::move(parameter));
  }

  static std::string Joined(const std::vector<const FieldDescriptor*>& path, bool json) {
    return absl::StrJoin(path, ".", [&](std::string* out, const FieldDescriptor* field) {
      absl::StrAppend(out, json ? field->json_name() : field->name());
    });
  }

  // The path gives it, or the body.
  bool IsElsewhere(const std::vector<const FieldDescriptor*>& path) const {
    const std::string name = Joined(path, /*json=*/false);
    const auto& variables = path_template_.variables;
    return name == route_.body || std::any_of(variables.begin(), variables.end(),
                                              [&](const auto& variable) { return variable.field_path == name; });
  }

  const Route& route_;
  const PathTemplate& path_template_;
  Schemas& schemas_;
  Json& into_;
};

}  // namespace

OpenApiPath OpenApiPathOf(const PathTemplate& path_template) {
  OpenApiPath path;
  for (size_t i = 0; i < path_template.segments.size(); ++i) {
    const std::string& segment = path_template.segments[i];
    const auto* variable = VariableAt(path_template, i);
    if (!IsWild(segment)) {
      absl::StrAppend(&path.text, "/", segment);
      continue;
    }
    std::string name = NameOf(path_template, i, variable == nullptr ? "segment" : variable->field_path);
    const auto is_same = [&](const auto& other) { return other.name == name; };
    if (std::any_of(path.parameters.begin(), path.parameters.end(), is_same)) absl::StrAppend(&name, i);
    absl::StrAppend(&path.text, "/{", name, "}");
    path.parameters.push_back({name, variable == nullptr ? PathTemplate::Variable() : *variable, i});
  }
  if (!path_template.verb.empty()) absl::StrAppend(&path.text, ":", path_template.verb);
  return path;
}

Json ParametersOf(const Route& route, const PathTemplate& path_template, Schemas& schemas) {
  const Descriptor& request = *route.method->input_type();
  Json parameters = Json::array();
  for (const auto& parameter : OpenApiPathOf(path_template).parameters) {
    if (parameter.variable.field_path.empty()) {
      parameters.push_back(
          {{"name", parameter.name}, {"in", "path"}, {"required", true}, {"schema", {{"type", "string"}}}});
      continue;
    }
    parameters.push_back(PathParameter(parameter, path_template, request, schemas));
  }
  if (route.body != "*" && !route.is_callback) Query(route, path_template, schemas, parameters).Add(request, {});
  if (route.streams && request.FindFieldByName("resume_token") != nullptr) {
    parameters.push_back({{"name", "Last-Event-ID"},
                          {"in", "header"},
                          {"description", "The id of the last event that came: the stream goes on after it."},
                          {"schema", {{"type", "string"}}}});
  }
  return parameters;
}

}  // namespace lumbar::gateway
