// Between absl's time and protobuf's. Microseconds are kept, because the stores keep no more.
#pragma once

#include <absl/time/time.h>
#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>

#include <algorithm>

namespace lumbar {

// Times outside the years 1 to 9999 become the nearest one that a Timestamp can hold.
inline google::protobuf::Timestamp ToProtoTime(absl::Time time) {
  constexpr int64_t kFirst = -62'135'596'800, kLast = 253'402'300'799;
  const int64_t micros = std::clamp(absl::ToUnixMicros(time), kFirst * 1'000'000, kLast * 1'000'000);
  google::protobuf::Timestamp proto;
  proto.set_seconds(micros / 1'000'000 - (micros % 1'000'000 < 0));
  proto.set_nanos(static_cast<int32_t>(micros - proto.seconds() * 1'000'000) * 1'000);
  return proto;
}

inline absl::Time FromProto(const google::protobuf::Timestamp& proto) {
  return absl::FromUnixSeconds(proto.seconds()) + absl::Microseconds(proto.nanos() / 1'000);
}

inline absl::Duration FromProto(const google::protobuf::Duration& proto) {
  return absl::Seconds(proto.seconds()) + absl::Microseconds(proto.nanos() / 1'000);
}

}  // namespace lumbar
