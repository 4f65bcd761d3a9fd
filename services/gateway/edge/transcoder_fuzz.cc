// Bodies and queries of every route from hostile bytes: the first byte picks the route, a newline parts the query from
// the body. What is accepted must come back as JSON that is accepted again, and the quick ways between JSON and the
// wire do what protobuf's mapper does.
#include "services/gateway/edge/transcoder.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "services/gateway/edge/json_oracle.h"
#include "services/gateway/edge/testing.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  using namespace lumbar::gateway;
  static const RouteTable table = *RouteTable::Build(AllServices());
  if (size == 0) return 0;
  const Route& route = table.routes()[bytes[0] % table.routes().size()];
  const absl::string_view input(reinterpret_cast<const char*>(bytes) + 1, size - 1);
  const auto cut = std::min(input.find('\n'), input.size());
  const auto body = cut == input.size() ? absl::string_view() : input.substr(cut + 1);
  (void)EncodeRequest(route, {{"name", "holds/1"}}, input.substr(0, cut), body);
  const auto json = DecodeResponse(route, input);
  if (json.ok() && !CheckJson(*json).ok()) std::abort();
  if (CompareWriting(*route.method->output_type(), input) == Compared::kDifferent) std::abort();
  if (CompareReading(*route.method->input_type(), std::string(body)) == Compared::kDifferent) std::abort();
  return 0;
}
