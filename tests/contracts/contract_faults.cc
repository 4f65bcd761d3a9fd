#include "tests/contracts/contract_faults.h"

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>
#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>
#include <buf/validate/validate.pb.h>
#include <google/api/annotations.pb.h>
#include <google/protobuf/descriptor.pb.h>
#include <lumbar/options/v1/options.pb.h>
#include <re2/re2.h>

namespace lumbar::contracts {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::MethodDescriptor;
namespace options = lumbar::options::v1;

// Names that a patient's data goes by.
bool SoundsLikePatientData(absl::string_view name) {
  static const absl::flat_hash_set<absl::string_view> names = {
      "patient",     "contact", "display_name", "email",     "phone",        "phone_number",
      "from_number", "address", "birth_date",   "age_years", "presentation", "signed_assessment"};
  return names.contains(name) || absl::StartsWith(name, "patient_");
}

// Fields of such a name that hold something else.
bool IsKnownHarmless(absl::string_view full_name) {
  static const absl::flat_hash_set<absl::string_view> names = {"lumbar.booking.v1.Clinician.display_name",
                                                               "lumbar.booking.v1.Clinician.email"};
  // The markers themselves.
  return names.contains(full_name) || absl::StartsWith(full_name, "lumbar.options.v1.");
}

class Inspection {
 public:
  void File(const FileDescriptor& file);
  std::vector<std::string> Faults() && { return std::move(faults_); }

 private:
  void Message(const Descriptor& type);
  void Enum(const EnumDescriptor& type);
  void Method(const MethodDescriptor& method);
  void Route(const MethodDescriptor& method, const google::api::HttpRule& route);
  void Policy(const MethodDescriptor& method);
  void Paging(const MethodDescriptor& method);
  void RequestId(const MethodDescriptor& method);

  template <typename Thing>
  void Commented(const Thing& thing) {
    google::protobuf::SourceLocation location;
    const bool found = thing.GetSourceLocation(&location);
    if (!found || (location.leading_comments.empty() && location.trailing_comments.empty())) {
      Fault(thing.full_name(), "has no comment");
    }
  }
  void Fault(absl::string_view where, absl::string_view what) { faults_.push_back(absl::StrCat(where, " ", what)); }

