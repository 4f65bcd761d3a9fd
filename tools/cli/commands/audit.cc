// For privacy officers: whether an audit log is what the service wrote.
#include <CLI/CLI.hpp>
#include <absl/strings/str_cat.h>
#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <ostream>

#include "common/status/macros.h"
#include "common/telemetry/audit_tail.h"
#include "common/telemetry/audit_verifier.h"
#include "tools/cli/commands/commands.h"
#include "tools/cli/errors.h"
#include "tools/cli/session.h"

namespace lumbar::cli {
namespace {

struct AuditFlags {
  std::vector<std::string> files;
  std::vector<std::string> heads;
  std::string after;
};

// Where in which file.
struct Place {
  std::string file;
  int64_t line = 0;
};

// The files of one log, read one after the other.
class Reader {
 public:
  explicit Reader(AuditVerifier& verifier) : verifier_(verifier) {}

  absl::Status Read(const std::string& path, std::istream& standard_in) {
    files_.push_back({path, verifier_.lines_begun()});
    if (path == "-") return ReadAll(path, standard_in);
    std::ifstream file(path, std::ios::binary);
    if (!file || std::filesystem::is_directory(path)) return WrongInput(absl::StrCat(path, ": can't be read"));
    return ReadAll(path, file);
  }

  // Of a line counted over all files.
  Place PlaceOf(int64_t line) const {
    const auto next =
        std::find_if(files_.begin() + 1, files_.end(), [line](const Place& file) { return file.line >= line; });
    const Place& begin = *(next - 1);
    return {begin.file, line - begin.line};
  }

 private:
  absl::Status ReadAll(const std::string& path, std::istream& in) {
    std::vector<char> piece(64 * 1024);
    while (in.read(piece.data(), static_cast<std::streamsize>(piece.size())) || in.gcount() > 0) {
      verifier_.Read({piece.data(), static_cast<size_t>(in.gcount())});
    }
    return in.bad() ? WrongInput(absl::StrCat(path, ": can't be read")) : absl::OkStatus();
  }

  AuditVerifier& verifier_;
  // With the lines before each.
  std::vector<Place> files_;
};

absl::string_view Meaning(AuditFault fault) {
  switch (fault) {
    case AuditFault::kEdited:
      return "this line isn't the one that was written";
    case AuditFault::kDeleted:
      return "lines before this one are missing";
    case AuditFault::kReordered:
      return "lines stand in another order than they were written in";
    case AuditFault::kInserted:
      return "this line doesn't belong here: it was put in, or another log begins";
    case AuditFault::kGarbled:
      return "this is no line of an audit log, and no later line says that a write was cut short here";
    case AuditFault::kUnfinished:
      return "the log ends in what is no whole line: a write was cut short or is under way (then look again), or the "
             "end was changed";
    case AuditFault::kTruncated:
      return "the log ends before a head that was written down: lines are missing at its end";
    case AuditFault::kRewritten:
      break;
  }
  return "this line isn't the head that was written down: the log was made anew";
}

nlohmann::ordered_json JsonOf(const AuditHead& head) { return {{"sequence", head.sequence}, {"hash", head.hash}}; }

void PrintJson(const AuditVerdict& verdict, const Place& place, std::ostream& out) {
  nlohmann::ordered_json json = {{"ok", !verdict.fault}, {"lines", verdict.lines}, {"head", JsonOf(verdict.head)}};
  if (verdict.fault) {
    json["fault"] = std::string(NameOf(*verdict.fault));
    json["file"] = place.file;
    json["line"] = place.line;
  }
  out << json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << "\n";
}

void PrintText(const AuditVerdict& verdict, const Place& place, std::ostream& out) {
  if (!verdict.fault) {
    out << "ok: " << verdict.lines << " lines, head " << ToText(verdict.head) << "\n";
    return;
  }
  out << place.file << ":" << place.line << ": " << Meaning(*verdict.fault) << " [" << NameOf(*verdict.fault) << "]\n  "
      << verdict.lines << " lines before it hold; the last of them is " << ToText(verdict.head) << "\n";
}

absl::StatusOr<AuditHead> HeadOf(const std::string& text) {
  if (const auto head = ParseAuditHead(text)) return *head;
  return WrongInput("a head is SEQUENCE:HASH, as `lumbar audit head` prints it");
}

absl::StatusOr<ExitCode> Verify(const AuditFlags& flags, const Session& session) {
  AuditHead after;
  if (!flags.after.empty()) {
    LUMBAR_ASSIGN_OR_RETURN(after, HeadOf(flags.after));
  }
  std::vector<AuditHead> heads;
  for (const auto& text : flags.heads) {
    LUMBAR_ASSIGN_OR_RETURN(heads.emplace_back(), HeadOf(text));
    if (heads.back().sequence < after.sequence) {
      return WrongInput("a head lies before --after: give the files from there, or leave it out");
    }
  }
  AuditVerifier verifier(after, heads);
  Reader reader(verifier);
  for (const auto& file : flags.files) LUMBAR_RETURN_IF_ERROR(reader.Read(file, session.world.in));
  const AuditVerdict verdict = verifier.Finish();
  const Place place = reader.PlaceOf(verdict.line);
  session.flags.json ? PrintJson(verdict, place, session.world.out) : PrintText(verdict, place, session.world.out);
  return verdict.fault ? ExitCode::kRefused : ExitCode::kOk;
}

absl::StatusOr<ExitCode> Head(const AuditFlags& flags, const Session& session) {
  const std::string& path = flags.files.front();
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return WrongInput(absl::StrCat(path, ": can't be read"));
  const absl::StatusOr<AuditTail> tail = ReadAuditTail(file);
  close(file);
  if (!tail.ok() || tail->head().sequence == 0) {
    return WrongInput(absl::StrCat(path, ": has no line of an audit log at its end"));
  }
  session.world.out << (session.flags.json ? JsonOf(tail->head()).dump() : ToText(tail->head())) << "\n";
  return ExitCode::kOk;
}

}  // namespace

void AddAudit(CLI::App& app, Session& session) {
  auto* audit = app.add_subcommand("audit", "Checks audit logs; needs no server");
  audit->require_subcommand(1);
  const auto flags = std::make_shared<AuditFlags>();
  auto* verify = audit->add_subcommand("verify", "Says whether a log is what was written, or where it first isn't");
  verify->add_option("FILE", flags->files, "the log; its parts in order if it was cut; -: standard input")->required();
  verify->add_option("--head", flags->heads, "a head that was written down elsewhere; any number")
      ->type_name("SEQUENCE:HASH")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  verify->add_option("--after", flags->after, "the line before the first, if earlier files are left out")
      ->type_name("SEQUENCE:HASH");
  verify->callback([flags, &session] { session.command = [flags, &session] { return Verify(*flags, session); }; });
  auto* head = audit->add_subcommand("head", "Prints the head of a log, to be written down elsewhere");
  head->add_option("FILE", flags->files, "the log")->required()->expected(1);
  head->callback([flags, &session] { session.command = [flags, &session] { return Head(*flags, session); }; });
}

}  // namespace lumbar::cli
