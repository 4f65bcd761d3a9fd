// Ports of a running suite: the documented ones for the demo, free ones for tests.
import net from "node:net";

const SERVICES = ["gateway", "triage", "content", "booking", "notification"];

export function documentedPorts() {
  const ports = { http: 8080, redis: 6390, smtp: 8025, postgres: 5490 };
  SERVICES.forEach((service, index) => {
    ports[service] = { grpc: 9090 + index, ops: 10090 + index, metrics: 11090 + index };
  });
  return ports;
}

// Takes all of them at once, so that none is given twice.
export async function freeNumbers(count) {
  const listeners = await Promise.all(Array.from({ length: count }, listenAnywhere));
  const numbers = listeners.map((listener) => listener.address().port);
  await Promise.all(listeners.map((listener) => new Promise((done) => listener.close(done))));
  return numbers;
}

export async function freePorts() {
  const numbers = await freeNumbers(4 + 3 * SERVICES.length);
  const ports = { http: numbers.pop(), redis: numbers.pop(), smtp: numbers.pop(), postgres: numbers.pop() };
  for (const service of SERVICES) ports[service] = { grpc: numbers.pop(), ops: numbers.pop(), metrics: numbers.pop() };
  return ports;
}

function listenAnywhere() {
  return new Promise((done, failed) => {
    const server = net.createServer();
    server.once("error", failed);
    server.listen(0, "127.0.0.1", () => done(server));
  });
}

export function isTaken(port) {
  return new Promise((done) => {
    const server = net.createServer();
    server.once("error", () => done(true));
    server.listen(port, "127.0.0.1", () => server.close(() => done(false)));
  });
}

// Resolves once something listens; rejects after `timeoutMs`.
export async function untilListening(port, timeoutMs) {
  await until(() => connects(port), timeoutMs, `nothing listens on 127.0.0.1:${port}`);
}

function connects(port) {
  return new Promise((done) => {
    const socket = net.connect(port, "127.0.0.1");
    socket.once("connect", () => (socket.destroy(), done(true)));
    socket.once("error", () => done(false));
  });
}

// Asks `condition` every 20 ms until it gives something truthy, which it resolves to; rejects after `timeoutMs`.
export async function until(condition, timeoutMs, complaint) {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > end) throw new Error(`${complaint} after ${timeoutMs} ms`);
    await new Promise((done) => setTimeout(done, 20));
  }
}
