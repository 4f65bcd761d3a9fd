// W3C Trace Context: which request a line, a record or a call belongs to.
#pragma once

#include <absl/strings/string_view.h>

#include <optional>
#include <string>

namespace lumbar {

struct TraceContext {
  std::string trace_id;  // 32 lower-case hexadecimal digits, not all zero
  std::string span_id;   // 16 of them, not all zero
  bool sampled = false;

  friend bool operator==(const TraceContext&, const TraceContext&) = default;
};

// Strict, as the recommendation says: lower case, no surrounding space, no zero ids; of a later version only what
// version 00 defines is read. Returns nullopt for anything else: begin a new trace then.
std::optional<TraceContext> ParseTraceparent(absl::string_view header);

// The header that carries `context` to the next service, version 00.
std::string FormatTraceparent(const TraceContext& context);

// A new root. Ids are random, not secret.
TraceContext NewTrace(bool sampled = false);

// A new span in the same trace.
TraceContext ChildOf(const TraceContext& parent);

}  // namespace lumbar
