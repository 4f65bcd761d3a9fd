// Runs the whole suite on this machine and walks consults through it. Called by tools/demo once everything is built.
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { publishArticles } from "../tests/support/articles.mjs";
import { Complaint, Suite, root } from "../tests/support/suite.mjs";
import { walkBooked, walkEmergency } from "../tests/support/walk.mjs";

const check = process.argv.includes("--check");
const database = process.argv.includes("postgresql") ? "postgresql" : "sqlite";
const data = check ? mkdtempSync(path.join(os.tmpdir(), "lumbar-check-")) : path.join(root, "demo-data");
const say = (line) => console.log(line);
const heading = (line) => console.log(`\n== ${line}`);

const interrupted = new Promise((done) => ["SIGINT", "SIGTERM"].forEach((signal) => process.on(signal, () => done(signal))));

async function work(suite) {
  heading("Starting");
  await suite.start({ onStep: (name) => say(`  ${name} ...`) });
  say(`  ${await suite.loadClinicians()} sample clinicians loaded`);
  say(`  ${await publishArticles(suite)} sample articles written, reviewed by two sample people and published`);
  heading("A consult that ends with a booked visit");
  await walkBooked(suite, say);
  heading("A consult that must not wait for a video call");
  await walkEmergency(suite, say);
  if (!check) await keepRunning(suite);
}

// Returns whether every service ended cleanly.
async function stop(suite) {
  heading("Stopping");
  const ends = await suite.stop();
  const unclean = ends.filter(([name, status]) => status !== 0 && !["mail", "redis", "postgresql"].includes(name));
  for (const [name, status] of unclean) say(`  ${name} ended with ${status}`);
  say("  stopped");
  return unclean.length === 0;
}

async function keepRunning(suite) {
  heading("Running");
  say(`  public port   ${suite.url}  (try ${suite.url}/v1/articles)`);
  say(`  all calls     ${suite.url}/docs`);
  say(`  health        ${suite.url}/healthz`);
  say(`  metrics       http://127.0.0.1:${suite.ports.gateway.metrics}/metrics`);
  say(`  data, logs    ${data}`);
  say(`  mails         ${path.join(data, "mail", "new")}`);
  say("\n  The README's quick start works from here, in a second terminal. A token for it:");
  say("    tools/lumbar token --key demo-data/keys/issuer.pem --kid issuer --subject patients/alex --role patient");
  say("\n  Ctrl-C stops everything.");
  const onLostCache = () => say("\n  Redis has ended. Nothing is lost without it but speed, so the rest goes on.");
  await Promise.race([interrupted, suite.watch({ onLostCache })]);
}

async function main() {
  const suite = await Suite.prepare({ data, documented: !check, database });
  let failure;
  try {
    const ended = await Promise.race([work(suite).then(() => "done"), interrupted]);
    if (check && ended !== "done") failure = new Complaint("interrupted");
  } catch (error) {
    failure = error;
  }
  if (!(await stop(suite))) failure ??= new Complaint("not every service stopped cleanly");
  if (!failure) {
    if (check) rmSync(data, { recursive: true, force: true });
    if (check) say("\nBoth consults went as they must.");
    return 0;
  }
  console.error(`\ntools/demo: ${failure instanceof Complaint ? failure.message : failure.stack}`);
  console.error(`Data and logs are in ${data}`);
  return 1;
}

process.exitCode = await main();
