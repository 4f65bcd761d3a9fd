#include "services/gateway/edge/message_form.h"

#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>
#include <google/protobuf/descriptor.pb.h>

#include <algorithm>
#include <memory>

#include "common/concurrency/mutex.h"

namespace lumbar::gateway {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using Forms = absl::flat_hash_map<const Descriptor*, std::unique_ptr<MessageForm>>;

const MessageForm& FormIn(Forms& forms, const Descriptor& type);

MessageForm::Kind KindOf(const Descriptor& type) {
  if (type.full_name() == "google.protobuf.Timestamp") return MessageForm::Kind::kTimestamp;
  if (type.full_name() == "google.protobuf.Duration") return MessageForm::Kind::kDuration;
  const bool is_special = absl::StartsWith(type.full_name(), "google.protobuf.") || type.options().map_entry();
  return is_special ? MessageForm::Kind::kSpecial : MessageForm::Kind::kPlain;
}

FieldForm FieldIn(Forms& forms, const FieldDescriptor& field) {
  FieldForm form;
  form.field = &field;
  form.number = field.number();
  form.type = field.type();
  form.is_repeated = field.is_repeated();
  form.has_presence = field.has_presence();
  form.oneof = field.real_containing_oneof() == nullptr ? -1 : field.real_containing_oneof()->index();
  form.key = absl::StrCat("\"", field.json_name(), "\":");
  if (field.message_type() != nullptr) form.message = &FormIn(forms, *field.message_type());
  if (field.enum_type() == nullptr) return form;
  for (int i = 0; i < field.enum_type()->value_count(); ++i) {
    const auto& value = *field.enum_type()->value(i);
    // The first of several names is the one that is written.
    form.names.emplace(value.number(), absl::StrCat("\"", value.name(), "\""));
    form.numbers.emplace(value.name(), value.number());
  }
  return form;
}

// A type may hold itself: it is there before its fields are.
const MessageForm& FormIn(Forms& forms, const Descriptor& type) {
  auto& place = forms[&type];
  if (place != nullptr) return *place;
  place = std::make_unique<MessageForm>();
  MessageForm& form = *place;
  form.kind = KindOf(type);
  if (form.kind != MessageForm::Kind::kPlain) return form;
  for (int i = 0; i < type.field_count(); ++i) form.fields.push_back(FieldIn(forms, *type.field(i)));
  std::sort(form.fields.begin(), form.fields.end(), [](const auto& a, const auto& b) { return a.number < b.number; });
  for (const FieldForm& field : form.fields) {
    form.by_name.emplace(field.field->json_name(), &field);
    form.by_name.emplace(field.field->name(), &field);
  }
  return form;
}

}  // namespace

const MessageForm& MessageForm::Of(const Descriptor& type) {
  static Mutex* const mutex = new Mutex();
  static Forms* const forms = new Forms();
  const MutexLock lock(*mutex);
  return FormIn(*forms, type);
}

}  // namespace lumbar::gateway
