// One rpc as its contract declares it, compiled once at start.
#pragma once

#include <absl/status/statusor.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <string>

#include "common/auth/caller.h"
#include "lumbar/options/v1/options.pb.h"

namespace lumbar::rpc {

class Method {
 public:
  // FAILED_PRECONDITION/CONTRACT_REFUSED, naming method and fault: no policy, no role, no audit event, an owner field
  // that isn't a string of the request, a mutation without a string `request_id`.
  static absl::StatusOr<Method> Compile(const google::protobuf::MethodDescriptor& descriptor);

  const google::protobuf::MethodDescriptor& descriptor() const { return *descriptor_; }
  const options::v1::Policy& policy() const { return policy_; }
  // "/lumbar.booking.v1.BookingService/CreateHold".
  const std::string& path() const { return path_; }
  // Whether it may change something: every method not declared NO_SIDE_EFFECTS.
  bool mutation() const { return request_id_ != nullptr; }

  bool Allows(options::v1::Role role) const;
  bool AllowsAnyone() const { return Allows(options::v1::ROLE_ANYONE); }

  // For OWNERSHIP_REQUEST and a patient: PERMISSION_DENIED/NOT_YOURS if the owner field names somebody else.
  absl::Status CheckOwner(const auth::Caller& caller, const google::protobuf::Message& request) const;
  // Whether the owner field is to be filled with the caller before that.
  bool LacksOwner(const auth::Caller& caller, const google::protobuf::Message& request) const;
  void FillOwner(const auth::Caller& caller, google::protobuf::Message& request) const;

  std::string RequestIdOf(const google::protobuf::Message& request) const;
  // For the audit: the resource name in the request's `name`, else in the answer's `name` or its resource's.
  std::string ResourceOf(const google::protobuf::Message& request, const google::protobuf::Message& response) const;

 private:
  // The fields that may hold a name, each null if there is none: looked up once, for a look by name costs a call
  // dearly.
  struct NameFields {
    const google::protobuf::FieldDescriptor* in_request = nullptr;
    const google::protobuf::FieldDescriptor* in_response = nullptr;
    const google::protobuf::FieldDescriptor* resource = nullptr;
    const google::protobuf::FieldDescriptor* in_resource = nullptr;
  };

  const google::protobuf::MethodDescriptor* descriptor_ = nullptr;
  const google::protobuf::FieldDescriptor* owner_ = nullptr;
  const google::protobuf::FieldDescriptor* request_id_ = nullptr;
  NameFields names_;
  options::v1::Policy policy_;
  std::string path_;
};

}  // namespace lumbar::rpc
