#include "services/content/domain/front_matter.h"

#include <absl/algorithm/container.h>
#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>
#include <absl/time/civil_time.h>

#include <utility>

namespace lumbar::content {
namespace {

// Of the file, from 1; yaml-cpp counts from 0, and says -1 of what isn't there.
int LineOf(const YAML::Node& node, int line_offset) { return node.Mark().line + 1 + line_offset; }

bool IsOneLine(absl::string_view text) { return absl::c_none_of(text, absl::ascii_iscntrl); }

}  // namespace

FrontMatter::FrontMatter(const YAML::Node& map, int line_offset, std::string prefix, Problems& problems)
    : line_(LineOf(map, line_offset)), line_offset_(line_offset), prefix_(std::move(prefix)), problems_(problems) {
  for (const auto& field : map) {
    const int line = LineOf(field.first, line_offset_);
    if (!field.first.IsScalar()) {
      problems_.Add(line, prefix_ + "?", "a key must be a word");
    } else if (!fields_.emplace(field.first.Scalar(), Field{line, field.second}).second) {
      problems_.Add(line, prefix_ + field.first.Scalar(), "is there twice");
    }
  }
}

int FrontMatter::Line(absl::string_view key) const {
  const auto found = fields_.find(key);
  return found == fields_.end() ? line_ : found->second.line;
}

void FrontMatter::Refuse(absl::string_view key, absl::string_view what) const {
  problems_.Add(Line(key), absl::StrCat(prefix_, key), what);
}

const YAML::Node* FrontMatter::Find(absl::string_view key, YAML::NodeType::value type,
                                    absl::string_view type_name) const {
  const auto found = fields_.find(key);
  if (found == fields_.end() || found->second.value.IsNull()) {
    Refuse(key, "is missing");
  } else if (found->second.value.Type() != type) {
    Refuse(key, absl::StrCat("must be ", type_name));
  } else {
    return &found->second.value;
  }
  return nullptr;
}

const YAML::Node* FrontMatter::FindList(absl::string_view key, size_t most) const {
  const YAML::Node* node = Find(key, YAML::NodeType::Sequence, "a list");
  if (node == nullptr || (node->size() > 0 && node->size() <= most)) return node;
  Refuse(key, absl::StrCat("must have 1 to ", most, " entries"));
  return nullptr;
}

std::string FrontMatter::Text(absl::string_view key, size_t most) const {
  const YAML::Node* node = Find(key, YAML::NodeType::Scalar, "a text");
  if (node == nullptr) return "";
  std::string text(absl::StripAsciiWhitespace(node->Scalar()));
  if (!text.empty() && text.size() <= most && IsOneLine(text)) return text;
  Refuse(key, absl::StrCat("must be one line of 1 to ", most, " bytes"));
  return "";
}

std::string FrontMatter::Formed(absl::string_view key, const RE2& form, absl::string_view wanted) const {
  const YAML::Node* node = Find(key, YAML::NodeType::Scalar, "a text");
  if (node == nullptr) return "";
  if (RE2::FullMatch(node->Scalar(), form)) return node->Scalar();
  Refuse(key, absl::StrCat("must be ", wanted));
  return "";
}

std::string FrontMatter::OneOf(absl::string_view key, absl::Span<const absl::string_view> choices) const {
  const YAML::Node* node = Find(key, YAML::NodeType::Scalar, "a text");
  if (node == nullptr) return "";
  if (absl::c_linear_search(choices, absl::string_view(node->Scalar()))) return node->Scalar();
  Refuse(key, absl::StrCat("must be one of ", absl::StrJoin(choices, ", ")));
  return "";
}

absl::Time FrontMatter::Date(absl::string_view key) const {
  static const RE2 form("[0-9]{4}-[0-9]{2}-[0-9]{2}");
  const std::string text = Formed(key, form, "a date like 2026-11-01");
  absl::CivilDay day;
  if (text.empty()) return absl::UnixEpoch();
  if (!absl::ParseCivilTime(text, &day)) Refuse(key, "isn't a day of the calendar");
  return absl::FromCivil(day, absl::UTCTimeZone());
}

std::vector<std::string> FrontMatter::Texts(absl::string_view key, size_t most, const RE2& form,
                                            absl::string_view wanted) const {
  std::vector<std::string> texts;
  const YAML::Node* list = FindList(key, most);
  if (list == nullptr) return texts;
  for (const auto& node : *list) {
    if (!node.IsScalar() || !RE2::FullMatch(node.Scalar(), form)) {
      problems_.Add(LineOf(node, line_offset_), absl::StrCat(prefix_, key), absl::StrCat("each must be ", wanted));
    } else if (absl::c_linear_search(texts, node.Scalar())) {
      problems_.Add(LineOf(node, line_offset_), absl::StrCat(prefix_, key), "has an entry twice");
    } else {
      texts.push_back(node.Scalar());
    }
  }
  return texts;
}

std::vector<FrontMatter> FrontMatter::Maps(absl::string_view key, size_t most) const {
  std::vector<FrontMatter> maps;
  const YAML::Node* list = FindList(key, most);
  if (list == nullptr) return maps;
  for (const auto& node : *list) {
    const std::string prefix = absl::StrCat(prefix_, key, "[", maps.size() + 1, "].");
    if (!node.IsMap()) problems_.Add(LineOf(node, line_offset_), prefix, "must be a map");
    maps.emplace_back(node, line_offset_, prefix, problems_);
  }
  return maps;
}

void FrontMatter::RefuseAllBut(absl::Span<const absl::string_view> known) const {
  for (const auto& [key, field] : fields_) {
    if (!absl::c_linear_search(known, absl::string_view(key))) Refuse(key, "isn't a key of articles");
  }
}

}  // namespace lumbar::content
