#include "common/rpc/method_table.h"

#include <absl/strings/str_cat.h>

#include "common/status/errors.h"
#include "common/status/macros.h"
#include "lumbar/options/v1/options.pb.h"

namespace lumbar::rpc {
namespace {

absl::Status Refused(absl::string_view method, absl::string_view fault) {
  return WithReason(absl::FailedPreconditionError(absl::StrCat(method, ": ", fault)), "CONTRACT_REFUSED");
}

// What is ready was made for nobody in particular, and before anybody asked.
bool MayBeReady(const google::protobuf::MethodDescriptor& contract) {
  const auto& options = contract.options();
  return options.idempotency_level() == google::protobuf::MethodOptions::NO_SIDE_EFFECTS &&
         options.GetExtension(options::v1::policy).ownership() != options::v1::OWNERSHIP_RESOURCE;
}

absl::Status CheckMethod(const google::protobuf::MethodDescriptor& contract, const OfferedMethod* offered) {
  const bool planned = contract.options().GetExtension(options::v1::policy).planned();
  if (offered == nullptr) return planned ? absl::OkStatus() : Refused(contract.full_name(), "has no handler");
  if (planned) return Refused(contract.full_name(), "has a handler and is still called planned");
  if (contract.client_streaming()) return Refused(contract.full_name(), "takes a stream, which nobody offers");
  if (contract.server_streaming() != (offered->open != nullptr)) {
    return Refused(contract.full_name(), "streams and its handler doesn't, or the other way round");
  }
  if (offered->find != nullptr && !MayBeReady(contract)) {
    return Refused(contract.full_name(), "has answers ready, which a read that belongs to nobody may");
  }
  const bool fits = offered->request->GetDescriptor() == contract.input_type() &&
                    offered->response->GetDescriptor() == contract.output_type();
  return fits ? absl::OkStatus() : Refused(contract.full_name(), "has a handler of other types");
}

}  // namespace

const OfferedMethod* MethodTable::Find(const std::string& name) const {
  const auto found = methods_.find(name);
  return found == methods_.end() ? nullptr : &found->second;
}

absl::Status MethodTable::Check() const {
  for (int i = 0; i < contract_->method_count(); ++i) {
    LUMBAR_RETURN_IF_ERROR(CheckMethod(*contract_->method(i), Find(contract_->method(i)->name())));
  }
  for (const auto& [name, method] : methods_) {
    if (contract_->FindMethodByName(name) != nullptr) continue;
    return Refused(absl::StrCat(contract_->full_name(), ".", name), "has a handler and isn't in the contract");
  }
  return absl::OkStatus();
}

}  // namespace lumbar::rpc
