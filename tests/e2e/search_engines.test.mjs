// What search engines get of the articles over the public port: structured data and a sitemap, as parsers that know nothing
// of this program read them; and an article that falls due by itself once triage's rules change.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { until } from "../support/ports.mjs";
import { running } from "../support/running.mjs";
import { root } from "../support/suite.mjs";
import { ok } from "../support/walk.mjs";

const here = running();

const get = (route, headers = {}) => fetch(here.suite.url + route, { headers, signal: AbortSignal.timeout(15_000) });
const page = (name) => `https://clinic.example/${name}`;

// Every element of an XML document, by Python's expat: [tag, attributes, text].
const PARSE = `
import json, sys, xml.etree.ElementTree as tree
print(json.dumps([[e.tag, e.attrib, e.text] for e in tree.fromstring(sys.stdin.buffer.read()).iter()]))`;
const elements = (xml) => JSON.parse(execFileSync("python3", ["-c", PARSE], { input: xml, encoding: "utf8" }));
const SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}";

async function sitemap() {
  const response = await get("/sitemap.xml");
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("content-type"), "application/xml; charset=utf-8");
  return { etag: response.headers.get("etag"), all: elements(await response.text()) };
}
const locations = (all) => all.filter(([tag]) => tag === `${SITEMAP}loc`).map(([, , text]) => text);

test("every article describes itself to search engines in the revision that readers get", async () => {
  const { articles } = await ok(here.suite, "GET", "/v1/articles?page_size=200", {});
  assert.ok(articles.length >= 12, `${articles.length}`);
  let asked = 0;
  for (const { name } of articles) {
    const article = await ok(here.suite, "GET", `/v1/${name}`, {});
    const response = await get(`/v1/${name}:jsonLd`);
    assert.equal(response.headers.get("content-type"), "application/ld+json");
    const text = await response.text();
    assert.doesNotMatch(text, /[<>&\u2028\u2029]/);
    const { "@context": context, "@graph": graph } = JSON.parse(text);
    assert.equal(context, "https://schema.org");
    const [web, faq] = graph;
    assert.equal(web["@type"], "MedicalWebPage");
    assert.equal(web.name, article.title);
    assert.equal(web.description, article.summary);
    assert.equal(web.inLanguage, article.languageCode);
    assert.equal(web.version, Number(article.revision));
    assert.equal(web.url, page(name));
    assert.equal(web.lastReviewed, article.reviewTime.slice(0, 10));
    assert.deepEqual(web.reviewedBy.map((person) => person.name), [article.medicalReviewer, article.factChecker]);
    assert.deepEqual(web.author.map((person) => person.name), article.authors);
    // In whole seconds.
    assert.equal(Date.parse(web.datePublished), Date.parse(article.firstPublishTime.replace(/\.\d+/, "")));
    assert.equal(Date.parse(web.dateModified), Date.parse(article.publishTime.replace(/\.\d+/, "")));
    assert.deepEqual(web.citation.map((work) => work.name), article.references.map((reference) => reference.title));
    assert.deepEqual((web.about ?? []).map((cause) => cause.name.replaceAll(" ", "_")), article.causes ?? []);
    assert.equal(web.translationOfWork?.url, article.translationOf && page(article.translationOf));
    assert.equal(faq !== undefined, (article.questions ?? []).length > 0, name);
    const questions = faq?.mainEntity.map((one) => ({ question: one.name, answerHtml: one.acceptedAnswer.text })) ?? [];
    assert.deepEqual(questions, article.questions ?? []);
    asked += questions.length;
  }
  assert.ok(asked > 0, "no article asks anything");
});

test("structured data is asked for again as articles are, and missing as they are", async () => {
  const first = await get("/v1/articles/sciatica:jsonLd");
  assert.equal(first.headers.get("cache-control"), "no-cache");
  assert.equal(first.headers.get("content-disposition"), null);
  const again = await get("/v1/articles/sciatica:jsonLd", { "if-none-match": first.headers.get("etag") });
  assert.equal(again.status, 304);
  assert.equal((await get("/v1/articles/none:jsonLd")).status, 404);
});

