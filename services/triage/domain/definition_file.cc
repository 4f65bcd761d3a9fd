#include "services/triage/domain/definition_file.h"

#include <absl/strings/str_cat.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>

#include <optional>
#include <utility>

#include "common/file/read_file.h"
#include "services/triage/errors.h"

namespace lumbar::triage {
namespace {

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

}  // namespace

absl::StatusOr<std::string> ReadDefinition(const std::filesystem::path& path) {
  std::error_code error;
  const uintmax_t size = std::filesystem::file_size(path, error);
  if (error) return ProtocolUnreadable(path.string(), error.message());
  if (size > kLargestFile) return ProtocolUnreadable(path.string(), "larger than 1 MiB");
  std::optional<std::string> text = ReadWholeFile(path.string(), kLargestFile);
  if (!text) return ProtocolUnreadable(path.string(), "can't be read");
  return *std::move(text);
}

absl::Status ParseDefinition(const std::string& text, absl::string_view file, google::protobuf::Message& definition) {
  FirstError error;
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&error);
  parser.SetRecursionLimit(kDeepestNesting);
  if (!parser.ParseFromString(text, &definition)) return ProtocolRefused(file, error.where(), error.why());
  return absl::OkStatus();
}

}  // namespace lumbar::triage
