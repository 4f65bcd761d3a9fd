// The JSON of the contracts' messages, as JSON Schema (2020-12) describes it.
#pragma once

#include <absl/status/statusor.h>
#include <google/protobuf/descriptor.h>
#include <nlohmann/json.hpp>

#include <deque>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "common/validation/validator.h"
#include "services/gateway/docs/comments.h"

namespace lumbar::gateway {

// Types are written once, under "#/components/schemas", and referred to.
class Schemas {
 public:
  using Json = nlohmann::ordered_json;

  // For these types and what they contain; `comments` outlives the schemas. FAILED_PRECONDITION/RULE_NOT_SUPPORTED: as
  // Validator::Create.
  static absl::StatusOr<Schemas> Create(const std::vector<const google::protobuf::Descriptor*>& types,
                                        const Comments& comments);

  // For a request: it may have no other fields, while answers may grow.
  void Close(const google::protobuf::Descriptor& type) { closed_.insert(type.full_name()); }
  // For a field that is filled in where a request leaves it out, by whoever checks who calls.
  void MakeOptional(const google::protobuf::FieldDescriptor& field) { filled_in_.insert(field.full_name()); }

  // A reference to the type, or of a well-known one what its JSON is.
  Json Of(const google::protobuf::Descriptor& type);
  // One value of a field, or its list, with its comment and rules; fields of patient data have "x-lumbar-patient-data".
  Json OfField(const google::protobuf::FieldDescriptor& field);
  // The object itself, without those fields, which come by another way.
  Json ObjectOf(const google::protobuf::Descriptor& type, const std::set<std::string>& without = {});
  // Whether a message is refused that leaves the field out.
  bool IsRequired(const google::protobuf::FieldDescriptor& field) const;

  // All types that were referred to, by their full names.
  Json TakeComponents();

 private:
  Schemas(std::unique_ptr<const validation::Validator> validator, const Comments& comments)
      : validator_(std::move(validator)), comments_(&comments) {}

  Json ValueOf(const google::protobuf::FieldDescriptor& field);
  Json Reference(const std::string& full_name) const;
  Json Names(const google::protobuf::EnumDescriptor& type) const;
  void Describe(const std::string& full_name, Json& schema) const;
  // Fields that a message may not leave out.
  std::set<std::string> RequiredOf(const google::protobuf::Descriptor& type) const;

  std::unique_ptr<const validation::Validator> validator_;
  const Comments* comments_;
  std::set<std::string> closed_;
  std::set<std::string> filled_in_;
  std::set<std::string> known_;
  // Referred to, and not written yet.
  std::deque<const google::protobuf::Descriptor*> waiting_;
  Json components_ = Json::object();
};

}  // namespace lumbar::gateway
