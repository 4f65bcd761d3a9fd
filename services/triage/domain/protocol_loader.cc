#include "services/triage/domain/protocol_loader.h"

#include <absl/strings/str_cat.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "common/status/macros.h"
#include "services/triage/domain/protocol_check.h"
#include "services/triage/errors.h"

namespace lumbar::triage {
namespace {

namespace fs = std::filesystem;

constexpr char kExtension[] = ".textproto";
constexpr uintmax_t kLargestFile = 1 << 20;
// Deeper than any sane condition, and safe for the stack of whoever walks it.
constexpr int kDeepestNesting = 40;

// Keeps the first complaint of the parser.
class FirstError final : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, google::protobuf::io::ColumnNumber column, const std::string& message) override {
    if (where_.empty()) {
      where_ = absl::StrCat("line ", line + 1, ", column ", column + 1);
      why_ = message;
    }
  }
  const std::string& where() const { return where_; }
  const std::string& why() const { return why_; }

 private:
  std::string where_, why_;
};

absl::StatusOr<std::string> ReadText(const fs::path& path) {
  std::error_code error;
  const uintmax_t size = fs::file_size(path, error);
  if (error) return ProtocolUnreadable(path.string(), error.message());
  if (size > kLargestFile) return ProtocolUnreadable(path.string(), "larger than 1 MiB");
  std::ifstream file(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (!file) return ProtocolUnreadable(path.string(), "can't be read");
  return text;
}

absl::StatusOr<std::vector<fs::path>> ProtocolFiles(const std::string& folder) {
  std::error_code error;
  std::vector<fs::path> paths;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    if (entry->path().extension() == kExtension) paths.push_back(entry->path());
  }
  if (error) return ProtocolUnreadable(folder, error.message());
  if (paths.empty()) return ProtocolUnreadable(folder, absl::StrCat("has no *", kExtension));
  std::sort(paths.begin(), paths.end());
  return paths;
}

absl::StatusOr<v1::Protocol> LoadProtocol(const fs::path& path) {
  LUMBAR_ASSIGN_OR_RETURN(const std::string text, ReadText(path));
  LUMBAR_ASSIGN_OR_RETURN(v1::Protocol protocol, ParseProtocol(text, path.string()));
  if (protocol.name() != absl::StrCat("protocols/", path.stem().string())) {
    return ProtocolRefused(path.string(), "name", "must be protocols/ and the name of the file");
  }
  return protocol;
}

}  // namespace

absl::StatusOr<v1::Protocol> ParseProtocol(const std::string& text, absl::string_view file) {
  FirstError error;
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&error);
  parser.SetRecursionLimit(kDeepestNesting);
  v1::Protocol protocol;
  if (!parser.ParseFromString(text, &protocol)) return ProtocolRefused(file, error.where(), error.why());
  LUMBAR_RETURN_IF_ERROR(CheckProtocol(protocol, file));
  return protocol;
}

absl::StatusOr<std::vector<v1::Protocol>> LoadProtocols(const std::string& folder) {
  LUMBAR_ASSIGN_OR_RETURN(const auto paths, ProtocolFiles(folder));
  std::vector<v1::Protocol> protocols;
  for (const auto& path : paths) {
    LUMBAR_ASSIGN_OR_RETURN(protocols.emplace_back(), LoadProtocol(path));
  }
  return protocols;
}

}  // namespace lumbar::triage
