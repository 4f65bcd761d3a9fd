#include "tests/contracts/cases.h"

#include <buf/validate/validate.pb.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>

#include <algorithm>
#include <functional>
#include <limits>

#include "common/status/errors.h"
#include "common/validation/value.h"

namespace lumbar::contracts {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr int kMaxDepth = 4;

const std::vector<std::string>& Words() {
  static const auto* words = [] {
    const std::string uuid = "0b7f9c1e-5a0d-4b8e-9a3f-1c2d3e4f5a6b";
    auto* made = new std::vector<std::string>{"video-visit",
                                              uuid,
                                              "pat@example.com",
                                              "CA",
                                              "numb_foot",
                                              "+15551234567",
                                              "www.example.com",
                                              "ab",
                                              "abc",
                                              "b",
                                              "patients/4821",
                                              "clinicians/ada",
                                              "protocols/low-back-pain",
                                              "articles/sciatica",
                                              "causes/sciatica",
                                              "sex"};
    for (const auto* collection :
         {"holds/", "appointments/", "consults/", "accessGrants/", "messages/", "conversations/", "waitlistEntries/"}) {
      made->push_back(collection + uuid);
    }
    made->push_back("appointments/" + uuid + "/calendarFile");
    return made;
  }();
  return *words;
}

// Sets a scalar, or appends one to a repeated field. Text and bytes take words.
void Put(Message& message, const FieldDescriptor* field, double number, const std::string& text) {
  const auto* r = message.GetReflection();
  const bool add = field->is_repeated();
  const auto whole = static_cast<int64_t>(number);
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return add ? r->AddBool(&message, field, whole != 0) : r->SetBool(&message, field, whole != 0);
    case FieldDescriptor::CPPTYPE_ENUM:
      return add ? r->AddEnumValue(&message, field, static_cast<int>(whole))
                 : r->SetEnumValue(&message, field, static_cast<int>(whole));
    case FieldDescriptor::CPPTYPE_INT32:
      return add ? r->AddInt32(&message, field, static_cast<int32_t>(whole))
                 : r->SetInt32(&message, field, static_cast<int32_t>(whole));
    case FieldDescriptor::CPPTYPE_INT64:
      return add ? r->AddInt64(&message, field, whole) : r->SetInt64(&message, field, whole);
    case FieldDescriptor::CPPTYPE_UINT32:
      return add ? r->AddUInt32(&message, field, static_cast<uint32_t>(whole))
                 : r->SetUInt32(&message, field, static_cast<uint32_t>(whole));
    case FieldDescriptor::CPPTYPE_UINT64:
      return add ? r->AddUInt64(&message, field, static_cast<uint64_t>(whole))
                 : r->SetUInt64(&message, field, static_cast<uint64_t>(whole));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return add ? r->AddFloat(&message, field, static_cast<float>(number))
                 : r->SetFloat(&message, field, static_cast<float>(number));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return add ? r->AddDouble(&message, field, number) : r->SetDouble(&message, field, number);
    case FieldDescriptor::CPPTYPE_STRING:
      return add ? r->AddString(&message, field, text) : r->SetString(&message, field, text);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return;
  }
}

bool IsText(const FieldDescriptor* field) { return field->cpp_type() == FieldDescriptor::CPPTYPE_STRING; }
bool IsMessage(const FieldDescriptor* field) { return field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE; }
bool IsTime(const FieldDescriptor* field) { return IsMessage(field) && validation::IsTime(*field->message_type()); }

// Of a singular Duration or Timestamp field.
void PutTime(Message& message, const FieldDescriptor* field, double seconds, int nanos) {
  auto* time = message.GetReflection()->MutableMessage(&message, field);
  time->GetReflection()->SetInt64(time, field->message_type()->FindFieldByNumber(1), static_cast<int64_t>(seconds));
  time->GetReflection()->SetInt32(time, field->message_type()->FindFieldByNumber(2), nanos);
}

