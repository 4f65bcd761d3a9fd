// Loading an arbitrary file as a template: no crash, and what is let in expands with every variable of its message.
#include <absl/strings/string_view.h>
#include <ctemplate/template_dictionary.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "services/notification/domain/template_check.h"

namespace {

const std::string& Folder() {
  static const auto* const folder = [] {
    auto* made = new std::string(std::filesystem::temp_directory_path() / ("template_fuzz" + std::to_string(getpid())));
    std::filesystem::create_directories(*made);
    return made;
  }();
  return *folder;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  using namespace lumbar::notification;
  const std::string content(reinterpret_cast<const char*>(bytes), size);
  std::ofstream(Folder() + "/fuzzed.tpl", std::ios::binary) << content;
  const auto part = static_cast<Part>(size % 4);
  v1::Message message;
  message.set_kind(v1::MESSAGE_KIND_OFFER);
  ctemplate::TemplateCache files;
  files.SetTemplateRootDirectory(Folder());
  const auto variables = VariablesOf(part, "Elm", message, {}, "en");
  if (!CheckTemplate("fuzzed.tpl", content, part, variables, files).ok()) return 0;
  ctemplate::TemplateDictionary dictionary("message");
  for (const Variable& variable : variables) {
    dictionary.SetValue(ctemplate::TemplateString(variable.name.data(), variable.name.size()), "<b>");
  }
  std::string text;
  files.Freeze();
  if (!files.ExpandNoLoad("fuzzed.tpl", kStrip, &dictionary, nullptr, &text)) std::abort();
  // Only what the file itself has is markup.
  if (part == Part::kHtml && content.find("<b>") == std::string::npos && text.find("<b>") != std::string::npos)
    std::abort();
  return 0;
}
