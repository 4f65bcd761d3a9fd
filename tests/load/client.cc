// Sends one request over and over, or several in turn, so many at a time, and counts the answers: unary, as bytes, any
// method.
#include <CLI/CLI.hpp>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <fstream>
#include <iostream>
#include <iterator>

namespace lumbar::load {
namespace {

struct Options {
  std::string target;
  std::string method;
  std::string request_file;
  std::string requests_file;
  std::string token;
  int calls = 1000;
  int in_flight = 16;
  int channels = 2;
  int deadline_ms = 5000;
};

class Load {
 public:
  explicit Load(const Options& options) : options_(options), left_(options.calls) {
    ReadRequests();
    took_.reserve(static_cast<size_t>(options.calls));
    for (int i = 0; i < options.channels; ++i) {
      grpc::ChannelArguments arguments;
      // Else all would share one connection.
      arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
      stubs_.push_back(std::make_unique<grpc::GenericStub>(
          grpc::CreateCustomChannel(options.target, grpc::InsecureChannelCredentials(), arguments)));
    }
  }

  // Returns whether every call succeeded, and prints what was counted as one line of JSON.
  bool Run() {
    const auto start = std::chrono::steady_clock::now();
    for (int lane = 0; lane < options_.in_flight; ++lane) Next(*stubs_[static_cast<size_t>(lane) % stubs_.size()]);
    std::unique_lock<std::mutex> lock(mutex_);
    finished_.wait(lock, [&] { return lanes_done_ == options_.in_flight; });
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    std::cout << "{\"ok\":" << options_.calls - failed_ << ",\"failed\":" << failed_ << ",\"seconds\":" << took.count()
              << ",\"answerBytes\":" << answer_bytes_ << ",\"p50\":" << Percentile(0.5)
              << ",\"p99\":" << Percentile(0.99) << "}\n";
    if (failed_ > 0) std::cerr << "first failure: " << failure_ << "\n";
    return failed_ == 0;
  }

 private:
  using Clock = std::chrono::steady_clock;

  struct Call {
    grpc::ClientContext context;
    grpc::ByteBuffer answer;
    Clock::time_point begun = Clock::now();
  };

  void ReadRequests() {
    const bool several = !options_.requests_file.empty();
    std::ifstream file(several ? options_.requests_file : options_.request_file, std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    size_t place = 0;
    do {
      size_t size = bytes.size();
      if (several) {
        size = 0;
        for (int i = 0; i < 4; ++i) size = size << 8 | static_cast<unsigned char>(bytes.at(place++));
      }
      const grpc::Slice slice(bytes.data() + place, size);
      requests_.emplace_back(&slice, 1);
      place += size;
    } while (place < bytes.size());
  }

  // In microseconds.
  double Percentile(double part) {
    const auto place = took_.begin() + static_cast<ptrdiff_t>(part * static_cast<double>(took_.size() - 1));
    std::nth_element(took_.begin(), place, took_.end());
    return std::chrono::duration<double, std::micro>(*place).count();
  }

  // One lane: the next call begins when the last has ended.
  void Next(grpc::GenericStub& stub) {
    const int left = left_.fetch_sub(1);
    if (left <= 0) {
      const std::lock_guard<std::mutex> lock(mutex_);
      ++lanes_done_;
      finished_.notify_one();
      return;
    }
    auto* call = new Call;
    const size_t turn = static_cast<size_t>(options_.calls - left) % requests_.size();
    call->context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(options_.deadline_ms));
    call->context.set_wait_for_ready(true);
    if (!options_.token.empty()) call->context.AddMetadata("authorization", "Bearer " + options_.token);
    stub.UnaryCall(&call->context, options_.method, grpc::StubOptions(), &requests_[turn], &call->answer,
                   [this, call, &stub](const grpc::Status& status) {
                     Count(status, call->answer.Length(), Clock::now() - call->begun);
                     delete call;
                     Next(stub);
                   });
  }

  void Count(const grpc::Status& status, size_t bytes, Clock::duration took) {
    const std::lock_guard<std::mutex> lock(mutex_);
    took_.push_back(took);
    answer_bytes_ = std::max(answer_bytes_, bytes);
    if (status.ok()) return;
    if (failed_++ == 0) failure_ = std::to_string(status.error_code()) + " " + status.error_message();
  }

  const Options options_;
  std::vector<grpc::ByteBuffer> requests_;
  std::vector<std::unique_ptr<grpc::GenericStub>> stubs_;
  std::atomic<int> left_;
  std::mutex mutex_;
  std::condition_variable finished_;
  int lanes_done_ = 0;
  int failed_ = 0;
  std::vector<Clock::duration> took_;
  size_t answer_bytes_ = 0;
  std::string failure_;
};

}  // namespace
}  // namespace lumbar::load

int main(int argc, char** argv) {
  CLI::App app{"Sends one request over and over and counts the answers"};
  lumbar::load::Options options;
  app.add_option("--target", options.target, "HOST:PORT")->required();
  app.add_option("--method", options.method, "/package.Service/Method")->required();
  auto* one =
      app.add_option("--request-file", options.request_file, "the serialised request")->check(CLI::ExistingFile);
  app.add_option("--requests-file", options.requests_file,
                 "instead: several, sent in turn, each after its length in four bytes, the highest first")
      ->check(CLI::ExistingFile)
      ->excludes(one);
  app.add_option("--token", options.token, "bearer token")->envname("LUMBAR_TOKEN");
  app.add_option("--calls", options.calls, "how many")->check(CLI::Range(1, 100'000'000))->capture_default_str();
  app.add_option("--in-flight", options.in_flight, "how many at a time")
      ->check(CLI::Range(1, 4096))
      ->capture_default_str();
  app.add_option("--channels", options.channels, "connections")->check(CLI::Range(1, 64))->capture_default_str();
  app.add_option("--deadline-ms", options.deadline_ms, "of each call")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  return lumbar::load::Load(options).Run() ? 0 : 1;
}
