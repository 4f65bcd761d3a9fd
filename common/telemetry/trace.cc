#include "common/telemetry/trace.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <cstdint>
#include <random>

namespace lumbar {
namespace {

constexpr size_t kLength = sizeof("00-0123456789abcdef0123456789abcdef-0123456789abcdef-00") - 1;

bool IsLowerHex(absl::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == absl::string_view::npos;
}

bool IsId(absl::string_view text) { return IsLowerHex(text) && text.find_first_not_of('0') != absl::string_view::npos; }

uint64_t NonZeroRandom() {
  thread_local std::mt19937_64 generator = [] {
    std::random_device device;
    std::seed_seq seed{device(), device(), device(), device(), device(), device(), device(), device()};
    return std::mt19937_64(seed);
  }();
  uint64_t value = 0;
  while (value == 0) value = generator();
  return value;
}

std::string RandomId() { return absl::StrCat(absl::Hex(NonZeroRandom(), absl::kZeroPad16)); }

}  // namespace

std::optional<TraceContext> ParseTraceparent(absl::string_view header) {
  if (header.size() < kLength) return std::nullopt;
  const auto version = header.substr(0, 2);
  const auto trace_id = header.substr(3, 32);
  const auto span_id = header.substr(36, 16);
  const auto flags = header.substr(53, 2);
  if (header[2] != '-' || header[35] != '-' || header[52] != '-') return std::nullopt;
  if (!IsLowerHex(version) || version == "ff" || !IsLowerHex(flags)) return std::nullopt;
  if (!IsId(trace_id) || !IsId(span_id)) return std::nullopt;
  const bool more = header.size() > kLength;
  if (more && (version == "00" || header[kLength] != '-')) return std::nullopt;
  // The lowest bit of the last digit is the sampled flag; odd digits have it.
  const bool sampled = absl::string_view("13579bdf").find(flags[1]) != absl::string_view::npos;
  return TraceContext{std::string(trace_id), std::string(span_id), sampled};
}

std::string FormatTraceparent(const TraceContext& context) {
  return absl::StrCat("00-", context.trace_id, "-", context.span_id, context.sampled ? "-01" : "-00");
}

TraceContext NewTrace(bool sampled) { return {absl::StrCat(RandomId(), RandomId()), RandomId(), sampled}; }

TraceContext ChildOf(const TraceContext& parent) { return {parent.trace_id, RandomId(), parent.sampled}; }

}  // namespace lumbar
