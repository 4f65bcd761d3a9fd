// What is wrong with a template, found when the service starts and not when a message is due.
#pragma once

#include <absl/status/status.h>
#include <absl/strings/string_view.h>
#include <ctemplate/template_cache.h>

#include <string>
#include <vector>

#include "services/notification/domain/template_variables.h"

namespace lumbar::notification {

// Files are taken as they are: their blank lines are part of the letter.
inline constexpr ctemplate::Strip kStrip = ctemplate::DO_NOT_STRIP;

// Loads `file` into `files` and looks at it. `content` is what the file holds, `variables` what it may say.
// FAILED_PRECONDITION, each naming the file:
// TEMPLATE_MISSING: it isn't there, or is no template.
// TEMPLATE_VARIABLE: it uses a variable, section or include that its messages don't have.
// TEMPLATE_UNESCAPED: HTML with a variable that isn't written {{NAME:h}}.
// TEMPLATE_WORDING: it has a word about an illness or a bill, or doesn't name the practice.
absl::Status CheckTemplate(const std::string& file, absl::string_view content, Part part,
                           const std::vector<Variable>& variables, ctemplate::TemplateCache& files);

}  // namespace lumbar::notification
