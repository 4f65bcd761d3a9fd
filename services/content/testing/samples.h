// Articles for tests.
#pragma once

#include <absl/strings/str_cat.h>
#include <absl/strings/string_view.h>

#include <string>

#include "common/time/proto_time.h"
#include "lumbar/content/v1/article.pb.h"
#include "services/content/domain/article_parser.h"

namespace lumbar::content {

// A source that ParseArticle accepts, named sample.md or as you like.
inline constexpr char kSampleSource[] = R"(---
title: "A sample"
summary: "What a sample is."
topic: causes
audience: everyone
language: en
authors: ["Ann Author"]
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

// "articles/<id>", as readers get it.
inline v1::Article SampleArticle(absl::string_view id, absl::string_view title = "A sample") {
  v1::Article article = ParseArticle("sample.md", kSampleSource)->article;
  article.set_medical_reviewer("Rea Reviewer, MD");
  article.set_fact_checker("Finn Checker, MPH");
  *article.mutable_review_time() = ToProtoTime(absl::FromCivil(absl::CivilDay(2026, 11, 1), absl::UTCTimeZone()));
  *article.mutable_publish_time() = article.review_time();
  article.set_name(absl::StrCat("articles/", id));
  article.set_title(std::string(title));
  article.set_etag(EtagOf(article));
  return article;
}

}  // namespace lumbar::content
