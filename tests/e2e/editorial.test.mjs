// An article from its author to its readers and back from them, over the public port and by the command line; and every way
// around the two reviews, refused.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { client } from "../support/grpc.mjs";
import { until } from "../support/ports.mjs";
import { running } from "../support/running.mjs";
import { root } from "../support/suite.mjs";
import { ok, reasonOf } from "../support/walk.mjs";

const here = running();

const source = (title, text = "Zebras seldom hurt their backs.") => `---
title: "${title}"
summary: "What a sample is."
topic: causes
audience: everyone
language: en
authors: ["Ann Author"]
review_due: 2096-11-01
related_causes: [muscle_strain]
related_rules: [saddle_numbness]
related: [sciatica]
sources:
  - title: "Red flags to screen for malignancy and fracture in patients with low back pain: systematic review"
    doi: "10.1136/bmj.f7095"
---

## Is it safe?

${text}
`;

// Who does what; nobody twice.
const who = {
  author: () => here.suite.token("staff/ann", "staff"),
  editor: () => here.suite.token("staff/pat", "staff"),
  checker: () => here.suite.token("staff/finn", "staff"),
  doctor: () => here.suite.token("clinicians/rea", "clinician"),
};

const post = (route, body, token) => here.suite.http("POST", route, { token, body: { requestId: randomUUID(), ...body } });
const done = async (...call) => {
  const { status, body } = await post(...call);
  assert.equal(status, 200, `${call[0]}: ${JSON.stringify(body)}`);
  return body;
};
const refused = async (reason, ...call) => {
  const { status, body } = await post(...call);
  assert.notEqual(status, 200, `${call[0]} was not refused`);
  assert.equal(reasonOf(body), reason, JSON.stringify(body));
};
const review = (name, etag, kind, shownName, approved = true) => [`/v1/${name}:recordReview`, { kind, etag, shownName, approved }];

async function published(id, title) {
  const name = `articles/${id}`;
  const { etag } = await done("/v1/articles", { articleId: id, source: source(title) }, who.author());
  await done(`/v1/${name}:submitForReview`, {}, who.author());
  await done(...review(name, etag, "REVIEW_KIND_MEDICAL", "Rea Roe, MD"), who.doctor());
  await done(...review(name, etag, "REVIEW_KIND_FACT_CHECK", "Finn Fox"), who.checker());
  await done(`/v1/${name}:publish`, {}, who.editor());
  return name;
}

test("an article reaches its readers after two reviews, is found, and is gone once it is retracted", async () => {
  const { suite } = here;
  const name = await published("zebras", "Zebras and their backs");
  const article = await ok(suite, "GET", `/v1/${name}`, {});
  assert.equal(article.medicalReviewer, "Rea Roe, MD");
  assert.equal(article.sections[0].anchor, "is-it-safe");
  assert.equal(article.questions[0].answerHtml, "<p>Zebras seldom hurt their backs.</p>");
  const { headers } = await suite.http("GET", `/v1/${name}`);
  assert.equal(headers.get("cache-control"), "no-cache");
  const again = await suite.http("GET", `/v1/${name}`, { headers: { "if-none-match": headers.get("etag") } });
  assert.equal(again.status, 304);
  const found = await ok(suite, "GET", "/v1/articles:search?query=zebra", {});
  assert.deepEqual(found.articles.map((one) => one.name), [name]);
  assert.match(found.snippetsHtml[0], /<mark>Zebras<\/mark> seldom/);
  const began = Date.now();
  const { goneTime } = await done(`/v1/${name}:retract`, { reason: "A dose was wrong." }, who.editor());
  const gone = await suite.http("GET", `/v1/${name}`);
  assert.equal(gone.status, 404);
  assert.equal(reasonOf(gone.body), "ARTICLE_NOT_FOUND");
  console.log(`retracted; this replica stopped serving it within ${Date.now() - began} ms, all of them at ${goneTime}`);
  assert.ok(Date.parse(goneTime) <= Date.now() + 30_000, goneTime);
  assert.deepEqual((await ok(suite, "GET", "/v1/articles:search?query=zebra", {})).articles ?? [], []);
  const { articles } = await ok(suite, "GET", `/v1/${name}/revisions`, { token: who.editor() });
  assert.equal(articles.length, 1, "revisions are kept");
  const { steps } = await ok(suite, "GET", `/v1/${name}/steps`, { token: who.editor() });
  assert.deepEqual(steps.map(({ action, actor }) => `${action} ${actor}`), [
    "create staff/ann",
    "submit staff/ann",
    "approve clinicians/rea",
    "approve staff/finn",
    "publish staff/pat",
    "retract staff/pat",
  ]);
});

test("a title that would end a page's script is only a title to search engines", async () => {
  const title = "Zebras </script><script>alert(1)</script> <!-- &lt; &amp;";
  const name = await published("hostile", title);
  const response = await fetch(`${here.suite.url}/v1/${name}:jsonLd`, { signal: AbortSignal.timeout(15_000) });
  const text = await response.text();
  assert.doesNotMatch(text, /[<>&]/);
  const [web, faq] = JSON.parse(text)["@graph"];
  assert.equal(web.name, title);
  assert.equal(faq.mainEntity[0].acceptedAnswer.text, "<p>Zebras seldom hurt their backs.</p>");
});

