// How the lines of an audit log hold together: each has its number, and a hash over the line before it and itself.
//
//   {"sequence":17,"time":"...", ... ,"trace_id":"...","hash":"<64 lower-case hex digits>"}
//
// The hash is SHA-256 over the hash of line 16, as its 64 digits, and all bytes of line 17 before `,"hash":"`. Line 1
// follows 64 zeros. What a full disk or a killed process left of a line stays in the file; the next line says how many
// such bytes there are, line breaks included, and covers them: its hash is over the hash of the last whole line, those
// bytes and itself.
//
//   {"sequence":18,"torn_bytes":203,"time":"...","event":"audit.resumed", ... ,"hash":"..."}
//
// Nothing here is secret: whoever may write the file can make such a chain anew. Its head, written down elsewhere, is
// what nobody can make another log fit to.
#pragma once

#include <absl/strings/string_view.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "common/digest/sha256.h"

namespace lumbar {

// No line that the services write is longer, its line break included.
inline constexpr size_t kMostAuditLineBytes = 128 * 1024;

// The last line of a log, or of its part up to somewhere: fixes every byte before it.
struct AuditHead {
  // Counted from 1; 0: nothing was written yet.
  int64_t sequence = 0;
  std::string hash = std::string(64, '0');

  bool operator==(const AuditHead&) const = default;
};

// "17:3f0c...", as heads are written down.
std::string ToText(const AuditHead& head);
// Nothing for any other way to write one, nor for sequence 0.
std::optional<AuditHead> ParseAuditHead(absl::string_view text);

// What the hash of the line after `head` begins with.
Sha256Stream LinkAfter(const AuditHead& head);

// Appends the line with that number and these members (a JSON object's, without its braces) to `to`, with its line
// break. `link` is LinkAfter the line before, with what was cut short since. Returns the new head.
AuditHead AppendSealed(int64_t sequence, Sha256Stream link, absl::string_view members, std::string& to);

// A line of which nothing is known but that it has the form of one. Views what it was parsed from.
struct SealedLine {
  int64_t sequence = 0;
  // 0 if it says nothing of any.
  int64_t torn_bytes = 0;
  // What is hashed of it.
  absl::string_view hashed;
  absl::string_view hash;
};

// Of a line without its line break; nothing if it is none.
std::optional<SealedLine> ParseSealedLine(absl::string_view line);

}  // namespace lumbar
