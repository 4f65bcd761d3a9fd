// The contracts as protoc left them: every file, with comments and options, in a pool of their own.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>

#include <string>
#include <vector>

namespace lumbar::contracts {

class ContractSet {
 public:
  // Reads a FileDescriptorSet whose files come after what they import. Check `error()` before anything else.
  explicit ContractSet(const std::string& path);

  const std::string& error() const { return error_; }
  const google::protobuf::FileDescriptorSet& files() const { return set_; }
  // Our own files, others' left out.
  const std::vector<const google::protobuf::FileDescriptor*>& ours() const { return ours_; }
  // The request type of every rpc.
  std::vector<const google::protobuf::Descriptor*> RequestTypes() const;

 private:
  google::protobuf::FileDescriptorSet set_;
  google::protobuf::DescriptorPool pool_;
  std::vector<const google::protobuf::FileDescriptor*> ours_;
  std::string error_;
};

}  // namespace lumbar::contracts
