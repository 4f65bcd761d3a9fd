#include "tools/cli/wire_error.h"

#include <absl/strings/str_cat.h>
#include <google/protobuf/util/json_util.h>
#include <google/rpc/code.pb.h>
#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>
#include <nlohmann/json.hpp>

#include "common/status/errors.h"
#include "tools/cli/errors.h"

namespace lumbar::cli {
namespace {

using Json = nlohmann::json;

std::string Text(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

// Adds `detail`; a type that this tool doesn't know is left out.
void AddDetail(const Json& detail, google::rpc::Status& wire) {
  google::protobuf::util::JsonParseOptions lenient;
  lenient.ignore_unknown_fields = true;
  google::protobuf::Any any;
  if (google::protobuf::util::JsonStringToMessage(detail.dump(), &any, lenient).ok()) *wire.add_details() = any;
}

}  // namespace

absl::Status ErrorOf(const HttpAnswer& answer, absl::string_view server) {
  const Json body = Json::parse(answer.body, nullptr, /*allow_exceptions=*/false);
  const Json error = body.is_object() ? body.value("error", Json()) : Json();
  google::rpc::Code code = google::rpc::OK;
  if (!error.is_object() || !google::rpc::Code_Parse(Text(error, "status"), &code) || code == google::rpc::OK) {
    return AnswerNotUnderstood(server, absl::StrCat("HTTP status ", answer.status));
  }
  google::rpc::Status wire;
  wire.set_code(code);
  wire.set_message(Text(error, "message"));
  for (const auto& detail : error.value("details", Json::array())) AddDetail(detail, wire);
  return FromRpcStatus(wire);
}

}  // namespace lumbar::cli
