#include "services/booking/adapters/fee_schedule_file.h"

#include <absl/strings/str_cat.h>
#include <google/protobuf/util/json_util.h>
#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>

#include <fstream>

#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/validation/validator.h"
#include "services/booking/domain/prices.h"
#include "services/booking/errors.h"

namespace lumbar::booking {
namespace {

constexpr size_t kLargest = 1 << 20;

// Which fields are wrong and why, for whoever starts the service.
std::string FaultsOf(const absl::Status& status) {
  std::string faults(status.message());
  const google::rpc::Status wire = ToRpcStatus(status);
  for (const google::protobuf::Any& detail : wire.details()) {
    google::rpc::BadRequest request;
    if (!detail.UnpackTo(&request)) continue;
    for (const auto& fault : request.field_violations()) {
      absl::StrAppend(&faults, "; ", fault.field(), " ", fault.description());
    }
  }
  return faults;
}

absl::Status Check(const v1::FeeSchedule& schedule) {
  LUMBAR_ASSIGN_OR_RETURN(const auto contract, validation::Validator::Create({v1::FeeSchedule::descriptor()}));
  LUMBAR_RETURN_IF_ERROR(contract->Validate(schedule));
  return CheckFeeSchedule(schedule);
}

}  // namespace

absl::StatusOr<v1::FeeSchedule> ReadFeeSchedule(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kLargest + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(file.gcount()));
  if (text.empty() || text.size() > kLargest) return FeeScheduleRefused(path, "can't be read, or is over 1 MB");
  v1::FeeSchedule schedule;
  const auto parsed = google::protobuf::util::JsonStringToMessage(text, &schedule);
  if (!parsed.ok()) return FeeScheduleRefused(path, parsed.ToString());
  if (const absl::Status status = Check(schedule); !status.ok()) return FeeScheduleRefused(path, FaultsOf(status));
  return schedule;
}

}  // namespace lumbar::booking
