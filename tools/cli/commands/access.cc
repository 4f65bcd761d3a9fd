#include "tools/cli/commands/access.h"

#include <CLI/CLI.hpp>

#include <memory>
#include <ostream>

#include "common/status/macros.h"
#include "lumbar/consult/v1/access_service.pb.h"
#include "tools/cli/commands/change.h"
#include "tools/cli/commands/commands.h"
#include "tools/cli/commands/paging.h"
#include "tools/cli/commands/slot_text.h"
#include "tools/cli/gateway.h"
#include "tools/cli/input.h"
#include "tools/cli/text.h"

namespace lumbar::cli {
namespace {

struct AccessFlags {
  std::string name;
  std::string consult;
  std::string holder;
  std::string request_id;
  Paging paging;
};

std::string RevokedText(const consult::v1::AccessGrant& grant) {
  return grant.has_revoke_time() ? absl::StrCat(UtcTime(grant.revoke_time()), " by ", grant.revoker()) : "-";
}

absl::StatusOr<ExitCode> ListGrants(const AccessFlags& flags, const Session& session) {
  consult::v1::ListAccessGrantsResponse found;
  LUMBAR_RETURN_IF_ERROR(Get(session,
                             Route("/v1/accessGrants", {{"consult", flags.consult},
                                                        {"holder", flags.holder},
                                                        {"pageSize", flags.paging.SizeText()},
                                                        {"pageToken", flags.paging.token}}),
                             found));
  if (session.flags.json) return ExitCode::kOk;
  std::vector<std::vector<std::string>> rows = {
      {"SINCE (UTC)", "UNTIL (UTC)", "REVOKED (UTC)", "HOLDER", "CONSULT", "GRANT", "REASON"}};
  for (const consult::v1::AccessGrant& one : found.grants()) {
    rows.push_back({UtcTime(one.create_time()), UtcTime(one.expire_time()), RevokedText(one), one.holder(),
                    one.consult(), one.name(), Plain(one.reason())});
  }
  session.world.out << Table(rows) << MoreText(found.next_page_token());
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> RevokeGrant(const AccessFlags& flags, const Session& session) {
  consult::v1::RevokeAccessGrantRequest request;
  request.set_request_id(flags.request_id);
  request.set_name(flags.name);
  consult::v1::AccessGrant grant;
  LUMBAR_RETURN_IF_ERROR(Change(session, "/v1/" + flags.name + ":revoke", request, grant));
  if (!session.flags.json) session.world.out << grant.name() << ": revoked " << RevokedText(grant) << "\n";
  return ExitCode::kOk;
}

}  // namespace

absl::Status BreakGlass(const Session& session, const std::string& consult, const BreakGlassFlags& flags) {
  if (flags.reason.empty()) return absl::OkStatus();
  consult::v1::BreakGlassRequest request;
  request.set_name(consult);
  request.set_reason(flags.reason);
  request.set_lifetime_minutes(flags.minutes);
  // The answer that is asked for is the consult.
  Session quiet{session.world, session.flags, {}};
  quiet.flags.json = false;
  consult::v1::AccessGrant grant;
  LUMBAR_RETURN_IF_ERROR(Change(quiet, "/v1/" + consult + ":breakGlass", request, grant));
  if (session.flags.json) return absl::OkStatus();
  session.world.err << "lumbar: open to you until " << UtcTime(grant.expire_time())
                    << "; your reason and each reading are on record\n";
  return absl::OkStatus();
}

void AddAccess(CLI::App& app, Session& session) {
  auto* access = app.add_subcommand("access", "Looks at who reads consults that aren't theirs");
  access->require_subcommand(1);
  const auto flags = std::make_shared<AccessFlags>();
  auto* list = access->add_subcommand("list", "Lists grants to read a consult, the newest first; for staff");
  list->add_option("--consult", flags->consult, "only to read this one")->check(NameIn("consults"));
  list->add_option("--holder", flags->holder, "only this clinician's")->check(NameIn("clinicians"));
  AddPaging(*list, flags->paging);
  list->callback([flags, &session] { session.command = [flags, &session] { return ListGrants(*flags, session); }; });
  auto* revoke = access->add_subcommand("revoke", "Ends a grant now; for staff, and for its holder");
  revoke->add_option("NAME", flags->name, "of the grant")->required()->check(NameIn("accessGrants"));
  AddRequestId(*revoke, flags->request_id);
  revoke->callback([flags, &session] { session.command = [flags, &session] { return RevokeGrant(*flags, session); }; });
}

}  // namespace lumbar::cli
