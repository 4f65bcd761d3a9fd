// What search engines read of an article.
#pragma once

#include <string>

#include "lumbar/content/v1/article.pb.h"
#include "services/content/domain/site.h"

namespace lumbar::content {

// JSON-LD in the vocabulary of schema.org: a MedicalWebPage, and a FAQPage if the article answers questions. Holds
// neither "<", ">" nor "&", nor a line separator of JavaScript, so that it can't end the <script> that it is put into,
// whatever the article says. Addresses of articles are `site`'s; where it knows none, there are none.
std::string StructuredData(const v1::Article& article, const Site& site);

}  // namespace lumbar::content
