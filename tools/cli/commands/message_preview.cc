// Shows what a message says, from the templates on this machine and a made-up visit.
#include <CLI/CLI.hpp>
#include <absl/strings/str_cat.h>
#include <nlohmann/json.hpp>

#include <memory>
#include <ostream>

#include "common/status/macros.h"
#include "common/time/proto_time.h"
#include "services/notification/domain/gsm_text.h"
#include "services/notification/domain/plan.h"
#include "services/notification/domain/templates.h"
#include "tools/cli/commands/message_commands.h"
#include "tools/cli/errors.h"
#include "tools/cli/session.h"

namespace lumbar::cli {
namespace {

namespace notes = notification;

struct PreviewFlags {
  std::string kind;
  std::string language = "en";
  std::string channel = "email";
  std::string practice = "Elm Street Clinic";
  std::string folder = "services/notification/templates";
  bool html = false;
};

notes::v1::Message MessageOf(const PreviewFlags& flags, absl::Time start) {
  notes::v1::Message message;
  message.set_kind(notes::KindNamed(flags.kind));
  message.set_channel(flags.channel == "sms" ? notes::v1::CHANNEL_SMS : notes::v1::CHANNEL_EMAIL);
  *message.mutable_expire_time() = ToProtoTime(start - absl::Hours(26));
  return message;
}

booking::v1::Appointment VisitAt(absl::Time start) {
  booking::v1::Appointment visit;
  visit.set_name("appointments/6f1b1f0e-0000-4000-8000-000000000001");
  visit.mutable_contact()->set_display_name("Ada Birch");
  visit.mutable_contact()->set_time_zone("America/Chicago");
  visit.mutable_slot()->set_clinician_display_name("Grace Moss, PT");
  visit.mutable_slot()->set_time_zone("America/Chicago");
  *visit.mutable_slot()->mutable_start_time() = ToProtoTime(start);
  *visit.mutable_slot()->mutable_end_time() = ToProtoTime(start + absl::Minutes(30));
  return visit;
}

std::string SizeText(const notes::TextSize& size) {
  return absl::StrCat(size.units, size.gsm7 ? " GSM-7 septets, " : " UCS-2 units, ", size.segments,
                      size.segments == 1 ? " segment\n" : " segments\n");
}

std::string LetterText(const notes::Rendered& rendered, bool html) {
  return absl::StrCat("Subject: ", rendered.subject, "\n\n", html ? rendered.html : rendered.text);
}

absl::Status CheckFlags(const PreviewFlags& flags) {
  if (flags.channel != "sms") return absl::OkStatus();
  if (flags.html) return WrongInput("--html is of an e-mail, and --channel sms is none");
  if (notes::IsForPatient(notes::KindNamed(flags.kind))) return absl::OkStatus();
  return WrongInput("--channel sms: clinicians and staff get e-mails alone");
}

absl::StatusOr<ExitCode> Preview(const PreviewFlags& flags, const Session& session) {
  LUMBAR_RETURN_IF_ERROR(CheckFlags(flags));
  LUMBAR_ASSIGN_OR_RETURN(const auto templates, notes::Templates::Load(flags.folder, flags.practice));
  // A Wednesday in September, at half past twelve: the longest that a date gets.
  const absl::Time start = absl::FromCivil(absl::CivilSecond(2026, 9, 30, 17, 30, 0), absl::UTCTimeZone());
  LUMBAR_ASSIGN_OR_RETURN(const notes::Rendered rendered,
                          templates->RenderIn(flags.language, MessageOf(flags, start), VisitAt(start)));
  const bool is_text = flags.channel == "sms";
  const notes::TextSize size = notes::MeasureText(rendered.text);
  if (session.flags.json) {
    nlohmann::json json = {{"subject", rendered.subject}, {"text", rendered.text}, {"html", rendered.html}};
    if (is_text) {
      json = {{"text", rendered.text}, {"gsm7", size.gsm7}, {"units", size.units}, {"segments", size.segments}};
    }
    session.world.out << json.dump() << "\n";
  } else if (is_text) {
    session.world.out << rendered.text << "\n\n" << SizeText(size);
  } else {
    session.world.out << LetterText(rendered, flags.html);
  }
  return ExitCode::kOk;
}

}  // namespace

void AddMessagePreview(CLI::App& message, Session& session) {
  const auto flags = std::make_shared<PreviewFlags>();
  auto* preview = message.add_subcommand("preview", "Shows what a message says, for a made-up visit; calls no server");
  preview->add_option("--kind", flags->kind, "which message")->required()->check(CLI::IsMember(notes::KindNames()));
  preview->add_option("--language", flags->language, "BCP 47")
      ->check(CLI::IsMember({"en", "es"}))
      ->capture_default_str();
  preview->add_option("--channel", flags->channel, "how it travels")
      ->check(CLI::IsMember({"email", "sms"}))
      ->capture_default_str();
  preview->add_flag("--html", flags->html, "the HTML of an e-mail instead of its text");
  preview->add_option("--practice", flags->practice, "the clinic's name")->capture_default_str();
  preview->add_option("--templates-dir", flags->folder, "folder of the templates")->envname("LUMBAR_TEMPLATES_DIR");
  preview->callback([flags, &session] { session.command = [flags, &session] { return Preview(*flags, session); }; });
}

}  // namespace lumbar::cli