  std::vector<std::string> faults_;
  absl::flat_hash_map<std::string, std::string> method_of_route_;
  absl::flat_hash_map<const Descriptor*, std::string> method_of_request_;
};

bool IsSingular(const Descriptor& type, const std::string& name, FieldDescriptor::Type wanted) {
  const auto* field = type.FindFieldByName(name);
  return field != nullptr && field->type() == wanted && !field->is_repeated();
}

bool HasSideEffects(const MethodDescriptor& method) {
  return method.options().idempotency_level() != google::protobuf::MethodOptions::NO_SIDE_EFFECTS;
}

void Inspection::File(const FileDescriptor& file) {
  for (int i = 0; i < file.message_type_count(); ++i) Message(*file.message_type(i));
  for (int i = 0; i < file.enum_type_count(); ++i) Enum(*file.enum_type(i));
  for (int i = 0; i < file.service_count(); ++i) {
    Commented(*file.service(i));
    for (int j = 0; j < file.service(i)->method_count(); ++j) Method(*file.service(i)->method(j));
  }
}

void Inspection::Message(const Descriptor& type) {
  if (type.options().map_entry()) return;
  Commented(type);
  for (int i = 0; i < type.field_count(); ++i) {
    const auto& field = *type.field(i);
    Commented(field);
    if (SoundsLikePatientData(field.name()) && !IsKnownHarmless(field.full_name()) &&
        !field.options().GetExtension(options::patient_data)) {
      Fault(field.full_name(), "isn't marked as patient data");
    }
  }
  for (int i = 0; i < type.nested_type_count(); ++i) Message(*type.nested_type(i));
  for (int i = 0; i < type.enum_type_count(); ++i) Enum(*type.enum_type(i));
}

void Inspection::Enum(const EnumDescriptor& type) {
  Commented(type);
  for (int i = 0; i < type.value_count(); ++i) Commented(*type.value(i));
}

void Inspection::Method(const MethodDescriptor& method) {
  Commented(method);
  if (!method.options().HasExtension(google::api::http)) {
    Fault(method.full_name(), "has no route");
  } else {
    Route(method, method.options().GetExtension(google::api::http));
  }
  Policy(method);
  if (absl::StartsWith(method.name(), "List")) Paging(method);
  if (HasSideEffects(method)) RequestId(method);
  const auto [other, first] = method_of_request_.emplace(method.input_type(), method.full_name());
  if (!first) Fault(method.full_name(), absl::StrCat("shares its request type with ", other->second));
}

void Inspection::Route(const MethodDescriptor& method, const google::api::HttpRule& route) {
  const auto* pattern = google::api::HttpRule::GetReflection()->GetOneofFieldDescriptor(
      route, google::api::HttpRule::descriptor()->FindOneofByName("pattern"));
  if (pattern == nullptr || pattern->cpp_type() != FieldDescriptor::CPPTYPE_STRING) {
    return Fault(method.full_name(), "has no route");
  }
  if (route.has_get() && HasSideEffects(method)) Fault(method.full_name(), "is a GET with side effects");
  // Two templates that differ only in the names of their variables are the same route.
  auto path = google::api::HttpRule::GetReflection()->GetString(route, pattern);
  RE2::GlobalReplace(&path, "\\{[^}=]+=([^}]*)\\}", "\\1");
  RE2::GlobalReplace(&path, "\\{[^}]+\\}", "*");
  const auto [other, first] = method_of_route_.emplace(absl::StrCat(pattern->name(), " ", path), method.full_name());
  if (!first) Fault(method.full_name(), absl::StrCat("shares its route with ", other->second));
  for (const auto& more : route.additional_bindings()) Route(method, more);
}

void Inspection::Policy(const MethodDescriptor& method) {
  if (!method.options().HasExtension(options::policy)) return Fault(method.full_name(), "has no policy");
  const auto& policy = method.options().GetExtension(options::policy);
  if (policy.roles().empty()) Fault(method.full_name(), "may be called by nobody");
  for (const int role : policy.roles()) {
    if (role == options::ROLE_UNSPECIFIED || !options::Role_IsValid(role)) Fault(method.full_name(), "names no role");
  }
  if (policy.audit().empty()) Fault(method.full_name(), "has no audit event");
  if ((policy.ownership() == options::OWNERSHIP_REQUEST) != !policy.owner_field().empty()) {
    Fault(method.full_name(), "needs both OWNERSHIP_REQUEST and owner_field, or neither");
  } else if (!policy.owner_field().empty() &&
             !IsSingular(*method.input_type(), policy.owner_field(), FieldDescriptor::TYPE_STRING)) {
    Fault(method.full_name(), "has an owner_field that isn't a string of the request");
  }
}

void Inspection::Paging(const MethodDescriptor& method) {
  if (!IsSingular(*method.input_type(), "page_size", FieldDescriptor::TYPE_INT32) ||
      !IsSingular(*method.input_type(), "page_token", FieldDescriptor::TYPE_STRING) ||
      !IsSingular(*method.output_type(), "next_page_token", FieldDescriptor::TYPE_STRING)) {
    Fault(method.full_name(), "lists without pages");
  }
}

void Inspection::RequestId(const MethodDescriptor& method) {
  if (!IsSingular(*method.input_type(), "request_id", FieldDescriptor::TYPE_STRING)) {
    return Fault(method.full_name(), "changes something and has no request_id");
  }
  const auto& rules = method.input_type()->FindFieldByName("request_id")->options().GetExtension(buf::validate::field);
  if (!rules.required() || !rules.string().uuid() || rules.has_ignore()) {
    Fault(method.full_name(), "has a request_id that isn't required to be a UUID");
  }
}

}  // namespace

std::vector<std::string> ContractFaults(const std::vector<const FileDescriptor*>& files) {
  Inspection inspection;
  for (const auto* file : files) inspection.File(*file);
  return std::move(inspection).Faults();
}

}  // namespace lumbar::contracts
