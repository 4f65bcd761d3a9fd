// Sends one request over and over, so many at a time, and counts the answers: unary, as bytes, any method.
#include <CLI/CLI.hpp>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <atomic>
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
  std::string token;
  int calls = 1000;
  int in_flight = 16;
  int channels = 2;
  int deadline_ms = 5000;
};

class Load {
 public:
  explicit Load(const Options& options) : options_(options), left_(options.calls) {
    std::ifstream file(options.request_file, std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    const grpc::Slice slice(bytes);
    request_ = grpc::ByteBuffer(&slice, 1);
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
              << ",\"answerBytes\":" << answer_bytes_ << "}\n";
    if (failed_ > 0) std::cerr << "first failure: " << failure_ << "\n";
    return failed_ == 0;
  }

 private:
  struct Call {
    grpc::ClientContext context;
    grpc::ByteBuffer answer;
  };

  // One lane: the next call begins when the last has ended.
  void Next(grpc::GenericStub& stub) {
    if (left_.fetch_sub(1) <= 0) {
      const std::lock_guard<std::mutex> lock(mutex_);
      ++lanes_done_;
      finished_.notify_one();
      return;
    }
    auto* call = new Call;
    call->context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(options_.deadline_ms));
    call->context.set_wait_for_ready(true);
    if (!options_.token.empty()) call->context.AddMetadata("authorization", "Bearer " + options_.token);
    stub.UnaryCall(&call->context, options_.method, grpc::StubOptions(), &request_, &call->answer,
                   [this, call, &stub](const grpc::Status& status) {
                     Count(status, call->answer.Length());
                     delete call;
                     Next(stub);
                   });
  }

  void Count(const grpc::Status& status, size_t bytes) {
    const std::lock_guard<std::mutex> lock(mutex_);
    answer_bytes_ = std::max(answer_bytes_, bytes);
    if (status.ok()) return;
    if (failed_++ == 0) failure_ = std::to_string(status.error_code()) + " " + status.error_message();
  }

  const Options options_;
  grpc::ByteBuffer request_;
  std::vector<std::unique_ptr<grpc::GenericStub>> stubs_;
  std::atomic<int> left_;
  std::mutex mutex_;
  std::condition_variable finished_;
  int lanes_done_ = 0;
  int failed_ = 0;
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
  app.add_option("--request-file", options.request_file, "the serialised request")
      ->required()
      ->check(CLI::ExistingFile);
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
