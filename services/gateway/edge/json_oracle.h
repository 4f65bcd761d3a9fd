// Holds the quick ways between JSON and the wire against protobuf's own mapper; for tests and fuzzing only.
#pragma once

#include <google/protobuf/arena.h>
#include <google/protobuf/message.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/message_differencer.h>
#include <nlohmann/json.hpp>

#include <string>

#include "services/gateway/edge/json_reader.h"
#include "services/gateway/edge/json_writer.h"
#include "services/gateway/edge/strict_json.h"

namespace lumbar::gateway {

// What became of one comparison: the quick way left it to the mapper, or did the same, or didn't.
enum class Compared { kLeft, kSame, kDifferent };

inline Compared CompareWriting(const google::protobuf::Descriptor& type, absl::string_view wire) {
  const auto quick = WriteJson(MessageForm::Of(type), wire);
  if (!quick) return Compared::kLeft;
  google::protobuf::Arena arena;
  auto* message = google::protobuf::MessageFactory::generated_factory()->GetPrototype(&type)->New(&arena);
  std::string mapped;
  const bool is_message = message->ParseFromArray(wire.data(), static_cast<int>(wire.size())) &&
                          google::protobuf::util::MessageToJsonString(*message, &mapped).ok();
  // As values: the mapper escapes some characters that it needn't.
  const bool is_same = is_message && nlohmann::ordered_json::parse(*quick) == nlohmann::ordered_json::parse(mapped);
  return is_same ? Compared::kSame : Compared::kDifferent;
}

inline Compared CompareReading(const google::protobuf::Descriptor& type, const std::string& json) {
  const auto read = ParseJson(json);
  if (!read.ok()) return Compared::kLeft;
  const auto quick = ReadJson(MessageForm::Of(type), *read);
  if (!quick) return Compared::kLeft;
  google::protobuf::Arena arena;
  const auto* prototype = google::protobuf::MessageFactory::generated_factory()->GetPrototype(&type);
  auto* mapped = prototype->New(&arena);
  auto* parsed = prototype->New(&arena);
  const bool is_same = google::protobuf::util::JsonStringToMessage(json, mapped).ok() &&
                       parsed->ParseFromString(*quick) &&
                       google::protobuf::util::MessageDifferencer::Equals(*mapped, *parsed);
  return is_same ? Compared::kSame : Compared::kDifferent;
}

}  // namespace lumbar::gateway
