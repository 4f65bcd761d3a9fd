// Anybody may send anything to a callback's address, a provider that signs may say anything, and one may answer
// anything.
#include <absl/status/status.h>
#include <absl/strings/string_view.h>

#include <cstdint>
#include <cstdlib>

#include "common/rpc/testing.h"
#include "services/notification/adapters/twilio_answers.h"
#include "services/notification/domain/callbacks.h"
#include "services/notification/domain/form.h"
#include "services/notification/domain/standard_webhook.h"
#include "services/notification/domain/twilio_signature.h"

namespace lumbar::notification {
namespace {

constexpr char kToken[] = "12345";
constexpr char kPublicUrl[] = "https://clinic.example";

absl::Status Unused() { return absl::UnimplementedError("callbacks don't ask for it"); }

// Keeps what is told, and checks that a store could.
class ToldStatus final : public MessageStore {
 public:
  absl::StatusOr<bool> RecordStatus(const ProviderStatus& status) override {
    if (status.state == v1::MESSAGE_STATE_UNSPECIFIED || status.provider_reference.empty()) std::abort();
    if ((status.state == v1::MESSAGE_STATE_UNDELIVERED) == status.reason.empty()) std::abort();
    return true;
  }
  absl::StatusOr<Recorded> Record(const store::Mutation&, const booking::v1::Appointment&, const Plan&) override {
    return Unused();
  }
  absl::StatusOr<v1::Message> Get(absl::string_view) override { return Unused(); }
  absl::StatusOr<std::vector<v1::Message>> List(const MessageQuery&) override { return Unused(); }
  absl::StatusOr<std::vector<MessageChange>> Changes(const std::vector<v1::MessageState>&, const MessageChange&,
                                                     int) override {
    return Unused();
  }
  absl::StatusOr<std::vector<ClaimedMessage>> Claim(int, absl::Duration) override { return Unused(); }
  absl::StatusOr<std::vector<ClaimedMessage>> ClaimForStaff(int, absl::Duration) override { return Unused(); }
  absl::StatusOr<std::vector<absl::Status>> SettleAll(absl::Span<const Settled>) override { return Unused(); }
  absl::StatusOr<v1::ReplayDeadLetterResponse> Replay(const store::Mutation&, absl::string_view) override {
    return Unused();
  }
  absl::StatusOr<Replayed> ReplayMany(const store::Mutation&, const ReplayTerms&) override { return Unused(); }
  absl::StatusOr<v1::RaiseAlertResponse> Alert(const store::Mutation&, const std::string&, v1::MessageKind,
                                               int64_t) override {
    return Unused();
  }
  absl::StatusOr<Backlog> Measure() override { return Unused(); }
};

class Uncounted final : public DeliveryObserver {
  void Sent(v1::MessageKind) override {}
  void Dropped(absl::string_view, int64_t) override {}
  void Dead(absl::string_view) override {}
  void Retried(absl::string_view) override {}
  void Told(v1::MessageState) override {}
  void Unknown() override {}
};

// Answers with what it was told, so that whatever a patient writes has to be escaped.
class Repeated final : public InboundTexts {
  absl::StatusOr<std::string> Receive(const InboundText& text) override {
    if (text.from.empty() || text.provider_reference.empty()) std::abort();
    return text.text;
  }
};

// A provider whose signature is right: its form, and the URL that it called, are arbitrary bytes.
void CheckSigned(const std::string& target, const Form& form) {
  // Larger than any form may be.
  if (!DecodeForm(EncodeForm(form))) return;
  static ToldStatus messages;
  static Repeated texts;
  static Uncounted observer;
  static Callbacks callbacks({messages, texts, observer, {{"twilio", kToken}}, kPublicUrl});
  v1::ReceiveCallbackRequest request;
  request.set_provider("twilio");
  request.set_target(target);
  request.mutable_body()->set_data(EncodeForm(form));
  request.set_signature(TwilioSignature(kToken, kPublicUrl + target, form));
  const auto answer = callbacks.ReceiveCallback(rpc::TestContext(options::v1::ROLE_ANYONE, "", request), request);
  if (!answer.ok()) {
    if (answer.status().code() != absl::StatusCode::kInvalidArgument) std::abort();
    return;
  }
  // Of a reply's text nothing is markup.
  absl::string_view xml = answer->answer().data();
  size_t tags = 0;
  for (const char c : xml) tags += c == '<';
  if (tags > 5) std::abort();
}

}  // namespace
}  // namespace lumbar::notification

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  using namespace lumbar::notification;
  const std::string text(bytes, bytes + size);
  if (const auto form = DecodeForm(text)) {
    if (DecodeForm(EncodeForm(*form)) != form) std::abort();
    if (IsSignedByTwilio(kToken, "https://clinic.example/v1/providers/twilio:status", *form, text)) std::abort();
    Form named = *form;
    named.emplace_back("MessageSid", "SM123");
    named.emplace_back("MessageStatus", text);
    CheckSigned("/v1/providers/twilio:status?message=1", named);
    CheckSigned("/v1/providers/twilio:status?" + text, named);
    named.emplace_back("From", text);
    named.emplace_back("Body", text);
    CheckSigned("/v1/providers/twilio:text", named);
  }
  if (const auto page = ReadMessagePage(text)) (void)Find({}, *page);
  (void)TakenOrNot({201, text, absl::ZeroDuration()});
  (void)TakenOrNot({400, text, absl::ZeroDuration()});
  (void)WebhookKeys::Parse(text);
  return 0;
}
