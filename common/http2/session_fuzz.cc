// Whatever a peer sends after the preface: no crash, no leak, and the ledger is even at the end.
#include "common/http2/session.h"

#include <cstdlib>

namespace lumbar::http2 {
namespace {

constexpr absl::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

class Here final : public Runner {
 public:
  bool IsHere() const override { return true; }
  void Post(std::function<void()> task) override { task(); }
};

class Echo final : public Handler {
 public:
  void OnRequest(const std::shared_ptr<Stream>& stream) override {
    constexpr Field kStatus = {":status", "200"};
    constexpr Field kDone = {"x-done", "yes"};
    stream->Begin({kStatus});
    stream->Write(stream->request().body);
    stream->End({kDone});
  }
};

void Run(absl::string_view bytes) {
  Limits limits;
  limits.body_bytes = 4096;
  limits.connection_bytes = 16 * 1024;
  Ledger ledger(32 * 1024);
  Echo echo;
  {
    absl::Time now = absl::FromUnixSeconds(1'000'000);
    Session session(
        limits, ledger, echo, std::make_shared<Here>(), [] {}, now);
    session.Receive(kPreface, now);
    std::string out;
    // In pieces whose sizes the input itself decides.
    while (!bytes.empty() && !session.IsOver()) {
      const size_t size = std::min<size_t>(bytes.size(), 1 + static_cast<unsigned char>(bytes[0]) * 4);
      session.Receive(bytes.substr(0, size), now += absl::Seconds(1));
      session.Tick(now);
      session.Produce(out, 64 * 1024, now);
      out.clear();
      bytes.remove_prefix(size);
    }
    session.Drain();
    session.Produce(out, 64 * 1024, now);
  }
  if (ledger.held() != 0) std::abort();
}

}  // namespace
}  // namespace lumbar::http2

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  lumbar::http2::Run(absl::string_view(reinterpret_cast<const char*>(bytes), size));
  return 0;
}
