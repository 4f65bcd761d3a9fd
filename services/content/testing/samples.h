// Articles for tests.
#pragma once

#include <absl/strings/str_cat.h>
#include <absl/strings/string_view.h>

#include <string>

#include "lumbar/content/v1/article.pb.h"
#include "services/content/domain/article_parser.h"

namespace lumbar::content {

// A source that ParseArticle accepts once it is sealed, named sample.md or as you like.
inline constexpr char kSampleSource[] = R"(---
title: "A sample"
summary: "What a sample is."
topic: causes
audience: everyone
language: en
authors: ["Ann Author"]
medical_reviewer: "Rea Reviewer, MD"
fact_checker: "Finn Checker, MPH"
published: 2026-11-01
reviewed: 2026-11-01
review_due: 2027-11-01
related_causes: [muscle_strain, sciatica]
related: [another]
sources:
  - title: "A guideline"
    doi: "10.1136/bmj.f7095"
  - title: "A page"
    url: "https://example.org/page"
---

## First

Some words about *backs*.
)";

// `source` as it is once both reviewers have passed it: their line comes last in the front matter.
inline std::string Sealed(std::string source) {
  const size_t end = source.find("\n---\n");
  if (end == std::string::npos) return source;
  const std::string line = absl::StrCat("reviewed_text: ", DigestOf(source), "\n");
  return source.insert(end + 1, line);
}

// "articles/<id>", as a parser would make it.
inline v1::Article SampleArticle(absl::string_view id, absl::string_view title = "A sample") {
  v1::Article article = ParseArticle("sample.md", Sealed(kSampleSource))->article;
  article.set_name(absl::StrCat("articles/", id));
  article.set_title(std::string(title));
  article.set_etag(EtagOf(article));
  return article;
}

}  // namespace lumbar::content
