// Makes messages at the edges of their rules, from descriptors alone, so that a new contract is covered by itself.
#pragma once

#include <google/protobuf/message.h>

#include <memory>
#include <vector>

#include "common/validation/validator.h"

namespace lumbar::contracts {

using Messages = std::vector<std::unique_ptr<google::protobuf::Message>>;

// A message of `prototype`'s type with every field set, two items in each list, valid by `validator` where any of a few
// plausible words and numbers is.
std::unique_ptr<google::protobuf::Message> ValidExample(const google::protobuf::Message& prototype,
                                                        const validation::Validator& validator);

// Copies of `example`, each with one field, at any depth, changed to a value at or near an edge.
Messages Variations(const google::protobuf::Message& example);

}  // namespace lumbar::contracts
