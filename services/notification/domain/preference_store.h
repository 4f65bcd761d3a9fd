// Where it is kept how patients want to be reached, and which telephones want no texts.
#pragma once

#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>

#include <string>

#include "common/store/mutation.h"
#include "lumbar/notification/v1/message.pb.h"
#include "services/notification/domain/reader_plan.h"

namespace lumbar::notification {

// What is asked when a message is planned, and again right before it is sent. Thread safe.
class PatientWishes {
 public:
  virtual ~PatientWishes() = default;

  // The patient's preferences, and what the telephone `number`, E.164 or empty, asked for. Fails as store::Database
  // does.
  virtual absl::StatusOr<Wishes> WishesOf(const std::string& patient, const std::string& number) = 0;
};

// Thread safe and shared between processes. Every function can fail as store::Database does.
class PreferenceStore : public PatientWishes {
 public:
  // Of a patient who never said, or of "": an empty message.
  virtual absl::StatusOr<v1::Preferences> Get(const std::string& patient) = 0;
  // Replaces them; a repeated mutation gets its first answer. INVALID_ARGUMENT/REQUEST_ID_REUSED.
  virtual absl::StatusOr<v1::Preferences> Update(const store::Mutation& mutation, const std::string& patient,
                                                 const v1::Preferences& preferences) = 0;
};

}  // namespace lumbar::notification
