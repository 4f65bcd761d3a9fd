// Prints one file of a FileDescriptorSet as .proto source: print_proto SET.binpb FILE.
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>

#include <fstream>
#include <iostream>

int main(int argc, char** argv) {
  if (argc != 3) return std::cerr << "usage: print_proto SET.binpb FILE\n", 2;
  google::protobuf::FileDescriptorSet set;
  std::ifstream input(argv[1], std::ios::binary);
  if (!set.ParseFromIstream(&input)) return std::cerr << argv[1] << " is not a FileDescriptorSet\n", 1;
  google::protobuf::DescriptorPool pool;
  for (const auto& file : set.file()) {
    if (pool.BuildFile(file) == nullptr) return std::cerr << file.name() << " does not build\n", 1;
  }
  const auto* wanted = pool.FindFileByName(argv[2]);
  if (wanted == nullptr) return std::cerr << argv[2] << " is not in the set\n", 1;
  std::cout << wanted->DebugString();
}
