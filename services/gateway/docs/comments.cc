#include "services/gateway/docs/comments.h"

#include <absl/strings/ascii.h>
#include <absl/strings/str_join.h>
#include <absl/strings/str_split.h>
#include <absl/strings/strip.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>

#include <utility>
#include <vector>

namespace lumbar::gateway {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FileDescriptor;

std::string Plain(absl::string_view comment) {
  std::vector<absl::string_view> lines = absl::StrSplit(absl::StripAsciiWhitespace(comment), '\n');
  for (auto& line : lines) absl::ConsumePrefix(&line, " ");
  return absl::StrJoin(lines, "\n");
}

class Reader {
 public:
  void Read(const FileDescriptor& file) {
    for (int i = 0; i < file.message_type_count(); ++i) Read(*file.message_type(i));
    for (int i = 0; i < file.enum_type_count(); ++i) Read(*file.enum_type(i));
    for (int i = 0; i < file.service_count(); ++i) {
      const auto& service = *file.service(i);
      Keep(service);
      for (int j = 0; j < service.method_count(); ++j) Keep(*service.method(j));
    }
  }
  absl::flat_hash_map<std::string, std::string> Take() { return std::move(found_); }

 private:
  void Read(const Descriptor& message) {
    Keep(message);
    for (int i = 0; i < message.field_count(); ++i) Keep(*message.field(i));
    for (int i = 0; i < message.nested_type_count(); ++i) Read(*message.nested_type(i));
    for (int i = 0; i < message.enum_type_count(); ++i) Read(*message.enum_type(i));
  }

  void Read(const EnumDescriptor& type) {
    Keep(type);
    for (int i = 0; i < type.value_count(); ++i) Keep(*type.value(i));
  }

  template <typename Declared>
  void Keep(const Declared& declared) {
    google::protobuf::SourceLocation where;
    if (!declared.GetSourceLocation(&where) || where.leading_comments.empty()) return;
    found_[declared.full_name()] = Plain(where.leading_comments);
  }

  absl::flat_hash_map<std::string, std::string> found_;
};

}  // namespace

absl::StatusOr<Comments> Comments::Read(absl::string_view descriptor_set) {
  google::protobuf::FileDescriptorSet set;
  if (!set.ParseFromArray(descriptor_set.data(), static_cast<int>(descriptor_set.size()))) {
    return absl::InvalidArgumentError("the contracts' descriptors can't be read");
  }
  google::protobuf::DescriptorPool pool;
  Reader reader;
  for (const auto& file : set.file()) {
    const FileDescriptor* built = pool.BuildFile(file);
    if (built == nullptr) return absl::InvalidArgumentError("the contracts' descriptors don't fit together");
    reader.Read(*built);
  }
  Comments comments;
  comments.by_name_ = reader.Take();
  return comments;
}

absl::string_view Comments::Of(absl::string_view full_name) const {
  const auto found = by_name_.find(full_name);
  return found == by_name_.end() ? absl::string_view() : absl::string_view(found->second);
}

}  // namespace lumbar::gateway
