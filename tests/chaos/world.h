// Who takes part in a run: few clinicians with few hot slots, many patients, and the papers that they need.
#pragma once

#include <absl/status/statusor.h>

#include <string>
#include <vector>

#include "lumbar/booking/v1/booking_service.grpc.pb.h"
#include "lumbar/booking/v1/clinician_service.grpc.pb.h"
#include "tests/chaos/history.h"

namespace lumbar::chaos {

inline constexpr int kPatients = 300;

class World {
 public:
  // `keys` is the folder with issuer.pem and triage.pem.
  static absl::StatusOr<World> Make(const std::string& keys, const std::string& engine, int64_t seed);

  const Config& config() const { return config_; }
  const std::string& assessment(int patient) const { return assessments_[static_cast<size_t>(patient)]; }
  static std::string PatientName(int patient);
  // A token of the issuer, good for an hour.
  absl::StatusOr<std::string> Token(const std::string& subject, const std::string& role) const;
  // One for each clinician of the config.
  std::vector<booking::v1::CreateClinicianRequest> Clinicians() const;

 private:
  World(std::string keys, Config config) : keys_(std::move(keys)), config_(std::move(config)) {}

  std::string keys_;
  Config config_;
  std::vector<std::string> assessments_;
};

}  // namespace lumbar::chaos
