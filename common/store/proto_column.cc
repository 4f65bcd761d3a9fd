#include "common/store/proto_column.h"

#include <google/protobuf/util/json_util.h>

#include "common/store/errors.h"
#include "common/store/proto_json.h"

namespace lumbar::store {

absl::StatusOr<std::string> ToColumn(const google::protobuf::Message& message) {
  std::string text;
  if (AppendJson(message, text)) return text;
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  if (!google::protobuf::util::MessageToJsonString(message, &text, options).ok()) {
    return UnwritableMessage(message.GetDescriptor()->full_name());
  }
  return text;
}

absl::Status ReadColumn(absl::string_view text, google::protobuf::Message& message) {
  if (ReadJson(text, message)) return absl::OkStatus();
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  const auto status = google::protobuf::util::JsonStringToMessage({text.data(), text.size()}, &message, options);
  return status.ok() ? absl::OkStatus() : UnreadableColumn(message.GetDescriptor()->full_name());
}

}  // namespace lumbar::store
