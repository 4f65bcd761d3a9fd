// The other services over gRPC, as the consult sees them. Every call is made in the gateway's own name; targets and
// certificates are as rpc::Remote takes them.
#pragma once

#include <string>

#include "common/auth/service_identity.h"
#include "common/rpc/client.h"
#include "lumbar/booking/v1/booking_service.grpc.pb.h"
#include "lumbar/booking/v1/routing_service.grpc.pb.h"
#include "lumbar/content/v1/content_service.grpc.pb.h"
#include "lumbar/notification/v1/alert_service.grpc.pb.h"
#include "lumbar/triage/v1/triage_service.grpc.pb.h"
#include "services/gateway/consult/domain/upstreams.h"

namespace lumbar::gateway {

class TriageClient final : public Triage {
 public:
  TriageClient(const std::string& target, const transport::CertificateFiles* certificates,
               auth::ServiceIdentity& identity)
      : service_(target, certificates), identity_(identity) {}
  absl::StatusOr<triage::v1::Assessment> Assess(const triage::v1::AssessRequest& request,
                                                const Errand& errand) override;

 private:
  rpc::Remote<triage::v1::TriageService> service_;
  auth::ServiceIdentity& identity_;
};

class BookingClient final : public Booking {
 public:
  BookingClient(const std::string& target, const transport::CertificateFiles* certificates,
                auth::ServiceIdentity& identity)
      : service_(target, certificates), routing_(target, certificates), identity_(identity) {}
  absl::StatusOr<booking::v1::FindCandidatesResponse> FindCandidates(const booking::v1::FindCandidatesRequest& request,
                                                                     const Errand& errand) override;
  absl::StatusOr<booking::v1::Hold> CreateHold(const booking::v1::CreateHoldRequest& request,
                                               const Errand& errand) override;
  absl::StatusOr<booking::v1::Appointment> ConfirmHold(const booking::v1::ConfirmHoldRequest& request,
                                                       const Errand& errand) override;
  absl::Status ReleaseHold(const booking::v1::ReleaseHoldRequest& request, const Errand& errand) override;
  absl::StatusOr<booking::v1::Appointment> GetAppointment(absl::string_view name, const Errand& errand) override;
  absl::Status CancelAppointment(const booking::v1::CancelAppointmentRequest& request, const Errand& errand) override;

 private:
  rpc::Remote<booking::v1::BookingService> service_;
  rpc::Remote<booking::v1::RoutingService> routing_;
  auth::ServiceIdentity& identity_;
};

class AlertClient final : public StaffAlerts {
 public:
  AlertClient(const std::string& target, const transport::CertificateFiles* certificates,
              auth::ServiceIdentity& identity)
      : service_(target, certificates), identity_(identity) {}
  absl::Status RaiseAlert(const notification::v1::RaiseAlertRequest& request, const Errand& errand) override;

 private:
  rpc::Remote<notification::v1::AlertService> service_;
  auth::ServiceIdentity& identity_;
};

class ReadingClient final : public Reading {
 public:
  ReadingClient(const std::string& target, const transport::CertificateFiles* certificates,
                auth::ServiceIdentity& identity)
      : service_(target, certificates), identity_(identity) {}
  std::vector<std::string> ArticlesOn(const std::vector<std::string>& causes, absl::string_view language,
                                      const Errand& errand) override;

 private:
  rpc::Remote<content::v1::ContentService> service_;
  auth::ServiceIdentity& identity_;
};

}  // namespace lumbar::gateway
