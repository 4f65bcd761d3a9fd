#include "common/rpc/method.h"

#include <absl/strings/str_cat.h>

#include <algorithm>

#include "common/rpc/errors.h"
#include "common/status/errors.h"

namespace lumbar::rpc {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

absl::Status Refused(const google::protobuf::MethodDescriptor& method, absl::string_view fault) {
  return WithReason(absl::FailedPreconditionError(absl::StrCat(method.full_name(), ": ", fault)), "CONTRACT_REFUSED");
}

const FieldDescriptor* StringField(const google::protobuf::Descriptor& type, const std::string& name) {
  const auto* field = type.FindFieldByName(name);
  const bool fits = field != nullptr && !field->is_repeated() && field->cpp_type() == FieldDescriptor::CPPTYPE_STRING;
  return fits ? field : nullptr;
}

std::string NameIn(const Message& message) {
  const auto* name = StringField(*message.GetDescriptor(), "name");
  return name == nullptr ? "" : message.GetReflection()->GetString(message, name);
}

}  // namespace

absl::StatusOr<Method> Method::Compile(const google::protobuf::MethodDescriptor& descriptor) {
  Method method;
  method.descriptor_ = &descriptor;
  method.path_ = absl::StrCat("/", descriptor.service()->full_name(), "/", descriptor.name());
  method.policy_ = descriptor.options().GetExtension(options::v1::policy);
  const auto& policy = method.policy_;
  if (policy.roles().empty()) return Refused(descriptor, "declares no role in lumbar.options.v1.policy");
  if (policy.audit().empty()) return Refused(descriptor, "declares no audit event");
  if (policy.ownership() == options::v1::OWNERSHIP_REQUEST) {
    method.owner_ = StringField(*descriptor.input_type(), policy.owner_field());
    if (method.owner_ == nullptr) return Refused(descriptor, "its owner_field is no string field of the request");
  }
  if (descriptor.options().idempotency_level() != google::protobuf::MethodOptions::NO_SIDE_EFFECTS) {
    method.request_id_ = StringField(*descriptor.input_type(), "request_id");
    if (method.request_id_ == nullptr) return Refused(descriptor, "changes something but has no request_id");
  }
  return method;
}

bool Method::Allows(options::v1::Role role) const {
  return std::find(policy_.roles().begin(), policy_.roles().end(), role) != policy_.roles().end();
}

absl::Status Method::CheckOwner(const auth::Caller& caller, const Message& request) const {
  if (owner_ == nullptr || caller.role != options::v1::ROLE_PATIENT) return absl::OkStatus();
  if (request.GetReflection()->GetString(request, owner_) == caller.subject) return absl::OkStatus();
  return NotYours();
}

bool Method::LacksOwner(const auth::Caller& caller, const Message& request) const {
  return owner_ != nullptr && caller.role == options::v1::ROLE_PATIENT &&
         request.GetReflection()->GetString(request, owner_).empty();
}

void Method::FillOwner(const auth::Caller& caller, Message& request) const {
  request.GetReflection()->SetString(&request, owner_, caller.subject);
}

std::string Method::RequestIdOf(const Message& request) const {
  return request_id_ == nullptr ? "" : request.GetReflection()->GetString(request, request_id_);
}

std::string Method::ResourceOf(const Message& request, const Message& response) {
  if (auto name = NameIn(request); !name.empty()) return name;
  if (auto name = NameIn(response); !name.empty()) return name;
  const auto& type = *response.GetDescriptor();
  if (type.field_count() == 0) return "";
  const auto* first = type.field(0);
  if (first->is_repeated() || first->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) return "";
  return NameIn(response.GetReflection()->GetMessage(response, first));
}

}  // namespace lumbar::rpc