// Every number that a rule of the field mentions, so that values around it can be tried.
void CollectBounds(const Message& rules, std::vector<double>& bounds) {
  std::vector<const FieldDescriptor*> set;
  rules.GetReflection()->ListFields(rules, &set);
  for (const auto* rule : set) {
    const auto* r = rules.GetReflection();
    if (rule->is_repeated()) continue;
    switch (rule->cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        bounds.push_back(r->GetInt32(rules, rule));
        break;
      case FieldDescriptor::CPPTYPE_INT64:
        bounds.push_back(static_cast<double>(r->GetInt64(rules, rule)));
        break;
      case FieldDescriptor::CPPTYPE_UINT32:
        bounds.push_back(r->GetUInt32(rules, rule));
        break;
      case FieldDescriptor::CPPTYPE_UINT64:
        bounds.push_back(static_cast<double>(r->GetUInt64(rules, rule)));
        break;
      case FieldDescriptor::CPPTYPE_FLOAT:
        bounds.push_back(r->GetFloat(rules, rule));
        break;
      case FieldDescriptor::CPPTYPE_DOUBLE:
        bounds.push_back(r->GetDouble(rules, rule));
        break;
      case FieldDescriptor::CPPTYPE_MESSAGE:
        CollectBounds(r->GetMessage(rules, rule), bounds);
        break;
      default:
        break;
    }
  }
}

std::vector<double> Numbers(const FieldDescriptor* field) {
  std::vector<double> bounds = {0};
  CollectBounds(field->options().GetExtension(buf::validate::field), bounds);
  std::vector<double> numbers = {5, 1e9, 99};
  for (const double bound : bounds) numbers.insert(numbers.end(), {bound, bound + 1, bound - 1});
  const auto kind = field->cpp_type();
  if (kind == FieldDescriptor::CPPTYPE_DOUBLE || kind == FieldDescriptor::CPPTYPE_FLOAT) {
    numbers.insert(numbers.end(),
                   {0.5, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()});
  }
  return numbers;
}

std::vector<std::string> Texts(const FieldDescriptor* field, const std::string& valid) {
  auto texts = Words();
  texts.insert(texts.end(), {"", "-", "a..b", "10.0.0.1", "A", "9lives", valid + "\n", " " + valid, valid + valid,
                             valid.substr(0, valid.size() / 2)});
  std::vector<double> bounds;
  CollectBounds(field->options().GetExtension(buf::validate::field), bounds);
  for (const double bound : bounds) {
    for (int length = static_cast<int>(bound) - 1; length <= bound + 1; ++length) {
      if (length < 0) continue;
      std::string wide;
      for (int i = 0; i < length; ++i) wide += "\xE2\x82\xAC";
      texts.insert(texts.end(), {std::string(static_cast<size_t>(length), 'x'), wide});
    }
  }
  return texts;
}

// Whether the validator finds fault with exactly this field, wherever else it does.
bool Faulty(const Message& root, const std::string& path, const validation::Validator& validator) {
  const auto wire = ToRpcStatus(validator.Validate(root));
  google::rpc::BadRequest bad_request;
  for (const auto& detail : wire.details()) detail.UnpackTo(&bad_request);
  for (const auto& violation : bad_request.field_violations()) {
    if (violation.field() == path) return true;
  }
  return false;
}

// How many items an example gets.
int CountOf(const FieldDescriptor* field) {
  if (!field->is_repeated()) return 1;
  const auto& rules = field->options().GetExtension(buf::validate::field).repeated();
  // Of items that must differ there are as few as may be: they all get the same text.
  return std::max(rules.unique() ? 1 : 2, static_cast<int>(rules.min_items()));
}

class Filler {
 public:
  Filler(const Message& root, const validation::Validator& validator) : root_(root), validator_(validator) {}

  void Fill(Message& message, const std::string& prefix, int depth) {
    const auto* type = message.GetDescriptor();
    for (int i = 0; i < type->field_count(); ++i) {
      const auto* field = type->field(i);
      if (field->real_containing_oneof() != nullptr &&
          message.GetReflection()->HasOneof(message, field->containing_oneof())) {
        continue;
      }
      const int count = CountOf(field);
      for (int j = 0; j < count; ++j) {
        const auto item = field->is_map() ? "[*]" : field->is_repeated() ? absl::StrCat("[", j, "]") : "";
        const auto path =
            type->options().map_entry() ? prefix : prefix + (prefix.empty() ? "" : ".") + field->name() + item;
        FillField(message, field, path, depth);
      }
    }
  }

