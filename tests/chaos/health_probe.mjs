// Asks for /healthz again and again from a thread of its own, each time on a new connection, as a load balancer does.
import http from "node:http";
import { parentPort, workerData } from "node:worker_threads";

const PAUSE = 20;
const PATIENCE = 5_000;

let latencies = [];
let failures = 0;
let failure = "";

function probe() {
  const began = performance.now();
  const done = (problem) => {
    latencies.push(performance.now() - began);
    if (problem) [failures, failure] = [failures + 1, failure || problem];
    setTimeout(probe, PAUSE);
  };
  const request = http.get({ port: workerData.port, host: "127.0.0.1", path: "/healthz", agent: false, timeout: PATIENCE }, (answer) => {
    answer.resume();
    answer.on("end", () => done(answer.statusCode === 200 ? "" : `status ${answer.statusCode}`));
  });
  request.on("timeout", () => request.destroy(new Error("no answer")));
  request.on("error", (error) => done(error.message));
}

// Since the last time.
parentPort.on("message", () => {
  const sorted = latencies.sort((a, b) => a - b);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Infinity;
  parentPort.postMessage({ probes: sorted.length, p50: at(0.5), p99: at(0.99), failures, failure });
  [latencies, failures, failure] = [[], 0, ""];
});
probe();
