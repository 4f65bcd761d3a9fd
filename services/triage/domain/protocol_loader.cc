#include "services/triage/domain/protocol_loader.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <set>

#include "common/status/macros.h"
#include "services/triage/domain/definition_file.h"
#include "services/triage/domain/protocol_check.h"
#include "services/triage/errors.h"

namespace lumbar::triage {
namespace {

namespace fs = std::filesystem;

constexpr char kExtension[] = ".textproto";
constexpr char kArchive[] = "archive";

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
  v1::Protocol part;
  LUMBAR_RETURN_IF_ERROR(ParseDefinition(text, file, part));
  return part;
}

// A rule set may be spread over several parts: those that come later name its id again, and add rules.
absl::Status JoinRuleSets(v1::Protocol& part, absl::string_view file, v1::Protocol& whole) {
  for (auto& more : *part.mutable_rule_sets()) {
    auto& known = *whole.mutable_rule_sets();
    const auto same = std::find_if(known.begin(), known.end(), [&](const auto& one) { return one.id() == more.id(); });
    if (same == known.end()) {
      *whole.add_rule_sets() = std::move(more);
    } else if (!more.title().empty()) {
      return ProtocolRefused(file, absl::StrCat("rule set \"", more.id(), "\""), "another part has given its title");
    } else {
      same->MergeFrom(more);
    }
  }
  part.clear_rule_sets();
  return absl::OkStatus();
}

absl::Status Join(v1::Protocol part, absl::string_view file, v1::Protocol& whole) {
  LUMBAR_RETURN_IF_ERROR(JoinRuleSets(part, file, whole));
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

bool IsPart(const fs::directory_entry& entry) { return entry.path().extension() == kExtension; }

// Earlier versions, each in one file; there may be none.
absl::Status LoadArchive(const fs::path& folder, const v1::Protocol& current, std::vector<v1::Protocol>& protocols) {
  std::error_code error;
  if (!fs::exists(folder, error)) return absl::OkStatus();
  LUMBAR_ASSIGN_OR_RETURN(const auto paths, List(folder, IsPart));
  std::set<std::string> versions = {current.version()};
  for (const auto& path : paths) {
    LUMBAR_ASSIGN_OR_RETURN(const std::string text, ReadDefinition(path));
    LUMBAR_ASSIGN_OR_RETURN(v1::Protocol protocol, ParseProtocol(text, path.string()));
    if (protocol.name() != current.name()) return ProtocolRefused(path.string(), "name", "is another protocol's");
    if (!versions.insert(protocol.version()).second) {
      return ProtocolRefused(path.string(), "version", "is loaded already; every version needs one of its own");
    }
    protocols.push_back(std::move(protocol));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<v1::Protocol> ParseProtocol(const std::string& text, absl::string_view file) {
  LUMBAR_ASSIGN_OR_RETURN(v1::Protocol protocol, ParsePart(text, file));
  LUMBAR_RETURN_IF_ERROR(CheckProtocol(protocol, file));
  return protocol;
}

absl::StatusOr<v1::Protocol> LoadProtocol(const std::string& folder) {
  std::error_code error;
  const fs::path path = fs::weakly_canonical(folder, error);  // A trailing slash would hide its name.
  LUMBAR_ASSIGN_OR_RETURN(const auto parts, List(path, IsPart));
  v1::Protocol protocol;
  for (const auto& part_file : parts) {
    LUMBAR_ASSIGN_OR_RETURN(const std::string text, ReadDefinition(part_file));
    LUMBAR_ASSIGN_OR_RETURN(v1::Protocol part, ParsePart(text, part_file.string()));
    LUMBAR_RETURN_IF_ERROR(Join(std::move(part), part_file.string(), protocol));
  }
  LUMBAR_RETURN_IF_ERROR(CheckProtocol(protocol, path.string()));
  if (protocol.name() != absl::StrCat("protocols/", path.filename().string())) {
    return ProtocolRefused(path.string(), "name", "must be protocols/ and the name of the folder");
  }
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
    LUMBAR_ASSIGN_OR_RETURN(v1::Protocol current, LoadProtocol(path.string()));
    protocols.push_back(current);
    LUMBAR_RETURN_IF_ERROR(LoadArchive(path / kArchive, current, protocols));
  }
  return protocols;
}

}  // namespace lumbar::triage