 private:
  void FillField(Message& message, const FieldDescriptor* field, const std::string& path, int depth) {
    const auto* r = message.GetReflection();
    if (IsTime(field) && !field->is_repeated()) {
      for (const double seconds : Numbers(field)) {
        PutTime(message, field, seconds, 0);
        if (!Faulty(root_, path, validator_)) return;
      }
      return;
    }
    if (IsMessage(field)) {
      if (depth >= kMaxDepth) return;
      return Fill(*(field->is_repeated() ? r->AddMessage(&message, field) : r->MutableMessage(&message, field)), path,
                  depth + 1);
    }
    const auto numbers = Numbers(field);
    const auto count = IsText(field) ? Words().size() : numbers.size();
    for (size_t i = 0; i < count; ++i) {
      Put(message, field, IsText(field) ? 0 : numbers[i], IsText(field) ? Words()[i] : "");
      if (!Faulty(root_, path, validator_)) return;
      if (i + 1 < count && field->is_repeated()) r->RemoveLast(&message, field);
    }
  }

  const Message& root_;
  const validation::Validator& validator_;
};

// Changes one field of `part`, which lies somewhere inside `root`, and calls `keep` for each change.
class Variator {
 public:
  Variator(Message& root, Messages& made) : root_(root), made_(made) {}

  void Vary(Message& part) {
    const auto* r = part.GetReflection();
    const auto* type = part.GetDescriptor();
    for (int i = 0; i < type->field_count(); ++i) {
      const auto* field = type->field(i);
      VaryField(part, field);
      if (!IsMessage(field) || IsTime(field)) continue;
      if (!field->is_repeated() && r->HasField(part, field)) Vary(*r->MutableMessage(&part, field));
      if (field->is_repeated() && r->FieldSize(part, field) > 0) {
        Vary(*r->MutableRepeatedMessage(&part, field, r->FieldSize(part, field) - 1));
      }
    }
  }

 private:
  // Puts the field back as it was after `change`.
  void Try(Message& part, const std::function<void()>& change) {
    const std::unique_ptr<Message> before(part.New());
    before->CopyFrom(part);
    change();
    made_.emplace_back(root_.New());
    made_.back()->CopyFrom(root_);
    part.CopyFrom(*before);
  }

  void VaryField(Message& part, const FieldDescriptor* field) {
    const auto* r = part.GetReflection();
    Try(part, [&] { r->ClearField(&part, field); });
    if (field->is_repeated()) VarySize(part, field);
    if (IsTime(field) && !field->is_repeated()) {
      for (const double seconds : Numbers(field)) {
        for (const int nanos : {0, 1}) Try(part, [&] { PutTime(part, field, std::max(seconds, -1.0), nanos); });
      }
    }
    if (IsMessage(field)) {
      if (!field->is_repeated()) Try(part, [&] { r->MutableMessage(&part, field)->Clear(); });
      return;
    }
    std::string scratch;
    const bool one = IsText(field) && !field->is_repeated();
    const auto valid = one ? r->GetStringReference(part, field, &scratch) : "";
    if (IsText(field)) {
      for (const auto& text : Texts(field, valid)) Try(part, [&] { Put(part, field, 0, text); });
    } else {
      for (const double number : Numbers(field)) Try(part, [&] { Put(part, field, number, ""); });
    }
  }

  // Lists around each bound, of copies of the last item; one with nothing but it.
  void VarySize(Message& part, const FieldDescriptor* field) {
    if (field->is_map()) return;
    std::vector<double> bounds = {1};
    CollectBounds(field->options().GetExtension(buf::validate::field), bounds);
    for (const double bound : bounds) {
      if (bound > 300) continue;
      for (int size = static_cast<int>(bound) - 1; size <= bound + 1; ++size)
        Try(part, [&] { Resize(part, field, size); });
    }
  }

  void Resize(Message& part, const FieldDescriptor* field, int size) {
    const auto* r = part.GetReflection();
    while (r->FieldSize(part, field) > std::max(size, 0)) r->RemoveLast(&part, field);
    while (r->FieldSize(part, field) < size) {
      const int last = r->FieldSize(part, field) - 1;
      if (!IsMessage(field)) {
        Put(part, field, 1, "video-visit");
      } else if (auto* added = r->AddMessage(&part, field); last >= 0) {
        added->CopyFrom(r->GetRepeatedMessage(part, field, last));
      }
    }
  }

  Message& root_;
  Messages& made_;
};

}  // namespace

std::unique_ptr<Message> ValidExample(const Message& prototype, const validation::Validator& validator) {
  std::unique_ptr<Message> example(prototype.New());
  Filler(*example, validator).Fill(*example, "", 0);
  return example;
}

Messages Variations(const Message& example) {
  const std::unique_ptr<Message> copy(example.New());
  copy->CopyFrom(example);
  Messages made;
  Variator(*copy, made).Vary(*copy);
  return made;
}

}  // namespace lumbar::contracts
