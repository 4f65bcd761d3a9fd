#include "common/validation/validator.h"

#include <absl/strings/str_cat.h>
#include <google/protobuf/descriptor.pb.h>

#include <algorithm>

#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/validation/plan.h"

namespace lumbar::validation {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr int kMaxViolations = 20;
constexpr int kMaxDepth = 100;

// Where in the message the walk is: a chain on the stack, turned into text only for a violation.
struct Path {
  const Path* parent = nullptr;
  const FieldDescriptor* field = nullptr;
  int index = -1;

  std::string Text() const {
    if (field == nullptr) return "";
    const auto before = parent->Text();
    // A map's key may be patient data, so an entry is shown without it.
    if (field->containing_type()->options().map_entry()) return before;
    const auto item = index < 0 ? "" : field->is_map() ? "[*]" : absl::StrCat("[", index, "]");
    return absl::StrCat(before, before.empty() ? "" : ".", field->name(), item);
  }
};

// One pass over one message.
class Walk {
 public:
  explicit Walk(absl::Time now) : now_(now) {}

  void VisitMessage(const Message& message, const MessagePlan& plan, const Path& path, int depth);
  absl::Status Result() &&;

 private:
  void VisitField(const Message& message, const FieldPlan& plan, const Path& path, int depth);
  void VisitItems(const Message& message, const FieldPlan& plan, const Path& path, int depth);
  void VisitChoice(const Message& message, const ChoicePlan& plan, const Path& path);
  void RunChecks(const Value& value, const FieldPlan& plan, const Path& path);
  void Violate(const std::string& field, absl::string_view description);
  bool Full() const { return count_ >= kMaxViolations; }

  const absl::Time now_;
  absl::Status status_;
  int count_ = 0;
  std::string scratch_;
};

bool IsSet(const Message& message, const FieldDescriptor* field) {
  const auto* reflection = message.GetReflection();
  return field->is_repeated() ? reflection->FieldSize(message, field) > 0 : reflection->HasField(message, field);
}

bool AllDifferent(const Message& message, const FieldDescriptor* field) {
  const int size = message.GetReflection()->FieldSize(message, field);
  std::vector<std::string> scratch(size);
  std::vector<Value> values;
  for (int i = 0; i < size; ++i) values.push_back(ReadItem(message, field, i, scratch[i]));
  // NaN differs from everything, itself included, and has no place in an order.
  std::erase_if(values, [](const Value& value) { return value != value; });
  std::sort(values.begin(), values.end());
  return std::adjacent_find(values.begin(), values.end()) == values.end();
}

void Walk::VisitMessage(const Message& message, const MessagePlan& plan, const Path& path, int depth) {
  if (depth > kMaxDepth) return Violate(path.Text(), "is nested too deeply");
  for (const auto& field : plan.fields) {
    if (Full()) return;
    VisitField(message, field, Path{&path, field.field}, depth);
  }
  for (const auto& choice : plan.choices) VisitChoice(message, choice, path);
}

void Walk::VisitField(const Message& message, const FieldPlan& plan, const Path& path, int depth) {
  // Most fields: those without presence are set when they aren't zero, so that one look by reflection does.
  if (!plan.field->is_repeated() && !plan.field->has_presence()) {
    const auto value = ReadField(message, plan.field, scratch_);
    const bool zero = IsZero(value);
    if (zero && plan.required) return Violate(path.Text(), "is required");
    if (!zero || !(plan.only_when_set || plan.skip_zero)) RunChecks(value, plan, path);
    return;
  }
  if ((plan.required || plan.only_when_set) && !IsSet(message, plan.field)) {
    if (plan.required) Violate(path.Text(), "is required");
    return;
  }
  if (plan.field->is_repeated()) return VisitItems(message, plan, path, depth);
  if (!plan.checks.empty()) {
    const auto value = ReadField(message, plan.field, scratch_);
    if (!plan.skip_zero || !IsZero(value)) RunChecks(value, plan, path);
  }
  if (plan.nested == nullptr) return;
  VisitMessage(message.GetReflection()->GetMessage(message, plan.field), *plan.nested, path, depth + 1);
}

void Walk::VisitItems(const Message& message, const FieldPlan& plan, const Path& path, int depth) {
  const auto* reflection = message.GetReflection();
  const int size = reflection->FieldSize(message, plan.field);
  const auto count = static_cast<uint64_t>(size);
  if (count < plan.min_items) Violate(path.Text(), absl::StrCat("must have at least ", plan.min_items, " items"));
  if (count > plan.max_items) Violate(path.Text(), absl::StrCat("must have at most ", plan.max_items, " items"));
  if (plan.unique && !AllDifferent(message, plan.field)) Violate(path.Text(), "must not repeat an item");
  if (plan.checks.empty() && plan.nested == nullptr) return;
  for (int i = 0; i < size && !Full(); ++i) {
    const Path item{path.parent, path.field, i};
    if (!plan.checks.empty()) {
      const auto value = ReadItem(message, plan.field, i, scratch_);
      if (!plan.skip_zero || !IsZero(value)) RunChecks(value, plan, item);
    }
    if (plan.nested == nullptr) continue;
    VisitMessage(reflection->GetRepeatedMessage(message, plan.field, i), *plan.nested, item, depth + 1);
  }
}

void Walk::VisitChoice(const Message& message, const ChoicePlan& plan, const Path& path) {
  const auto set =
      std::count_if(plan.fields.begin(), plan.fields.end(), [&](const auto* field) { return IsSet(message, field); });
  if (set == 1 || (set == 0 && !plan.required)) return;
  std::string names;
  for (const auto* field : plan.fields) absl::StrAppend(&names, names.empty() ? "" : ", ", field->name());
  const auto before = path.Text();
  Violate(absl::StrCat(before, before.empty() || plan.name.empty() ? "" : ".", plan.name),
          absl::StrCat(set == 0 ? "one must be set of " : "only one may be set of ", names));
}

void Walk::RunChecks(const Value& value, const FieldPlan& plan, const Path& path) {
  for (const auto& check : plan.checks) {
    if (!check.holds(value, now_)) Violate(path.Text(), check.description);
  }
}

void Walk::Violate(const std::string& field, absl::string_view description) {
  if (Full()) return;
  ++count_;
  status_ = status_.ok() ? InvalidField(field, description) : WithViolation(std::move(status_), field, description);
}

absl::Status Walk::Result() && { return std::move(status_); }

const Clock& TheSystemClock() {
  static const SystemClock clock;
  return clock;
}

}  // namespace

Validator::Validator(Plans plans, const Clock& clock)
    : plans_(std::make_unique<const Plans>(std::move(plans))), clock_(clock) {}

Validator::~Validator() = default;

absl::StatusOr<std::unique_ptr<Validator>> Validator::Create(const std::vector<const Descriptor*>& types) {
  return Create(types, TheSystemClock());
}

absl::StatusOr<std::unique_ptr<Validator>> Validator::Create(const std::vector<const Descriptor*>& types,
                                                             const Clock& clock) {
  LUMBAR_ASSIGN_OR_RETURN(auto plans, CompilePlans(types));
  return std::unique_ptr<Validator>(new Validator(std::move(plans), clock));
}

absl::Status Validator::Validate(const Message& message) const {
  const auto plan = plans_->by_type.find(message.GetDescriptor());
  if (plan == plans_->by_type.end()) {
    return WithReason(absl::InternalError("the server has no rules for this request"), "NO_VALIDATION_PLAN");
  }
  Walk walk(clock_.Now());
  walk.VisitMessage(message, *plan->second, Path{}, 1);
  return std::move(walk).Result();
}

}  // namespace lumbar::validation
