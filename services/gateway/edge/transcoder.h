// Between HTTP/JSON and protobuf, as google.api.http describes it.
#pragma once

#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>
#include <google/api/httpbody.pb.h>

#include <string>
#include <vector>

#include "services/gateway/edge/route_table.h"

namespace lumbar::gateway {

// The serialized request: the body, then the query's parameters, then the path's variables over both. `query` is still
// percent-encoded; its names are field paths ("patient.email"), in either spelling ("page_size", "pageSize").
// INVALID_ARGUMENT/INVALID_FIELD: a field or parameter that the request doesn't have, or a value of the wrong type;
// the violation names the field. INVALID_ARGUMENT/MALFORMED_JSON: see CheckJson.
// INVALID_ARGUMENT/BODY_NOT_WANTED, /MALFORMED_REQUEST: as their names say. No failure repeats a value.
absl::StatusOr<std::string> EncodeRequest(const Route& route, const std::vector<Binding>& path_variables,
                                          absl::string_view query, absl::string_view body);

// A request as it came, for a route that is_callback.
struct RawRequest {
  absl::string_view target;
  absl::string_view content_type;
  absl::string_view signature;
  absl::string_view body;
};

// The serialized request: the body in its field, the path's variables, and the fields `target`, `signature` and
// `request_id`, which is the same for the same request. INVALID_ARGUMENT/INVALID_FIELD as above.
absl::StatusOr<std::string> EncodeCallback(const Route& route, const std::vector<Binding>& path_variables,
                                           const RawRequest& raw);

// The JSON of a serialized response in proto3's canonical form: lowerCamelCase, enums by name, 64-bit integers as
// strings, fields with their default value left out.
// INTERNAL/INTERNAL: `response` isn't what the contract says.
absl::StatusOr<std::string> DecodeResponse(const Route& route, absl::string_view response);

// The serialized message of `json`, which is the whole of it, and the other way round. Fail like EncodeRequest and
// DecodeResponse.
absl::StatusOr<std::string> MessageFromJson(const google::protobuf::Descriptor& type, absl::string_view json);
absl::StatusOr<std::string> MessageToJson(const google::protobuf::Descriptor& type, absl::string_view message);

// The text in a field of a serialized message; "" if the type has no such field. INTERNAL/INTERNAL: it isn't a message.
absl::StatusOr<std::string> TextField(const google::protobuf::Descriptor& type, absl::string_view message,
                                      const std::string& field);

// A serialized message with that text in a field; unchanged if the type has no such field. INTERNAL/INTERNAL as above.
absl::StatusOr<std::string> WithTextField(const google::protobuf::Descriptor& type, const std::string& message,
                                          const std::string& field, absl::string_view text);

// The parameters of a query, names and values decoded, in their order. INVALID_ARGUMENT/MALFORMED_REQUEST.
absl::StatusOr<std::vector<Binding>> ReadQuery(absl::string_view query);

// For a message that came in a URL. INVALID_ARGUMENT/INVALID_FIELD: it has a field that is marked as patient data.
// INVALID_ARGUMENT/MALFORMED_REQUEST: it isn't of its type.
absl::Status CheckFreeOfPatientData(const google::protobuf::Descriptor& type, absl::string_view message);

// The file of a serialized response, for a route that is_file. INTERNAL/INTERNAL as above.
absl::StatusOr<google::api::HttpBody> DecodeFile(const Route& route, absl::string_view response);

}  // namespace lumbar::gateway
