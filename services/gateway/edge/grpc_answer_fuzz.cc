// Whatever a service sends after its hello: no crash, no leak, and each of three calls is told its end once.
#include "services/gateway/edge/grpc_answer.h"

#include <cstdlib>
#include <vector>

#include "common/http2/client_session.h"

namespace lumbar::gateway {
namespace {

// The empty SETTINGS.
constexpr absl::string_view kHello("\0\0\0\4\0\0\0\0\0", 9);
constexpr int kCalls = 3;

class FuzzedCall final : public http2::Caller {
 public:
  explicit FuzzedCall(int& ends) : ends_(ends) {}
  absl::string_view Body() const override { return "request"; }
  void OnField(const http2::Field& field) override { answer_.AddField(field); }
  void OnBytes(absl::string_view bytes) override {
    if (answer_.AddBytes(bytes).ok()) (void)answer_.Take();
  }
  void OnOver(http2::Ending ending, uint32_t error) override {
    ++ends_;
    (void)answer_.StatusAt(ending, error);
    (void)answer_.TakeOnly();
  }

 private:
  int& ends_;
  GrpcAnswer answer_{4096};
};

void Run(absl::string_view bytes) {
  http2::Limits limits;
  int ends = 0;
  absl::Time now = absl::FromUnixSeconds(1'000'000);
  http2::ClientSession session(limits, now);
  session.Receive(kHello, now);
  std::string out;
  for (int i = 0; i < kCalls; ++i) session.Begin({{":method", "POST"}}, {}, std::make_shared<FuzzedCall>(ends));
  session.Produce(out, 64 * 1024, now);
  // In pieces whose sizes the input itself decides.
  while (!bytes.empty()) {
    const size_t size = std::min<size_t>(bytes.size(), 1 + static_cast<unsigned char>(bytes[0]) * 4);
    if (!session.Receive(bytes.substr(0, size), now += absl::Seconds(1)) || session.IsOver()) break;
    out.clear();
    session.Produce(out, 64 * 1024, now);
    bytes.remove_prefix(size);
  }
  session.Lose();
  if (ends != kCalls) std::abort();
}

}  // namespace
}  // namespace lumbar::gateway

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  lumbar::gateway::Run(absl::string_view(reinterpret_cast<const char*>(bytes), size));
  return 0;
}
