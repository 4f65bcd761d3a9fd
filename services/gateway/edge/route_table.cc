#include "services/gateway/edge/route_table.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_split.h>
#include <google/api/annotations.pb.h>
#include <google/api/httpbody.pb.h>

#include <algorithm>
#include <utility>

#include "common/status/macros.h"
#include "lumbar/options/v1/options.pb.h"

namespace lumbar::gateway {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::MethodDescriptor;

absl::Status Wrong(const MethodDescriptor& method, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat(method.full_name(), ": ", why));
}

std::pair<std::string, std::string> MethodAndPath(const google::api::HttpRule& rule) {
  switch (rule.pattern_case()) {
    case google::api::HttpRule::kGet:
      return {"GET", rule.get()};
    case google::api::HttpRule::kPut:
      return {"PUT", rule.put()};
    case google::api::HttpRule::kPost:
      return {"POST", rule.post()};
    case google::api::HttpRule::kDelete:
      return {"DELETE", rule.delete_()};
    case google::api::HttpRule::kPatch:
      return {"PATCH", rule.patch()};
    case google::api::HttpRule::kCustom:
      return {rule.custom().kind(), rule.custom().path()};
    case google::api::HttpRule::PATTERN_NOT_SET:
      break;
  }
  return {};
}

// The field at the end of a path that text can be bound to; null if there is none.
const FieldDescriptor* FindScalar(const Descriptor& message, absl::string_view field_path) {
  const Descriptor* scope = &message;
  const FieldDescriptor* field = nullptr;
  for (const absl::string_view name : absl::StrSplit(field_path, '.')) {
    if (scope == nullptr) return nullptr;
    field = scope->FindFieldByName(std::string(name));
    if (field == nullptr || field->is_repeated()) return nullptr;
    scope = field->message_type();
  }
  return scope == nullptr ? field : nullptr;
}

absl::Status CheckVariables(const MethodDescriptor& method, const PathTemplate& path_template) {
  for (const auto& variable : path_template.variables) {
    if (FindScalar(*method.input_type(), variable.field_path) == nullptr) {
      return Wrong(method, absl::StrCat("the path can't bind ", variable.field_path));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<const FieldDescriptor*> FindResponseBody(const MethodDescriptor& method, const std::string& name) {
  if (name.empty()) return nullptr;
  const FieldDescriptor* field = method.output_type()->FindFieldByName(name);
  if (field == nullptr || field->is_repeated() || field->message_type() == nullptr) {
    return Wrong(method, "response_body must name a single message");
  }
  return field;
}

bool IsForAnyone(const options::v1::Policy& policy) {
  return std::find(policy.roles().begin(), policy.roles().end(), options::v1::ROLE_ANYONE) != policy.roles().end();
}

bool IsPatientData(const FieldDescriptor* field) {
  return field != nullptr && field->options().GetExtension(options::v1::patient_data);
}

}  // namespace

std::string Route::FileName() const { return path_template.substr(path_template.rfind('/') + 1); }

std::string Route::GrpcPath() const { return absl::StrCat("/", method->service()->full_name(), "/", method->name()); }

absl::StatusOr<RouteTable> RouteTable::Build(const std::vector<std::string>& services) {
  RouteTable table;
  for (const auto& name : services) {
    const auto* service = google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(name);
    if (service == nullptr) return absl::NotFoundError(absl::StrCat("no service ", name, " in this program"));
    for (int i = 0; i < service->method_count(); ++i) {
      LUMBAR_RETURN_IF_ERROR(table.AddMethod(*service->method(i)));
    }
  }
  return table;
}

absl::Status RouteTable::AddMethod(const MethodDescriptor& method) {
  const auto& rule = method.options().GetExtension(google::api::http);
  LUMBAR_RETURN_IF_ERROR(AddRule(method, rule));
  for (const auto& binding : rule.additional_bindings()) LUMBAR_RETURN_IF_ERROR(AddRule(method, binding));
  return absl::OkStatus();
}

absl::Status RouteTable::AddRule(const MethodDescriptor& method, const google::api::HttpRule& rule) {
  Route route;
  std::tie(route.http_method, route.path_template) = MethodAndPath(rule);
  if (route.http_method.empty()) return Wrong(method, "it has no route");
  LUMBAR_ASSIGN_OR_RETURN(PathTemplate path_template, ParsePathTemplate(route.path_template));
  LUMBAR_RETURN_IF_ERROR(CheckVariables(method, path_template));
  if (!rule.body().empty() && rule.body() != "*" && method.input_type()->FindFieldByName(rule.body()) == nullptr) {
    return Wrong(method, "body names no field");
  }
  LUMBAR_ASSIGN_OR_RETURN(route.response_body, FindResponseBody(method, rule.response_body()));
  const auto& policy = method.options().GetExtension(options::v1::policy);
  route.method = &method;
  route.body = rule.body();
  route.served = !policy.planned() && !method.client_streaming();
  route.streams = method.server_streaming();
  route.is_file =
      route.response_body != nullptr && route.response_body->message_type() == google::api::HttpBody::descriptor();
  route.is_public_reading = route.http_method == "GET" && IsForAnyone(policy) && !IsPatientData(route.response_body);
  const FieldDescriptor* const body = method.input_type()->FindFieldByName(rule.body());
  route.is_callback = body != nullptr && body->message_type() == google::api::HttpBody::descriptor();
  LUMBAR_RETURN_IF_ERROR(matcher_.Add(route.http_method, std::move(path_template), routes_.size()));
  routes_.push_back(std::move(route));
  return absl::OkStatus();
}

absl::StatusOr<RouteTable::Match> RouteTable::Find(absl::string_view http_method, absl::string_view path) const {
  LUMBAR_ASSIGN_OR_RETURN(PathMatcher::Match found, matcher_.Find(http_method == "HEAD" ? "GET" : http_method, path));
  Match match;
  if (found.route != PathMatcher::kNoRoute) match.route = &routes_[found.route];
  match.bindings = std::move(found.bindings);
  match.allowed = std::move(found.allowed);
  return match;
}

}  // namespace lumbar::gateway
