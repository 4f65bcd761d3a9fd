// What the public port tells of itself: the OpenAPI document, judged by a validator, and the page that shows it, in a browser.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Validator } from "@seriousme/openapi-schema-validator";
import { browsing } from "../support/browser.mjs";
import { loadContracts } from "../support/contracts.mjs";
import { running } from "../support/running.mjs";

const here = running();
const held = browsing();

const document = async () => (await here.suite.http("GET", "/openapi.json")).body;
const operations = ({ paths }) => Object.entries(paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation })));

// Every value below `node` whose key is `name`.
function* values(node, name) {
  for (const [key, value] of Object.entries(node)) {
    if (key === name) yield value;
    if (value && typeof value === "object") yield* values(value, name);
  }
}

test("the document is OpenAPI 3.1 to a validator, and all that it refers to is there", async () => {
  const validator = new Validator();
  const { valid, errors } = await validator.validate(structuredClone(await document()));
  assert.ok(valid, JSON.stringify(errors, null, 2));
  assert.equal(validator.version, "3.1");
  const read = await document();
  for (const reference of values(read, "$ref")) {
    assert.ok(reference.slice(2).split("/").reduce((node, key) => node?.[key], read), `${reference} leads nowhere`);
  }
});

test("its patterns mean something to browsers, too", async () => {
  for (const pattern of values(await document(), "pattern")) if (typeof pattern === "string") new RegExp(pattern, "u");
});

test("every method of the services that is served is in it", async () => {
  const registry = loadContracts(here.suite.data);
  const listed = new Set(operations(await document()).map((operation) => operation["x-lumbar-rpc"]));
  const { methods } = (await here.suite.http("GET", "/")).body;
  assert.deepEqual([...listed].sort(), [...new Set(methods.map(({ rpc }) => rpc))].sort());
  const planned = [...registry].filter(({ kind }) => kind === "service").flatMap(({ typeName, methods }) => methods.map(({ name }) => `${typeName}.${name}`)).filter((name) => name.startsWith("lumbar.") && !listed.has(name));
  assert.deepEqual(planned, ["lumbar.notification.v1.NotificationService.SendMessage"]);
});

test("an operation that nobody may call without a token is refused without one, and the others aren't", async () => {
  const reads = operations(await document()).filter(({ method, parameters = [] }) => method === "get" && !parameters.some((parameter) => parameter.required));
  assert.ok(reads.length > 5);
  for (const { path, security } of reads) {
    const response = await fetch(here.suite.url + path);
    await response.body?.cancel();
    assert.equal(response.status === 401, security.length > 0, `${path}: ${response.status}`);
  }
});

test("a browser shows every operation, without an error and without asking anybody else", async () => {
  const page = await held.browser.newPage();
  const asked = [];
  const complaints = [];
  page.on("request", (request) => asked.push(request.url()));
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.goto(`${here.suite.url}/docs`);
  await page.waitForSelector(".opblock");
  const all = operations(await document());
  await page.waitForFunction((count) => window.document.querySelectorAll(".opblock").length === count, all.length);
  for (const { tags } of all) assert.equal(await page.locator(`[data-tag="${tags[0]}"]`).count(), 1, tags[0]);

  // One is opened and called, as a reader would.
  const article = page.locator(".opblock", { has: page.locator('[data-path="/v1/articles/{article}"]') }).first();
  await article.locator(".opblock-summary-control").click();
  await article.getByRole("button", { name: "Try it out" }).click();
  await article.locator('input[placeholder="article"]').fill("sciatica");
  await article.getByRole("button", { name: "Execute" }).click();
  await article.locator(".live-responses-table .response-col_status", { hasText: "200" }).first().waitFor();

  assert.deepEqual(complaints, []);
  assert.deepEqual([...new Set(asked.filter((url) => !url.startsWith("data:")).map((url) => new URL(url).origin))], [here.suite.url]);
  await page.close();
});
