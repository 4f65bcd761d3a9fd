// Makes a request from an operation of an OpenAPI document, as a program would that knows nothing else; for tests only.
#pragma once

#include <absl/strings/str_cat.h>
#include <absl/strings/str_replace.h>
#include <absl/strings/string_view.h>
#include <absl/strings/strip.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <string>

namespace lumbar::gateway {

// A text that a pattern matches; for the patterns that contracts have: literals, classes, groups, counts.
class PatternExample {
 public:
  static std::string Of(absl::string_view pattern) { return PatternExample(pattern).Sequence(); }

 private:
  explicit PatternExample(absl::string_view rest) : rest_(rest) {}

  char Take() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }

  // Up to the group's end; of alternatives the first.
  std::string Sequence() {
    std::string text;
    bool is_first = true;
    while (!rest_.empty() && rest_.front() != ')') {
      if (rest_.front() == '|') is_first = false;
      const std::string piece = rest_.front() == '|' ? (Take(), "") : Piece();
      if (is_first) text += piece;
    }
    return text;
  }

  std::string Piece() {
    const std::string atom = Atom();
    std::string text;
    for (size_t count = Fewest(); count > 0; --count) text += atom;
    return text;
  }

  std::string Atom() {
    const char c = Take();
    if (c == '^' || c == '$') return "";
    if (c == '.') return "x";
    if (c == '\\') return Escaped(Take());
    if (c == '[') return Class();
    if (c != '(') return std::string(1, c);
    if (rest_.substr(0, 2) == "?:") rest_.remove_prefix(2);
    std::string text = Sequence();
    Take();
    return text;
  }

  static std::string Escaped(char c) { return std::string(1, c == 'd' ? '1' : c == 'w' ? 'w' : c); }

  // Its first character.
  std::string Class() {
    if (rest_.front() == '^') return rest_.remove_prefix(rest_.find(']') + 1), "x";
    std::string first(1, Take());
    if (first == "\\") first = Escaped(Take());
    rest_.remove_prefix(rest_.find(']') + 1);
    return first;
  }

  size_t Fewest() {
    if (rest_.empty()) return 1;
    if (rest_.front() == '*' || rest_.front() == '?') return Take(), 0;
    if (rest_.front() == '+') return Take(), 1;
    if (rest_.front() != '{') return 1;
    const size_t fewest = std::stoul(std::string(rest_.substr(1)));
    rest_.remove_prefix(rest_.find('}') + 1);
    return fewest;
  }

  absl::string_view rest_;
};

class SchemaExample {
 public:
  using Json = nlohmann::ordered_json;

  // `document` outlives it.
  explicit SchemaExample(const Json& document) : document_(document) {}

  // A value with everything in it down to `depth`, and below that only what is required.
  Json Of(Json schema, int depth = 1) const {
    if (schema.contains("$ref")) {
      const std::string where = schema["$ref"].get<std::string>().substr(1);
      Json whole = document_.at(Json::json_pointer(where));
      schema.erase("$ref");
      whole.update(schema);
      schema = std::move(whole);
    }
    if (schema.contains("const")) return schema["const"];
    if (schema.contains("enum")) return Allowed(schema);
    const std::string type = schema.value("type", "object");
    if (type == "object") return Object(schema, depth);
    if (type == "array") return Array(schema, depth);
    if (type == "boolean") return true;
    if (type == "string") return Text(schema);
    return Number(schema);
  }

 private:
  // The last: the first of an enum is never valid.
  static Json Allowed(const Json& schema) {
    const Json refused = schema.contains("not") ? schema["not"]["enum"] : Json::array();
    Json allowed;
    for (const auto& value : schema["enum"]) {
      if (std::find(refused.begin(), refused.end(), value) == refused.end()) allowed = value;
    }
    return allowed;
  }

  Json Object(const Json& schema, int depth) const {
    Json object = Json::object();
    const Json required = schema.value("required", Json::array());
    if (!schema.contains("properties")) return object;
    for (const auto& [name, property] : schema["properties"].items()) {
      const bool is_required = std::find(required.begin(), required.end(), name) != required.end();
      if (is_required || (depth > 0 && !Excludes(schema, name, object))) object[name] = Of(property, depth - 1);
    }
    return object;
  }

  // Whether the schema forbids the property beside those that are there.
  static bool Excludes(const Json& schema, const std::string& name, const Json& object) {
    if (!schema.contains("allOf")) return false;
    for (const auto& choice : schema["allOf"]) {
      const Json one = choice.contains("oneOf") ? choice["oneOf"] : choice["not"]["anyOf"];
      bool is_member = false, has_other = false;
      for (const auto& option : one) {
        for (const auto& field : option["required"]) {
          is_member |= field == name;
          has_other |= object.contains(field.get<std::string>());
        }
      }
      if (is_member && has_other) return true;
    }
    return false;
  }

  Json Array(const Json& schema, int depth) const {
    Json array = Json::array();
    for (size_t i = std::max<size_t>(schema.value("minItems", size_t{1}), 1); i > 0; --i) {
      array.push_back(Of(schema.value("items", Json::object()), depth));
    }
    return array;
  }

  static Json Text(const Json& schema) {
    const std::string format = schema.value("format", "");
    if (format == "date-time") return "2030-01-02T03:04:05Z";
    if (format == "uuid") return "9b2f0c1e-8f0a-4e55-9f3a-2d3c4b5a6978";
    if (format == "email") return "jo@example.com";
    if (format == "hostname") return "clinic.example";
    if (format == "int64" || format == "uint64") return "7";
    if (schema.contains("contentEncoding")) return "QUJD";
    // The least of what is bounded, such as a duration.
    for (const auto& rule : schema.value("x-lumbar-rules", Json::array())) {
      absl::string_view bound = rule.get_ref<const std::string&>();
      if (absl::ConsumePrefix(&bound, "gte: ")) return Json::parse(std::string(bound));
    }
    std::string text = schema.contains("pattern") ? PatternExample::Of(schema["pattern"].get<std::string>()) : "x";
    while (text.size() < schema.value("minLength", size_t{0})) text += 'x';
    return text;
  }

  static Json Number(const Json& schema) {
    double value = 1;
    if (schema.contains("maximum")) value = std::min(value, schema["maximum"].get<double>());
    if (schema.contains("minimum")) value = std::max(value, schema["minimum"].get<double>());
    if (schema.contains("exclusiveMinimum")) value = std::max(value, schema["exclusiveMinimum"].get<double>() + 1);
    if (schema["type"] == "integer") return static_cast<int64_t>(value);
    return value;
  }

  const Json& document_;
};

}  // namespace lumbar::gateway
