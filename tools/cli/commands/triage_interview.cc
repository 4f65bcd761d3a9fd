// An interview in the terminal: the server asks, whoever sits there answers, and the assessment follows.
#include <absl/strings/ascii.h>
#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_split.h>
#include <absl/strings/strip.h>

#include <algorithm>
#include <istream>
#include <ostream>

#include "common/status/macros.h"
#include "lumbar/triage/v1/triage_service.pb.h"
#include "tools/cli/commands/assessment_text.h"
#include "tools/cli/commands/triage_commands.h"
#include "tools/cli/errors.h"
#include "tools/cli/gateway.h"
#include "tools/cli/input.h"
#include "tools/cli/text.h"

namespace lumbar::cli {
namespace {

// More than any protocol asks; a server that never stops must not keep anybody here.
constexpr int kMostQuestions = 60;

std::string Shown(const triage::v1::Question& question, int number, uint32_t left) {
  std::string out =
      Heading(absl::StrCat(number, ". ", question.text(), left > 1 ? absl::StrCat("  (", left, " left at most)") : ""));
  for (int i = 0; i < question.choices_size(); ++i) {
    absl::StrAppend(&out, Wrapped(question.choices(i).label(), absl::StrCat("  ", i + 1, "  ")));
  }
  if (!question.none_label().empty()) absl::StrAppend(&out, "  0  ", Plain(question.none_label()), "\n");
  absl::StrAppend(&out, "  ?  ", Plain(question.unknown_label()), "\n");
  if (question.choices_size() > 1 && !question.sex()) absl::StrAppend(&out, "  (several: 1,3)\n");
  return out;
}

// The name in Presentation of the number that is asked for.
std::string NameOf(const triage::v1::Question& question) {
  if (question.sex()) return "sex";
  return absl::AsciiStrToLower(absl::StripPrefix(triage::v1::Quantity_Name(question.quantity()), "QUANTITY_"));
}

void TellAll(const triage::v1::Question& question, triage::v1::Presence presence, triage::v1::Presentation& known) {
  for (const auto& choice : question.choices()) {
    auto* finding = known.add_findings();
    finding->set_code(choice.code());
    finding->set_presence(presence);
  }
}

bool TellNumber(const triage::v1::Question& question, absl::string_view line, triage::v1::Presentation& known) {
  uint32_t number = 0;
  if (!absl::SimpleAtoi(line, &number)) return false;
  const auto* field = triage::v1::Presentation::descriptor()->FindFieldByName(NameOf(question));
  if (field == nullptr || field->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_UINT32) return false;
  known.GetReflection()->SetUInt32(&known, field, number);
  return true;
}

bool TellSex(const triage::v1::Question& question, int chosen, triage::v1::Presentation& known) {
  triage::v1::Sex sex = triage::v1::SEX_UNSPECIFIED;
  if (chosen < 1 || chosen > question.choices_size()) return false;
  if (!triage::v1::Sex_Parse(question.choices(chosen - 1).code(), &sex)) return false;
  known.set_sex(sex);
  return true;
}

// Takes "0", "2" or "1,3" for the choices. False: not understood, and nothing was told.
bool TellChoices(const triage::v1::Question& question, absl::string_view line, triage::v1::Presentation& known) {
  std::vector<int> chosen;
  for (const absl::string_view part : absl::StrSplit(line, absl::ByAnyChar(", "), absl::SkipEmpty())) {
    int number = 0;
    if (!absl::SimpleAtoi(part, &number) || number < 0 || number > question.choices_size()) return false;
    chosen.push_back(number);
  }
  if (chosen.empty()) return false;
  if (question.sex()) return chosen.size() == 1 && TellSex(question, chosen[0], known);
  // None of these along with one of these is no answer.
  if (chosen.size() > 1 && std::count(chosen.begin(), chosen.end(), 0) > 0) return false;
  const int first = known.findings_size();
  TellAll(question, triage::v1::PRESENCE_ABSENT, known);
  for (const int number : chosen) {
    if (number > 0) known.mutable_findings(first + number - 1)->set_presence(triage::v1::PRESENCE_PRESENT);
  }
  return true;
}

bool Tell(const triage::v1::Question& question, absl::string_view line, triage::v1::Presentation& known) {
  const bool number = question.quantity() != triage::v1::QUANTITY_UNSPECIFIED;
  if (line == "?") {
    if (number || question.sex()) {
      known.add_not_known(NameOf(question));
    } else {
      TellAll(question, triage::v1::PRESENCE_UNKNOWN, known);
    }
    return true;
  }
  return number ? TellNumber(question, line, known) : TellChoices(question, line, known);
}

absl::Status Ask(const triage::v1::Question& question, const Session& session, triage::v1::Presentation& known) {
  std::string line;
  while (session.world.err << "> " << std::flush && std::getline(session.world.in, line)) {
    if (Tell(question, absl::StripAsciiWhitespace(line), known)) return absl::OkStatus();
    session.world.err << "Please type a number from the list, or ? if you don't know.\n";
  }
  return WrongInput("the interview was left before its end; nothing was assessed");
}

}  // namespace

absl::StatusOr<ExitCode> Interview(const InterviewFlags& flags, Session& session) {
  triage::v1::NextQuestionRequest request;
  request.set_language_code(flags.language);
  if (!flags.file.empty()) {
    LUMBAR_RETURN_IF_ERROR(ReadMessage(flags.file, session.world.in, *request.mutable_presentation()));
  }
  // Questions go to stderr, so that stdout holds the assessment alone.
  Session quiet = session;
  quiet.flags.json = false;
  for (int number = 1; number <= kMostQuestions; ++number) {
    triage::v1::NextQuestionResponse next;
    LUMBAR_RETURN_IF_ERROR(Post(quiet, "/v1/triage:nextQuestion", request, next));
    if (!next.has_question()) break;
    session.world.err << Shown(next.question(), number, next.questions_left());
    LUMBAR_RETURN_IF_ERROR(Ask(next.question(), session, *request.mutable_presentation()));
  }
  session.world.err << "\n";
  return AssessPresentation(request.presentation(), "", flags.language, session);
}

}  // namespace lumbar::cli
