// What the contracts' files say about what they declare; the descriptors inside of a program have no comments.
#pragma once

#include <absl/container/flat_hash_map.h>
#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>

#include <string>

namespace lumbar::gateway {

class Comments {
 public:
  Comments() = default;
  // Of a serialized FileDescriptorSet with its source info, whose files come after what they import.
  // INVALID_ARGUMENT: it is none.
  static absl::StatusOr<Comments> Read(absl::string_view descriptor_set);

  // Of a service, method, message, field, enum or value by its full name; "" if there is none. Lines as they were
  // written, without what marks them as comments.
  absl::string_view Of(absl::string_view full_name) const;

 private:
  absl::flat_hash_map<std::string, std::string> by_name_;
};

}  // namespace lumbar::gateway
