#include "common/telemetry/log.h"

#include <absl/time/clock.h>
#include <absl/time/time.h>
#include <nlohmann/json.hpp>
#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <array>
#include <memory>
#include <utility>

#include "common/status/errors.h"

namespace lumbar {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kQueuedLines = 8192;
constexpr std::array<std::pair<absl::string_view, spdlog::level::level_enum>, 4> kLevels = {{
    {"debug", spdlog::level::debug},
    {"info", spdlog::level::info},
    {"warning", spdlog::level::warn},
    {"error", spdlog::level::err},
}};

const auto& Entry(LogLevel level) { return kLevels[static_cast<size_t>(level)]; }

struct Output {
  std::string service;
  // Before `logger`, which writes what is left through it when it goes.
  std::shared_ptr<spdlog::details::thread_pool> writer;
  std::shared_ptr<spdlog::logger> logger;
};

Output& TheOutput() {
  static Output output{"", nullptr,
                       std::make_shared<spdlog::logger>("lumbar", std::make_shared<spdlog::sinks::stderr_sink_mt>())};
  return output;
}

void Install(Output output, LogLevel level) {
  output.logger->set_pattern("%v");
  output.logger->set_level(Entry(level).second);
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
  auto writer = std::make_shared<spdlog::details::thread_pool>(kQueuedLines, 1);
  auto logger = std::make_shared<spdlog::async_logger>("lumbar", std::make_shared<spdlog::sinks::stderr_sink_mt>(),
                                                       writer, spdlog::async_overflow_policy::overrun_oldest);
  Install({std::string(service), std::move(writer), std::move(logger)}, level);
}

void InitLoggingTo(std::ostream& out, absl::string_view service, LogLevel level) {
  auto sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(out);
  Install({std::string(service), nullptr, std::make_shared<spdlog::logger>("lumbar", std::move(sink))}, level);
}

void FlushLogging() {
  // The writer's destructor drains its queue; later lines go straight out.
  Output& output = TheOutput();
  if (output.writer == nullptr) return;
  const auto level = output.logger->level();
  auto direct = std::make_shared<spdlog::logger>("lumbar", output.logger->sinks().front());
  direct->set_level(level);
  output.logger = std::move(direct);
  output.writer.reset();
}

void Log(LogLevel level, absl::string_view event, std::initializer_list<LogField> fields) {
  const Output& output = TheOutput();
  const auto& [name, severity] = Entry(level);
  if (!output.logger->should_log(severity)) return;
  Json line;
  line["ts"] = absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", absl::Now(), absl::UTCTimeZone());
  line["level"] = std::string(name);
  line["service"] = output.service;
  line["event"] = std::string(event);
  for (const LogField& field : fields) {
    auto value = std::visit(
        [](auto held) -> Json {
          if constexpr (std::is_same_v<decltype(held), absl::string_view>)
            return std::string(held);
          else
            return held;
        },
        field.value);
    line.emplace(std::string(field.key), std::move(value));
  }
  output.logger->log(severity, spdlog::string_view_t(line.dump(-1, ' ', false, Json::error_handler_t::replace)));
}

}  // namespace lumbar
