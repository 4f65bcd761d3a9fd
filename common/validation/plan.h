// What a Validator does with each message type, made once at start-up.
#pragma once

#include <absl/container/flat_hash_map.h>
#include <absl/status/statusor.h>
#include <google/protobuf/descriptor.h>

#include <limits>
#include <memory>
#include <vector>

#include "common/validation/rules.h"

namespace lumbar::validation {

struct MessagePlan;

// What is done with one field.
struct FieldPlan {
  const google::protobuf::FieldDescriptor* field = nullptr;
  // Unset is a violation, and the only one of the field.
  bool required = false;
  // The rest applies only to a field that is set.
  bool only_when_set = false;
  // Of a repeated field or map.
  uint64_t min_items = 0;
  uint64_t max_items = std::numeric_limits<uint64_t>::max();
  bool unique = false;
  // Zero items of a list, and zero keys and values of a map, aren't looked at.
  bool skip_zero = false;
  // Of the value, or of each item.
  std::vector<Check> checks;
  // Of the message, of each item, of each map entry; null when there is nothing to do inside.
  const MessagePlan* nested = nullptr;
};

// Of `fields` at most one may be set, and one must be when `required`.
struct ChoicePlan {
  // What a violation is reported under; "" is the message itself.
  std::string name;
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  bool required = false;
};

struct MessagePlan {
  std::vector<FieldPlan> fields;
  std::vector<ChoicePlan> choices;
  // Whether anything is to be done here or further down; plans without are never walked.
  bool has_rules = false;
};

// The plans of every message type reachable from the types asked for.
struct Plans {
  absl::flat_hash_map<const google::protobuf::Descriptor*, std::unique_ptr<MessagePlan>> by_type;
  // Of map entries: their rules belong to the map field, so two maps of one type don't share them.
  std::vector<std::unique_ptr<MessagePlan>> entries;
};

// FAILED_PRECONDITION/RULE_NOT_SUPPORTED: the message names message, field and rule, and says why.
absl::StatusOr<Plans> CompilePlans(const std::vector<const google::protobuf::Descriptor*>& types);

}  // namespace lumbar::validation
