// Message types written as .proto source inside a test; for tests only.
#pragma once

#include <buf/validate/validate.pb.h>
#include <google/protobuf/compiler/parser.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

namespace lumbar::validation {

// A .proto file of package "test" that may use everything linked into the program.
class Schema {
 public:
  // `imports`: more files to import. `body`: what follows the package line.
  explicit Schema(const std::string& body, const std::vector<std::string>& imports = {}) {
    std::string source = "syntax = \"proto3\"; package test; import \"buf/validate/validate.proto\";";
    for (const auto& import : imports) source += "import \"" + import + "\";";
    source += body;
    google::protobuf::io::ArrayInputStream input(source.data(), static_cast<int>(source.size()));
    google::protobuf::io::Tokenizer tokenizer(&input, nullptr);
    google::protobuf::FileDescriptorProto file;
    if (!google::protobuf::compiler::Parser().Parse(&tokenizer, &file)) ADD_FAILURE() << "not proto: " << body;
    file.set_name("test.proto");
    file_ = pool_.BuildFile(file);
    if (file_ == nullptr) ADD_FAILURE() << "does not build: " << body;
  }

  const google::protobuf::FileDescriptor* file() const { return file_; }
  const google::protobuf::Descriptor* type(const std::string& name) const { return file_->FindMessageTypeByName(name); }

  // The file and all that it imports, imports first.
  google::protobuf::FileDescriptorSet Set() const {
    google::protobuf::FileDescriptorSet set;
    std::set<const google::protobuf::FileDescriptor*> seen;
    Add(*file_, seen, set);
    return set;
  }

  // A message in text format.
  std::unique_ptr<google::protobuf::Message> Make(const std::string& name, const std::string& text) {
    std::unique_ptr<google::protobuf::Message> message(messages_.GetPrototype(type(name))->New());
    if (!google::protobuf::TextFormat::ParseFromString(text, message.get())) ADD_FAILURE() << "not a message: " << text;
    return message;
  }

 private:
  static void Add(const google::protobuf::FileDescriptor& file, std::set<const google::protobuf::FileDescriptor*>& seen,
                  google::protobuf::FileDescriptorSet& set) {
    if (!seen.insert(&file).second) return;
    for (int i = 0; i < file.dependency_count(); ++i) Add(*file.dependency(i), seen, set);
    file.CopyTo(set.add_file());
    file.CopyJsonNameTo(&*set.mutable_file()->rbegin());
  }

  google::protobuf::DescriptorPool pool_{google::protobuf::DescriptorPool::generated_pool()};
  const google::protobuf::FileDescriptor* file_ = nullptr;
  google::protobuf::DynamicMessageFactory messages_{&pool_};
};

}  // namespace lumbar::validation