test("nothing reaches readers without both reviews by two other people", async () => {
  const name = "articles/unreviewed";
  const { etag } = await done("/v1/articles", { articleId: "unreviewed", source: source("Unreviewed") }, who.author());
  await refused("WRONG_STATE", `/v1/${name}:publish`, {}, who.editor());
  await done(`/v1/${name}:submitForReview`, {}, who.author());
  await refused("REVIEW_MISSING", `/v1/${name}:publish`, {}, who.editor());
  await refused("NOT_A_CLINICIAN", ...review(name, etag, "REVIEW_KIND_MEDICAL", "Finn Fox"), who.checker());
  await refused("SAME_PERSON", ...review(name, etag, "REVIEW_KIND_FACT_CHECK", "Somebody Else"), who.author());
  await done(...review(name, etag, "REVIEW_KIND_MEDICAL", "Rea Roe, MD"), who.doctor());
  await refused("SAME_PERSON", ...review(name, etag, "REVIEW_KIND_FACT_CHECK", "Rea Roe, MD"), who.doctor());
  await refused("REVIEW_MISSING", `/v1/${name}:publish`, { scheduleTime: new Date(Date.now() + 1000).toISOString() }, who.editor());
  // The internal port knows no other way.
  const internal = client(here.suite, "editorial");
  await assert.rejects(internal.call("publishArticle", { requestId: randomUUID(), name }, { token: who.editor() }), { reason: "REVIEW_MISSING" });
  internal.close();
  // An edit takes the reviews away again.
  await done(...review(name, etag, "REVIEW_KIND_FACT_CHECK", "Finn Fox"), who.checker());
  await done(`/v1/${name}:updateDraft`, { etag, source: source("Unreviewed", "Another text.") }, who.author());
  await refused("WRONG_STATE", `/v1/${name}:publish`, {}, who.editor());
  await done(`/v1/${name}:submitForReview`, {}, who.author());
  await refused("ETAG_MISMATCH", ...review(name, etag, "REVIEW_KIND_MEDICAL", "Rea Roe, MD"), who.doctor());
  await refused("REVIEW_MISSING", `/v1/${name}:publish`, {}, who.editor());
  assert.equal((await here.suite.http("GET", `/v1/${name}`)).status, 404);
});

test("patients and strangers touch no draft", async () => {
  const patient = here.suite.token("patients/jo", "patient");
  for (const token of [patient, undefined]) {
    const { status } = await post("/v1/articles", { articleId: "theirs", source: source("Theirs") }, token);
    assert.ok([401, 403].includes(status), `${status}`);
    assert.ok([401, 403].includes((await here.suite.http("GET", "/v1/articles/sciatica/draft", { token })).status));
  }
});

test("a scheduled article appears by itself", async () => {
  const name = "articles/later";
  const { etag } = await done("/v1/articles", { articleId: "later", source: source("Later") }, who.author());
  await done(`/v1/${name}:submitForReview`, {}, who.author());
  await done(...review(name, etag, "REVIEW_KIND_MEDICAL", "Rea Roe, MD"), who.doctor());
  await done(...review(name, etag, "REVIEW_KIND_FACT_CHECK", "Finn Fox"), who.checker());
  const scheduleTime = new Date(Date.now() + 1000).toISOString();
  assert.equal((await done(`/v1/${name}:publish`, { scheduleTime }, who.editor())).state, "ARTICLE_STATE_SCHEDULED");
  await until(async () => (await here.suite.http("GET", `/v1/${name}`)).status === 200, 30_000, "it isn't published");
  const article = await ok(here.suite, "GET", `/v1/${name}`, {});
  assert.ok(article.publishTime >= scheduleTime.slice(0, 19), article.publishTime);
});

test("the command line takes a file to a draft, and to retraction, but to no reader", async () => {
  const { suite } = here;
  const lumbar = (token, ...words) => suite.lumbar("article", ...words, "--server", suite.url, "--token", token);
  const file = path.join(suite.data, "typed.md");
  writeFileSync(file, source("Typed"));
  assert.match(lumbar(who.author(), "import", "--submit", file), /articles\/typed: draft, etag [0-9a-f]{32}\narticles\/typed: in review/);
  assert.throws(() => lumbar(who.editor(), "publish", "articles/typed"), { status: 1 }, "REVIEW_MISSING, on stderr");
  const { etag } = JSON.parse(lumbar(who.editor(), "draft", "articles/typed", "-o", "json"));
  lumbar(who.doctor(), "review", "articles/typed", "--kind", "medical", "--etag", etag, "--shown-name", "Rea Roe, MD");
  lumbar(who.checker(), "review", "articles/typed", "--kind", "fact-check", "--etag", etag, "--shown-name", "Finn Fox");
  assert.match(lumbar(who.editor(), "publish", "articles/typed"), /articles\/typed: published/);
  const protocol = path.join(root, "services/triage/protocols/low-back-pain");
  assert.match(lumbar(who.editor(), "flag", "--protocol", protocol), /rules and causes, 0 changed or gone/);
  assert.match(lumbar(who.editor(), "search", "ciatica"), /articles\/ciatica/);
  assert.match(lumbar(who.editor(), "retract", "articles/typed", "--reason", "Wrong."), /retracted, etag .*\nNo reader gets it any more from 20/);
});

test("what was retracted stays away when the service starts again with its file in the folder", async () => {
  const { suite } = here;
  const name = "articles/scans-for-back-pain";
  await ok(suite, "GET", `/v1/${name}`, {});
  await done(`/v1/${name}:retract`, { reason: "A figure was wrong." }, who.editor());
  await suite.processes.get("content").kill();
  await suite.startService("content");
  // The gateway finds the new process by itself.
  await until(async () => (await suite.http("GET", "/v1/articles/sciatica")).status === 200, 20_000, "content doesn't come back");
  assert.equal((await suite.http("GET", `/v1/${name}`)).status, 404);
});
