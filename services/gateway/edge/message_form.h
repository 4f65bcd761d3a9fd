// What is known of a type's fields before any message comes, for the quick ways between JSON and the wire.
#pragma once

#include <absl/container/flat_hash_map.h>
#include <google/protobuf/descriptor.h>

#include <string>
#include <vector>

namespace lumbar::gateway {

struct MessageForm;

struct FieldForm {
  const google::protobuf::FieldDescriptor* field = nullptr;
  int number = 0;
  google::protobuf::FieldDescriptor::Type type = google::protobuf::FieldDescriptor::TYPE_STRING;
  bool is_repeated = false;
  bool has_presence = false;
  // Among those of its message; -1: none.
  int oneof = -1;
  // As JSON has it: "fieldName": with its quotes and the colon.
  std::string key;
  // Of a message.
  const MessageForm* message = nullptr;
  // Of an enum, the names in quotes.
  absl::flat_hash_map<int, std::string> names;
  absl::flat_hash_map<std::string, int> numbers;
};

struct MessageForm {
  enum class Kind {
    kPlain,
    kTimestamp,
    kDuration,
    // JSON writes it in a way of its own, which only protobuf's mapper knows.
    kSpecial,
  };

  // Kept for ever. Thread safe.
  static const MessageForm& Of(const google::protobuf::Descriptor& type);

  Kind kind = Kind::kPlain;
  // By number.
  std::vector<FieldForm> fields;
  // By both of the names that a field has.
  absl::flat_hash_map<std::string, const FieldForm*> by_name;
};

}  // namespace lumbar::gateway
