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

std::string TextOf(const Message& message, const FieldDescriptor* field) {
  return field == nullptr ? "" : message.GetReflection()->GetString(message, field);
}

// The message that a response consists of, if its first field is one.
const FieldDescriptor* ResourceField(const google::protobuf::Descriptor& response) {
  const auto* first = response.field_count() == 0 ? nullptr : response.field(0);
  const bool fits = first != nullptr && !first->is_repeated() && first->message_type() != nullptr;
  return fits ? first : nullptr;
}

}  // namespace

absl::StatusOr<Method> Method::Compile(const google::protobuf::MethodDescriptor& descriptor) {
  Method method;
  method.descriptor_ = &descriptor;
  method.path_ = absl::StrCat("/", descriptor.service()->full_name(), "/", descriptor.name());
  method.names_.in_request = StringField(*descriptor.input_type(), "name");
  method.names_.in_response = StringField(*descriptor.output_type(), "name");
  method.names_.resource = ResourceField(*descriptor.output_type());
  if (method.names_.resource != nullptr) {
    method.names_.in_resource = StringField(*method.names_.resource->message_type(), "name");
  }
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

std::string Method::ResourceOf(const Message& request, const Message& response) const {
  if (auto name = TextOf(request, names_.in_request); !name.empty()) return name;
  if (auto name = TextOf(response, names_.in_response); !name.empty()) return name;
  if (names_.in_resource == nullptr) return "";
  return TextOf(response.GetReflection()->GetMessage(response, names_.resource), names_.in_resource);
}

}  // namespace lumbar::rpc
