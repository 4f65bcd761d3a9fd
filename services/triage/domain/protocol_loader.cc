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

// The protocols in the folder, or the parts in a protocol's folder; sorted, at least one.
template <typename Wanted>
absl::StatusOr<std::vector<fs::path>> List(const fs::path& folder, Wanted wanted) {
  std::error_code error;
  std::vector<fs::path> paths;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    if (wanted(*entry)) paths.push_back(entry->path());
  }
  if (error) return ProtocolUnreadable(folder.string(), error.message());
  if (paths.empty()) return ProtocolUnreadable(folder.string(), "has no protocol");
  std::sort(paths.begin(), paths.end());
  return paths;
}

absl::StatusOr<v1::Protocol> ParsePart(const std::string& text, absl::string_view file) {
  FirstError error;
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&error);
  parser.SetRecursionLimit(kDeepestNesting);
  v1::Protocol part;
  if (!parser.ParseFromString(text, &part)) return ProtocolRefused(file, error.where(), error.why());
  return part;
}

absl::Status Join(const v1::Protocol& part, absl::string_view file, v1::Protocol& whole) {
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  part.GetReflection()->ListFields(part, &fields);
  for (const auto* field : fields) {
    if (!field->is_repeated() && whole.GetReflection()->HasField(whole, field)) {
      return ProtocolRefused(file, field->name(), "another part of the protocol has set it");
    }
  }
  whole.MergeFrom(part);
  return absl::OkStatus();
}

absl::StatusOr<v1::Protocol> LoadProtocol(const fs::path& folder) {
  const auto is_part = [](const fs::directory_entry& entry) { return entry.path().extension() == kExtension; };
  LUMBAR_ASSIGN_OR_RETURN(const auto paths, List(folder, is_part));
  v1::Protocol protocol;
  for (const auto& path : paths) {
    LUMBAR_ASSIGN_OR_RETURN(const std::string text, ReadText(path));
    LUMBAR_ASSIGN_OR_RETURN(const v1::Protocol part, ParsePart(text, path.string()));
    LUMBAR_RETURN_IF_ERROR(Join(part, path.string(), protocol));
  }
  LUMBAR_RETURN_IF_ERROR(CheckProtocol(protocol, folder.string()));
  if (protocol.name() != absl::StrCat("protocols/", folder.filename().string())) {
    return ProtocolRefused(folder.string(), "name", "must be protocols/ and the name of the folder");
  }
  return protocol;
}

}  // namespace

absl::StatusOr<v1::Protocol> ParseProtocol(const std::string& text, absl::string_view file) {
  LUMBAR_ASSIGN_OR_RETURN(v1::Protocol protocol, ParsePart(text, file));
  LUMBAR_RETURN_IF_ERROR(CheckProtocol(protocol, file));
  return protocol;
}

absl::StatusOr<std::vector<v1::Protocol>> LoadProtocols(const std::string& folder) {
  const auto is_folder = [](const fs::directory_entry& entry) {
    std::error_code error;
    return entry.is_directory(error);
  };
  LUMBAR_ASSIGN_OR_RETURN(const auto paths, List(folder, is_folder));
  std::vector<v1::Protocol> protocols;
  for (const auto& path : paths) {
    LUMBAR_ASSIGN_OR_RETURN(protocols.emplace_back(), LoadProtocol(path));
  }
  return protocols;
}

}  // namespace lumbar::triage
