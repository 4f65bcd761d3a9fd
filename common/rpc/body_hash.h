// The fingerprint that tells whether a request_id came back with the same body.
#pragma once

#include <google/protobuf/message.h>

#include <string>

namespace lumbar::rpc {

// SHA-256 of the deterministic serialisation, lower-case hexadecimal.
std::string BodyHash(const google::protobuf::Message& request);

}  // namespace lumbar::rpc
