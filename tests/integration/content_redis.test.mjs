// Every way to a Redis that content's URL can name: with a password, by TLS, through a sentinel that fails over.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, afterEach, before, test } from "node:test";
import { publishArticles } from "../support/articles.mjs";
import { client } from "../support/grpc.mjs";
import { metricsPage } from "../support/metrics.mjs";
import { freeNumbers, until, untilListening } from "../support/ports.mjs";
import { Process } from "../support/process.mjs";
import { Suite } from "../support/suite.mjs";

const data = mkdtempSync(path.join(os.tmpdir(), "lumbar-test-"));
const file = (name) => path.join(data, name);
let suite;
let ports;

before(async () => {
  suite = await Suite.prepare({ data });
  suite.makeFolders();
  ports = await freeNumbers(3);
});
afterEach(async () => {
  for (const name of [...suite.processes.keys()].reverse()) await stop(name);
});
after(async () => {
  await suite.stop();
  rmSync(data, { recursive: true, force: true });
});

async function startRedis(name, port, ...args) {
  const bound = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", data];
  suite.processes.set(name, new Process(name, "redis-server", [...args, ...bound], file(`logs/${name}.log`)));
  await untilListening(port, 10_000);
}

async function stop(name) {
  await suite.processes.get(name).stop();
  suite.processes.delete(name);
}

async function redisGets(outcome) {
  const text = await metricsPage(suite.ports.content.metrics);
  return Number(new RegExp(`lumbar_content_redis_gets_total\\{outcome="${outcome}"\\} (\\S+)`).exec(text)?.[1] ?? 0);
}

// Starts content on `url`, whose Redis then answers: with nothing at first.
async function finds(url, env = {}) {
  await suite.startService("content", { LUMBAR_REDIS: url, ...env });
  await publishArticles(suite);
  const content = client(suite, "content");
  await content.call("getArticle", { name: "articles/sciatica" });
  content.close();
  await until(async () => (await redisGets("miss")) > 0, 15_000, `nothing comes from ${url}`);
}

test("a password is shown", async () => {
  await startRedis("redis-password", ports[0], "--port", `${ports[0]}`, "--requirepass", "hunter2");
  await finds(`redis://:hunter2@127.0.0.1:${ports[0]}/1`);
});

test("TLS is spoken with a server whose certificate the authority signed, and with no other", async () => {
  const signed = ["-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  for (const name of ["redis", "stranger"]) {
    execFileSync("openssl", ["req", "-x509", ...signed, "-keyout", file(`${name}.key`), "-out", file(`${name}.crt`)], { stdio: "ignore" });
  }
  const tls = ["--port", "0", "--tls-port", `${ports[0]}`, "--tls-cert-file", file("redis.crt"), "--tls-key-file", file("redis.key"), "--tls-ca-cert-file", file("redis.crt"), "--tls-auth-clients", "no", "--requirepass", "hunter2"];
  await startRedis("redis-tls", ports[0], ...tls);
  const url = `rediss://default:hunter2@localhost:${ports[0]}`;
  await finds(url, { LUMBAR_REDIS_CA_FILE: file("redis.crt") });
  await stop("content");
  await suite.startService("content", { LUMBAR_REDIS: url, LUMBAR_REDIS_CA_FILE: file("stranger.crt") });
  const content = client(suite, "content");
  await until(async () => (await content.call("getArticle", { name: "articles/sciatica" }), (await redisGets("error")) > 0), 15_000, "nobody was refused");
  content.close();
  assert.equal(await redisGets("hit"), 0);
});

test("sentinels tell where the server is, also after a failover", async () => {
  const [first, second, sentinel] = ports;
  await startRedis("redis-first", first, "--port", `${first}`);
  await startRedis("redis-second", second, "--port", `${second}`, "--replicaof", "127.0.0.1", `${first}`);
  writeFileSync(
    file("sentinel.conf"),
    [`port ${sentinel}`, `sentinel monitor lumbar 127.0.0.1 ${first} 1`, "sentinel down-after-milliseconds lumbar 500", "sentinel failover-timeout lumbar 3000", ""].join("\n"),
  );
  suite.processes.set("sentinel", new Process("sentinel", "redis-server", [file("sentinel.conf"), "--sentinel"], file("logs/sentinel.log")));
  await untilListening(sentinel, 10_000);
  const redis = (port, ...command) => execFileSync("redis-cli", ["-p", `${port}`, ...command], { encoding: "utf8" });
  // A sentinel takes some seconds to hear of replicas.
  await until(() => redis(sentinel, "SENTINEL", "REPLICAS", "lumbar").includes(`${second}`), 20_000, "the sentinel knows no replica");
  await finds(`redis+sentinel://127.0.0.1:${sentinel}/lumbar`);
  await suite.processes.get("redis-first").kill();
  suite.processes.delete("redis-first");
  await until(() => redis(second, "ROLE").startsWith("master"), 30_000, "nobody failed over");
  const content = client(suite, "content");
  const read = async () => {
    redis(second, "FLUSHALL");
    for (let i = 0; i < 2; ++i) await content.call("getArticle", { name: "articles/sciatica" });
    return redis(second, "KEYS", "*").includes("articles/sciatica");
  };
  await until(read, 20_000, "content doesn't use the new server");
  content.close();
});
