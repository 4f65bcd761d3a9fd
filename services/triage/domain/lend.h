// Ready-made parts of answers, lent instead of copied.
#pragma once

#include <google/protobuf/repeated_ptr_field.h>

namespace lumbar::triage {

// Adds `part` to `list`. On an arena, which never destroys what its messages hold, the part itself: it must outlive the
// answer, and nobody may change or clear the answer's parts. Elsewhere a copy.
template <typename Message>
void Lend(const Message& part, google::protobuf::RepeatedPtrField<Message>& list) {
  if (list.GetArena() == nullptr) {
    *list.Add() = part;
  } else {
    list.UnsafeArenaAddAllocated(const_cast<Message*>(&part));
  }
}

template <typename Message>
void LendAll(const google::protobuf::RepeatedPtrField<Message>& parts,
             google::protobuf::RepeatedPtrField<Message>& list) {
  list.Reserve(list.size() + parts.size());
  for (const auto& part : parts) Lend(part, list);
}

}  // namespace lumbar::triage
