#include "common/telemetry/log.h"

#include <absl/time/clock.h>
#include <absl/time/time.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "common/concurrency/periodic.h"
#include "common/status/errors.h"
#include "common/telemetry/batched_stderr.h"
#include "common/telemetry/json_line.h"

namespace lumbar {
namespace {

constexpr absl::Duration kWriteEvery = absl::Milliseconds(50);
// The members that every line has.
constexpr std::array<absl::string_view, 4> kOwnNames = {"ts", "level", "service", "event"};
constexpr std::array<std::pair<absl::string_view, spdlog::level::level_enum>, 4> kLevels = {{
    {"debug", spdlog::level::debug},
    {"info", spdlog::level::info},
    {"warning", spdlog::level::warn},
    {"error", spdlog::level::err},
}};

const auto& Entry(LogLevel level) { return kLevels[static_cast<size_t>(level)]; }

struct Output {
  std::string service;
  std::shared_ptr<spdlog::logger> logger;
  // Flushes the logger's sink from time to time; null where that writes at once.
  std::unique_ptr<PeriodicTask> writer;
};

Output& TheOutput() {
  static Output output{
      "", std::make_shared<spdlog::logger>("lumbar", std::make_shared<spdlog::sinks::stderr_sink_mt>()), nullptr};
  return output;
}

void Install(Output output, LogLevel level) {
  output.logger->set_pattern("%v");
  output.logger->set_level(Entry(level).second);
  FlushLogging();
  TheOutput() = std::move(output);
}

}  // namespace

absl::StatusOr<LogLevel> ParseLogLevel(absl::string_view text) {
  for (size_t i = 0; i < kLevels.size(); ++i) {
    if (kLevels[i].first == text) return static_cast<LogLevel>(i);
  }
  return InvalidField("log_level", "use debug, info, warning or error");
}

void InitLogging(absl::string_view service, LogLevel level) {
  const auto sink = std::make_shared<BatchedStderr>();
  Install({std::string(service), std::make_shared<spdlog::logger>("lumbar", sink),
           std::make_unique<PeriodicTask>("log", kWriteEvery, [sink] { sink->flush(); })},
          level);
}

void InitLoggingTo(std::ostream& out, absl::string_view service, LogLevel level) {
  auto sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(out);
  Install({std::string(service), std::make_shared<spdlog::logger>("lumbar", std::move(sink)), nullptr}, level);
}

void FlushLogging() {
  Output& output = TheOutput();
  if (output.writer == nullptr) return;
  output.writer.reset();
  output.logger->flush();
  // Later lines go straight out.
  output.logger->sinks() = {std::make_shared<spdlog::sinks::stderr_sink_mt>()};
  output.logger->set_pattern("%v");
}

void Log(LogLevel level, absl::string_view event, std::initializer_list<LogField> fields) {
  const Output& output = TheOutput();
  const auto& [name, severity] = Entry(level);
  if (!output.logger->should_log(severity)) return;
  JsonLine line;
  line.Add("ts", absl::Now());
  line.Add("level", name);
  line.Add("service", output.service);
  line.Add("event", event);
  for (const LogField& field : fields) {
    if (std::find(kOwnNames.begin(), kOwnNames.end(), field.key) != kOwnNames.end()) continue;
    std::visit([&](auto value) { line.Add(field.key, value); }, field.value);
  }
  output.logger->log(severity, spdlog::string_view_t(std::move(line).Take()));
  if (level == LogLevel::kError && output.writer != nullptr) output.writer->Wake();
}

}  // namespace lumbar
