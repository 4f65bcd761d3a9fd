// Two gateways share what one client may ask, through Redis; without it each counts for itself.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { metricsPage } from "../support/metrics.mjs";
import { freeNumbers, until } from "../support/ports.mjs";
import { Suite } from "../support/suite.mjs";

const BURST = { address: 12, identity: 5 };
const data = mkdtempSync(path.join(os.tmpdir(), "lumbar-test-"));
let suite;
let gateways;

before(async () => {
  suite = await Suite.prepare({ data });
  suite.makeFolders();
  await suite.startRedis();
  // One more each quarter of an hour: none while this runs. A busy machine may keep a healthy Redis from answering in 20 ms.
  const env = {
    LUMBAR_RATE_PER_ADDRESS: `0.001:${BURST.address}`,
    LUMBAR_RATE_PER_IDENTITY: `0.001:${BURST.identity}`,
    LUMBAR_REDIS_TIMEOUT_MS: "5000",
    LUMBAR_TRUSTED_PROXIES: "127.0.0.0/8",
  };
  const [http] = await freeNumbers(1);
  await suite.startService("gateway", env);
  await suite.startReplica("gateway", { ...env, LUMBAR_HTTP_PORT: `${http}` });
  gateways = [
    { url: suite.url, metrics: suite.ports.gateway.metrics },
    { url: `http://127.0.0.1:${http}`, metrics: suite.replicaPorts.gateway[2] },
  ];
});
after(async () => {
  await suite.stop();
  rmSync(data, { recursive: true, force: true });
});

async function metric(gateway, name) {
  const line = (await metricsPage(gateway.metrics)).split("\n").find((text) => text.startsWith(`${name} `));
  return line ? Number(line.slice(name.length + 1)) : undefined;
}

// Which limiter answers from now on, as both gateways say.
async function untilShared(shared) {
  for (const gateway of gateways) {
    await until(async () => (await metric(gateway, "lumbar_edge_limits_shared")) === (shared ? 1 : 0), 20_000, `shared isn't ${shared}`);
  }
}

async function ask(gateway, { from, token }) {
  const headers = { "x-forwarded-for": from, ...(token ? { authorization: `Bearer ${token}` } : {}) };
  const answer = await fetch(gateway.url, { headers, signal: AbortSignal.timeout(15_000) });
  await answer.arrayBuffer();
  return answer.status;
}

// How many of `count` questions to each of `asked`, in turn, are answered; the others are refused for their rate.
async function answered(asked, count, visitor) {
  let good = 0;
  for (let i = 0; i < count; i++) {
    for (const gateway of asked) {
      const status = await ask(gateway, visitor(i));
      assert.ok(status === 200 || status === 429, `status ${status}`);
      if (status === 200) good++;
    }
  }
  return good;
}

const from = (address) => () => ({ from: address });

test("an address has one budget with all gateways", async () => {
  await untilShared(true);
  assert.equal(await answered(gateways, BURST.address, from("198.51.100.1")), BURST.address);
  assert.equal(await answered(gateways, 1, from("198.51.100.2")), 2, "another address has its own");
  for (const gateway of gateways) {
    const counted = async (limiter) => metric(gateway, `lumbar_edge_admissions_total{kind="address",limiter="${limiter}",outcome="allowed"}`);
    assert.ok((await counted("redis")) > 0);
    assert.equal(await counted("local"), 0);
  }
});

test("an identity has one budget, from wherever it asks, and nobody else can spend it", async () => {
  await untilShared(true);
  const [token, again, other] = ["patients/alex", "patients/alex", "patients/sam"].map((subject) => suite.token(subject, "patient"));
  const forged = `${token.slice(0, -8)}AAAAAAAA`;
  assert.equal(await answered(gateways, BURST.identity, () => ({ from: "198.51.100.3", token: forged })), 2 * BURST.identity, "only the address is counted");
  const moving = (i) => ({ from: `198.51.101.${i}`, token: i % 2 ? token : again });
  assert.equal(await answered(gateways, BURST.identity, moving), BURST.identity);
  assert.equal(await answered(gateways, 1, () => ({ from: "198.51.100.4", token: other })), 2);
});

test("without Redis each gateway counts for itself, and with it again they count together", async () => {
  await suite.processes.get("redis").kill();
  await untilShared(false);
  for (const gateway of gateways) {
    assert.equal(await answered([gateway], BURST.address + 3, from("198.51.100.5")), BURST.address);
  }
  await suite.startRedis();
  await untilShared(true);
  assert.equal(await answered(gateways, BURST.address, from("198.51.100.6")), BURST.address);
});

test("health is told to whoever asks, however often", async () => {
  for (let i = 0; i < 3 * BURST.address; i++) {
    const { status } = await fetch(`${gateways[0].url}/healthz`, { headers: { "x-forwarded-for": "198.51.100.7" } });
    assert.equal(status, 200);
  }
});

test("Redis learns neither addresses nor subjects", async () => {
  await untilShared(true);
  await ask(gateways[0], { from: "198.51.100.8", token: suite.token("patients/secret", "patient") });
  const keys = execFileSync("redis-cli", ["-p", `${suite.ports.redis}`, "KEYS", "*"], { encoding: "utf8" });
  assert.match(keys, /^lumbar:gateway:address:[0-9a-f]{32}$/m);
  assert.match(keys, /^lumbar:gateway:identity:[0-9a-f]{32}$/m);
  assert.doesNotMatch(keys, /198\.51|secret/);
});
