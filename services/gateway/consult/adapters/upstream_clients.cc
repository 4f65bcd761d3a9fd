#include "services/gateway/consult/adapters/upstream_clients.h"

#include <algorithm>

#include "common/status/macros.h"

namespace lumbar::gateway {
namespace {

// Most articles to point a patient to.
constexpr int kArticles = 5;
// Reading is nice to have: nobody waits for it longer than this.
constexpr absl::Duration kReadingTimeout = absl::Seconds(1);
constexpr absl::Duration kAlertTimeout = absl::Seconds(1);

template <typename Service, typename Request, typename Response>
absl::StatusOr<Response> CallAs(auth::ServiceIdentity& identity, rpc::Remote<Service>& service,
                                grpc::Status (Service::Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                                const Request& request, const Errand& errand) {
  LUMBAR_ASSIGN_OR_RETURN(std::string token, identity.Token());
  return rpc::Call(service, method, request, {errand.deadline, errand.trace, std::move(token)});
}

}  // namespace

absl::StatusOr<triage::v1::Assessment> TriageClient::Assess(const triage::v1::AssessRequest& request,
                                                            const Errand& errand) {
  LUMBAR_ASSIGN_OR_RETURN(auto response,
                          CallAs(identity_, service_, &triage::v1::TriageService::Stub::Assess, request, errand));
  return std::move(*response.mutable_assessment());
}

absl::StatusOr<booking::v1::FindCandidatesResponse> BookingClient::FindCandidates(
    const booking::v1::FindCandidatesRequest& request, const Errand& errand) {
  return CallAs(identity_, routing_, &booking::v1::RoutingService::Stub::FindCandidates, request, errand);
}

absl::StatusOr<booking::v1::Hold> BookingClient::CreateHold(const booking::v1::CreateHoldRequest& request,
                                                            const Errand& errand) {
  LUMBAR_ASSIGN_OR_RETURN(auto response,
                          CallAs(identity_, service_, &booking::v1::BookingService::Stub::CreateHold, request, errand));
  return std::move(*response.mutable_hold());
}

absl::StatusOr<booking::v1::Appointment> BookingClient::ConfirmHold(const booking::v1::ConfirmHoldRequest& request,
                                                                    const Errand& errand) {
  LUMBAR_ASSIGN_OR_RETURN(
      auto response, CallAs(identity_, service_, &booking::v1::BookingService::Stub::ConfirmHold, request, errand));
  return std::move(*response.mutable_appointment());
}

absl::Status BookingClient::ReleaseHold(const booking::v1::ReleaseHoldRequest& request, const Errand& errand) {
  return CallAs(identity_, service_, &booking::v1::BookingService::Stub::ReleaseHold, request, errand).status();
}

absl::StatusOr<booking::v1::Appointment> BookingClient::GetAppointment(absl::string_view name, const Errand& errand) {
  booking::v1::GetAppointmentRequest request;
  request.set_name(std::string(name));
  LUMBAR_ASSIGN_OR_RETURN(
      auto response, CallAs(identity_, service_, &booking::v1::BookingService::Stub::GetAppointment, request, errand));
  return std::move(*response.mutable_appointment());
}

absl::Status BookingClient::CancelAppointment(const booking::v1::CancelAppointmentRequest& request,
                                              const Errand& errand) {
  return CallAs(identity_, service_, &booking::v1::BookingService::Stub::CancelAppointment, request, errand).status();
}

absl::Status AlertClient::RaiseAlert(const notification::v1::RaiseAlertRequest& request, const Errand& errand) {
  // A patient may be waiting for the answer; what isn't told now is told in a moment.
  const Errand brief{std::min(errand.deadline, absl::Now() + kAlertTimeout), errand.trace};
  return CallAs(identity_, service_, &notification::v1::AlertService::Stub::RaiseAlert, request, brief).status();
}

std::vector<std::string> ReadingClient::ArticlesOn(const std::vector<std::string>& causes, absl::string_view language,
                                                   const Errand& errand) {
  content::v1::SuggestArticlesRequest request;
  request.set_page_size(kArticles);
  for (size_t i = 0; i < std::min<size_t>(causes.size(), 20); ++i) request.add_causes(causes[i]);
  const Errand brief{std::min(errand.deadline, absl::Now() + kReadingTimeout), errand.trace};
  std::vector<std::string> names;
  // A language's own subtag has 8 letters at most.
  for (const absl::string_view one :
       {language.substr(0, std::min<size_t>(language.find('-'), 8)), absl::string_view("en")}) {
    request.set_language_code(std::string(one));
    const auto response =
        CallAs(identity_, service_, &content::v1::ContentService::Stub::SuggestArticles, request, brief);
    if (!response.ok()) return names;
    for (const auto& article : response->articles()) names.push_back(article.name());
    if (!names.empty()) return names;
  }
  return names;
}

}  // namespace lumbar::gateway
