// Arbitrary bytes, read as requests with lists, nested messages and every kind of rule that the contracts use: whatever
// parses is judged, and a refusal fits into its bounds.
#include "common/validation/validator.h"

#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>
#include <lumbar/booking/v1/booking_service.pb.h>
#include <lumbar/booking/v1/clinician_service.pb.h>
#include <lumbar/consult/v1/consult_service.pb.h>
#include <lumbar/content/v1/content_service.pb.h>
#include <lumbar/notification/v1/notification_service.pb.h>

#include <cstdlib>

#include "common/status/errors.h"

namespace {

const std::vector<const google::protobuf::Message*>& Prototypes() {
  static const std::vector<const google::protobuf::Message*> prototypes = {
      &lumbar::booking::v1::CreateHoldRequest::default_instance(),
      &lumbar::booking::v1::CreateClinicianRequest::default_instance(),
      &lumbar::consult::v1::RequestConsultRequest::default_instance(),
      &lumbar::content::v1::ListArticlesRequest::default_instance(),
      &lumbar::notification::v1::RecordAppointmentEventRequest::default_instance()};
  return prototypes;
}

const lumbar::validation::Validator& Validator() {
  static const auto validator = [] {
    std::vector<const google::protobuf::Descriptor*> types;
    for (const auto* prototype : Prototypes()) types.push_back(prototype->GetDescriptor());
    return lumbar::validation::Validator::Create(types).value();
  }();
  return *validator;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::unique_ptr<google::protobuf::Message> message(Prototypes()[data[0] % Prototypes().size()]->New());
  if (!message->ParseFromArray(data + 1, static_cast<int>(size - 1))) return 0;
  const auto status = Validator().Validate(*message);
  if (status.ok()) return 0;
  if (lumbar::ReasonOf(status) != "INVALID_FIELD") std::abort();
  const auto wire = lumbar::ToRpcStatus(status);
  google::rpc::BadRequest bad_request;
  for (const auto& detail : wire.details()) detail.UnpackTo(&bad_request);
  if (bad_request.field_violations().empty() || bad_request.field_violations_size() > 20) std::abort();
  return 0;
}
