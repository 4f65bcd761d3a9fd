// The sample articles, taken to their readers by three sample people through the editorial process, as everybody's are.
import { randomUUID } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { client } from "./grpc.mjs";
import { root } from "./suite.mjs";

const folder = path.join(root, "services/content/articles");
const REVIEWS = [
  { kind: "REVIEW_KIND_MEDICAL", by: "doctor", shownName: "Sample Reviewer, DO" },
  { kind: "REVIEW_KIND_FACT_CHECK", by: "checker", shownName: "Sample Fact Checker, MPH" },
];

// Publishes what isn't published yet at the content service of `suite`; resolves to how many articles there are.
export async function publishArticles(suite) {
  const tokens = {
    author: suite.token("staff/sample-author", "staff"),
    doctor: suite.token("clinicians/sample-reviewer", "clinician"),
    checker: suite.token("staff/sample-fact-checker", "staff"),
  };
  const editorial = client(suite, "editorial");
  const call = (by, method, request) => editorial.call(method, { requestId: randomUUID(), ...request }, { token: tokens[by] });
  try {
    const { drafts } = await editorial.call("listDrafts", { pageSize: 200 }, { token: tokens.author });
    const known = new Map(drafts.map((draft) => [draft.name, draft]));
    const files = readdirSync(folder).filter((file) => file.endsWith(".md"));
    await Promise.all(files.map((file) => publish(call, path.basename(file, ".md"), sample(file), known)));
    return files.length;
  } finally {
    editorial.close();
  }
}

// As if it had been written today: due for review in a year.
function sample(file) {
  const due = new Date(Date.now() + 365 * 86_400_000).toISOString().slice(0, 10);
  return readFileSync(path.join(folder, file), "utf8").replace(/^review_due: .*$/m, `review_due: ${due}`);
}

// Goes on where an interrupted run stopped; what is published, or was once, is left alone.
async function publish(call, articleId, source, known) {
  const name = `articles/${articleId}`;
  const { etag, state } = known.get(name) ?? (await call("author", "createArticle", { articleId, source })).article;
  if (!["ARTICLE_STATE_DRAFT", "ARTICLE_STATE_IN_REVIEW"].includes(state)) return;
  if (state === "ARTICLE_STATE_DRAFT") await call("author", "submitForReview", { name });
  for (const { kind, by, shownName } of REVIEWS) await call(by, "recordReview", { name, kind, etag, shownName, approved: true });
  await call("author", "publishArticle", { name });
}
