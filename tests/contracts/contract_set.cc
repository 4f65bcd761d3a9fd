#include "tests/contracts/contract_set.h"

#include <absl/strings/match.h>

#include <fstream>

namespace lumbar::contracts {

ContractSet::ContractSet(const std::string& path) {
  std::ifstream input(path, std::ios::binary);
  if (!set_.ParseFromIstream(&input)) error_ = path + " is not a FileDescriptorSet";
  for (const auto& file : set_.file()) {
    const auto* built = pool_.BuildFile(file);
    if (built == nullptr) {
      error_ = file.name() + " does not build";
    } else if (absl::StartsWith(file.name(), "lumbar/")) {
      ours_.push_back(built);
    }
  }
}

std::vector<const google::protobuf::Descriptor*> ContractSet::RequestTypes() const {
  std::vector<const google::protobuf::Descriptor*> types;
  for (const auto* file : ours_) {
    for (int i = 0; i < file->service_count(); ++i) {
      for (int j = 0; j < file->service(i)->method_count(); ++j) {
        types.push_back(file->service(i)->method(j)->input_type());
      }
    }
  }
  return types;
}

}  // namespace lumbar::contracts
