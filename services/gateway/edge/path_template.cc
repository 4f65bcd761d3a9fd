#include "services/gateway/edge/path_template.h"

#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/strip.h>

#include <algorithm>
#include <utility>

#include "common/status/macros.h"

namespace lumbar::gateway {
namespace {

bool IsLiteralCharacter(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
         absl::string_view("-._~!$&'()+,;@").find(c) != absl::string_view::npos;
}

bool IsFieldCharacter(char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.'; }

// Reads by recursive descent: Segments = Segment {"/" Segment}; Segment = "*" | "**" | literal | variable.
class TemplateReader {
 public:
  explicit TemplateReader(absl::string_view text) : text_(text), rest_(text) {}

  absl::StatusOr<PathTemplate> Read() {
    if (!absl::ConsumePrefix(&rest_, "/")) return Wrong("it must begin with '/'");
    LUMBAR_RETURN_IF_ERROR(ReadSegments(/*in_variable=*/false));
    if (absl::ConsumePrefix(&rest_, ":")) {
      result_.verb = std::string(Take(IsLiteralCharacter));
      if (result_.verb.empty()) return Wrong("the verb after ':' is missing");
    }
    if (!rest_.empty()) return Wrong(absl::StrCat("'", rest_.substr(0, 1), "' doesn't belong there"));
    const auto open = std::find(result_.segments.begin(), result_.segments.end(), kAnyPath);
    if (open != result_.segments.end() && open + 1 != result_.segments.end()) return Wrong("'**' must come last");
    return std::move(result_);
  }

 private:
  absl::Status Wrong(absl::string_view why) const {
    return absl::InvalidArgumentError(absl::StrCat("path template '", text_, "': ", why));
  }

  template <typename Predicate>
  absl::string_view Take(Predicate predicate) {
    const auto end = std::find_if_not(rest_.begin(), rest_.end(), predicate);
    const auto taken = rest_.substr(0, static_cast<size_t>(end - rest_.begin()));
    rest_.remove_prefix(taken.size());
    return taken;
  }

  absl::Status ReadSegments(bool in_variable) {
    do {
      LUMBAR_RETURN_IF_ERROR(ReadSegment(in_variable));
    } while (absl::ConsumePrefix(&rest_, "/"));
    return absl::OkStatus();
  }

  absl::Status ReadSegment(bool in_variable) {
    if (absl::ConsumePrefix(&rest_, kAnyPath)) return Append(kAnyPath);
    if (absl::ConsumePrefix(&rest_, kAnySegment)) return Append(kAnySegment);
    if (absl::ConsumePrefix(&rest_, "{")) return in_variable ? Wrong("a variable inside a variable") : ReadVariable();
    const auto literal = Take(IsLiteralCharacter);
    return literal.empty() ? Wrong("a segment is empty or not plain") : Append(literal);
  }

  absl::Status Append(absl::string_view segment) {
    result_.segments.emplace_back(segment);
    return absl::OkStatus();
  }

  absl::Status ReadVariable() {
    PathTemplate::Variable variable;
    variable.field_path = std::string(Take(IsFieldCharacter));
    variable.first = result_.segments.size();
    if (variable.field_path.empty()) return Wrong("a variable without a field");
    for (const auto& other : result_.variables) {
      if (other.field_path == variable.field_path) return Wrong("a field is bound twice");
    }
    LUMBAR_RETURN_IF_ERROR(absl::ConsumePrefix(&rest_, "=") ? ReadSegments(/*in_variable=*/true) : Append(kAnySegment));
    if (!absl::ConsumePrefix(&rest_, "}")) return Wrong("a variable isn't closed");
    variable.open_ended = result_.segments.back() == kAnyPath;
    variable.count = result_.segments.size() - variable.first - (variable.open_ended ? 1 : 0);
    result_.variables.push_back(std::move(variable));
    return absl::OkStatus();
  }

  const absl::string_view text_;
  absl::string_view rest_;
  PathTemplate result_;
};

}  // namespace

absl::StatusOr<PathTemplate> ParsePathTemplate(absl::string_view text) { return TemplateReader(text).Read(); }

}  // namespace lumbar::gateway
