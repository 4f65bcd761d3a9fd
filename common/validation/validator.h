// Checks requests against the buf.validate standard rules that their contracts declare, by reflection.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <google/protobuf/message.h>

#include <memory>
#include <vector>

#include "common/time/clock.h"

namespace lumbar::validation {

struct Plans;

// Rules mean what protovalidate says they mean; npm @bufbuild/protovalidate judges that in tests. Immutable, so safe to
// share between threads. Descriptors given must outlive it.
class Validator {
 public:
  // Makes a validator for these message types and all that they contain.
  // FAILED_PRECONDITION/RULE_NOT_SUPPORTED: a rule can't be evaluated (CEL, unknown or predefined rules, a bad pattern,
  // a rule of another type, whatever isn't implemented); the message names message, field and rule.
  static absl::StatusOr<std::unique_ptr<Validator>> Create(
      const std::vector<const google::protobuf::Descriptor*>& types);
  // The same, with the time that lt_now, gt_now and within compare to. `clock` must outlive the validator.
  static absl::StatusOr<std::unique_ptr<Validator>> Create(
      const std::vector<const google::protobuf::Descriptor*>& types, const Clock& clock);

  ~Validator();

  // INVALID_ARGUMENT/INVALID_FIELD: a rule is broken; one violation each, at most 20, with the field's path, e.g.
  // "presentation.findings[3].code". No text repeats a value of the message. A message nested deeper than 100 is
  // invalid. INTERNAL/NO_VALIDATION_PLAN: Create wasn't given the message's type.
  absl::Status Validate(const google::protobuf::Message& message) const;

 private:
  Validator(Plans plans, const Clock& clock);

  const std::unique_ptr<const Plans> plans_;
  const Clock& clock_;
};

}  // namespace lumbar::validation
