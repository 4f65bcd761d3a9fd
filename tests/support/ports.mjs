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

// Free ports of this machine that are this process's own until it ends. They lie below those that the kernel gives to
// outgoing connections, so that no client takes one before its server listens.
export async function freeNumbers(count) {
  const numbers = [];
  while (numbers.length < count) {
    if (!reserved.length) reserved.push(...(await reserveBlock()));
    const number = reserved.shift();
    if (!(await isTaken(number))) numbers.push(number);
  }
  return numbers;
}

const [FIRST, BLOCK, BLOCKS] = [12_000, 50, 80];
const reserved = [];

// A block belongs to who listens on its first port, which the kernel frees when the process ends.
async function reserveBlock() {
  const start = Math.floor(Math.random() * BLOCKS);
  for (let tried = 0; tried < BLOCKS; ++tried) {
    const first = FIRST + ((start + tried) % BLOCKS) * BLOCK;
    if (await listens(first)) return Array.from({ length: BLOCK - 1 }, (_, index) => first + 1 + index);
  }
  throw new Error(`all ports from ${FIRST} to ${FIRST + BLOCKS * BLOCK} are reserved by running tests`);
}

function listens(port) {
  return new Promise((done) => {
    const server = net.createServer().unref();
    server.once("error", () => done(false));
    server.listen(port, "127.0.0.1", () => done(true));
  });
}

export async function freePorts() {
  const numbers = await freeNumbers(4 + 3 * SERVICES.length);
  const ports = { http: numbers.pop(), redis: numbers.pop(), smtp: numbers.pop(), postgres: numbers.pop() };
  for (const service of SERVICES) ports[service] = { grpc: numbers.pop(), ops: numbers.pop(), metrics: numbers.pop() };
  return ports;
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
