// Request and answer of one call on an arena: all of their memory is taken and given back at once.
#pragma once

#include <google/protobuf/arena.h>
#include <grpcpp/support/message_allocator.h>

#include <array>

namespace lumbar::rpc {

// Give it to SetMessageAllocatorFor_<Method>; it must outlive the server. Worth it for answers of many small parts.
template <typename Request, typename Response>
class ArenaMessages final : public grpc::MessageAllocator<Request, Response> {
 public:
  grpc::MessageHolder<Request, Response>* AllocateMessages() override { return new Holder; }

 private:
  class Holder final : public grpc::MessageHolder<Request, Response> {
   public:
    Holder() : arena_(first_block_.data(), first_block_.size()) {
      this->set_request(google::protobuf::Arena::CreateMessage<Request>(&arena_));
      this->set_response(google::protobuf::Arena::CreateMessage<Response>(&arena_));
    }
    void Release() override { delete this; }

   private:
    // What a usual call needs, so that the arena allocates no further block.
    alignas(8) std::array<char, 12 * 1024> first_block_;
    google::protobuf::Arena arena_;
  };
};

}  // namespace lumbar::rpc