test("the sitemap names every article with its translations, and no retracted one", async () => {
  const { suite } = here;
  const { articles } = await ok(suite, "GET", "/v1/articles?page_size=200", {});
  const before = await sitemap();
  assert.deepEqual(locations(before.all), articles.map(({ name }) => page(name)).sort());
  for (const [, , text] of before.all.filter(([tag]) => tag === `${SITEMAP}lastmod`)) assert.ok(Date.parse(text) > 0, text);
  const alternates = before.all.filter(([tag]) => tag.endsWith("}link")).map(([, { hreflang, href }]) => `${hreflang} ${href}`);
  for (const { name, translationOf } of articles.filter((article) => article.translationOf)) {
    for (const entry of [`es ${page(name)}`, `en ${page(translationOf)}`]) {
      assert.equal(alternates.filter((one) => one === entry).length, 2, entry);
    }
  }
  assert.equal((await get("/sitemap.xml", { "if-none-match": before.etag })).status, 304);
  assert.equal((await get("/sitemap.xml?page=2")).status, 404);
  const body = { requestId: "5f1d2f6e-0c51-4d36-9b0e-6f7f5f6f1c11", reason: "A figure was wrong." };
  await ok(suite, "POST", "/v1/articles/ciatica:retract", { token: suite.token("staff/pat", "staff"), body });
  const after = await sitemap();
  assert.deepEqual(locations(after.all), locations(before.all).filter((one) => one !== page("articles/ciatica")));
  assert.ok(!JSON.stringify(after.all).includes("articles/ciatica"));
  assert.notEqual(after.etag, before.etag);
  assert.equal((await get("/v1/articles/ciatica:jsonLd")).status, 404);
});

test("articles fall due by themselves once what they rest on in triage changes", async () => {
  const { suite } = here;
  const token = suite.token("staff/pat", "staff");
  const due = async () => (await ok(suite, "GET", "/v1/drafts?state=ARTICLE_STATE_REVIEW_DUE", { token })).drafts ?? [];
  assert.deepEqual(await due(), []);
  const restart = async (service, env) => {
    await suite.processes.get(service).kill();
    await suite.startService(service, env);
  };
  const protocols = path.join(suite.data, "protocols");
  cpSync(path.join(root, "services/triage/protocols"), protocols, { recursive: true });
  const causes = path.join(protocols, "low-back-pain/4-causes.textproto");
  const text = readFileSync(causes, "utf8");
  assert.match(text, /id: "sciatica" .* weight: 85/);
  writeFileSync(causes, text.replace(/(?<=id: "sciatica" .* weight: )85/, "84"));
  await restart("triage", { LUMBAR_PROTOCOLS_DIR: protocols });
  await restart("content");
  await until(async () => (await suite.http("GET", "/v1/drafts", { token })).status === 200, 20_000, "content doesn't come back");
  await until(async () => (await due()).length > 0, 20_000, "nothing falls due");
  const drafts = await due();
  for (const { flags, triageLinks } of drafts) {
    assert.deepEqual(flags, ["triage changed: causes/sciatica"]);
    assert.ok(triageLinks.includes("causes/sciatica"));
  }
  const { steps } = await ok(suite, "GET", `/v1/${drafts[0].name}/steps`, { token });
  assert.equal(steps.at(-1).action, "flag");
  assert.equal(steps.at(-1).actor, "content");
  assert.equal((await get(`/v1/${drafts[0].name}`)).status, 200, "readers keep it");
  // The command line tells what the service knows already.
  const lumbar = suite.lumbar("article", "flag", "--protocol", path.join(protocols, "low-back-pain"), "--server", suite.url, "--token", token);
  assert.match(lumbar, / 0 changed or gone/);
});
