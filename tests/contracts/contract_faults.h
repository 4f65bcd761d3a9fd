// What every contract must declare, beyond what buf lint knows of.
#pragma once

#include <google/protobuf/descriptor.h>

#include <string>
#include <vector>

namespace lumbar::contracts {

// One sentence for each thing that is missing or wrong, beginning with the full name of what it is about.
std::vector<std::string> ContractFaults(const std::vector<const google::protobuf::FileDescriptor*>& files);

}  // namespace lumbar::contracts
