// What is done to the public port. Each attack returns what it did and met, and calls `wrong` for what must not be.
import { connect, pause, send, until, frame, framesIn, block, asked, FLAG, PREFACE, TYPE } from "./hostile_wire.mjs";

const MANY = 64;

// Runs `act(i)` for each i below `count`, so many at a time.
async function each(count, atOnce, act) {
  let next = 0;
  const worker = async () => {
    while (next < count) await act(next++);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, worker));
}

// A connection, or nothing if the server turned it away.
const open = (port, from) => connect(port, from).catch(() => undefined);

// Requests that are taken back as soon as they were made (CVE-2023-44487).
async function resets({ port, scale }) {
  const wanted = Math.round(100_000 * scale);
  const batch = 200;
  let sent = 0;
  let connections = 0;
  while (sent < wanted) {
    const socket = await open(port);
    if (!socket) continue;
    connections += 1;
    await send(socket, PREFACE);
    for (let stream = 1; !socket.destroyed && sent < wanted; sent += batch) {
      const frames = [];
      for (let i = 0; i < batch; i += 1, stream += 2) {
        frames.push(frame(TYPE.headers, FLAG.endStream | FLAG.endHeaders, stream, block(asked("/v1/articles"))));
        frames.push(frame(TYPE.reset, 0, stream, Buffer.from([0, 0, 0, 8])));
      }
      await send(socket, Buffer.concat(frames));
    }
    socket.destroy();
  }
  return { resets: sent, connections };
}

// A header that doesn't end (CVE-2024-27316 and its like).
async function continuations({ port, scale, wrong }) {
  const wanted = Math.round((16 << 20) * scale);
  const socket = await connect(port);
  await send(socket, PREFACE);
  await send(socket, frame(TYPE.headers, 0, 1, block(asked("/"))));
  const part = frame(TYPE.continuation, 0, 1, block(Array.from({ length: 100 }, (_, i) => [`x-${i}`, "v".repeat(120)])));
  let sent = 0;
  for (; sent < wanted && !socket.destroyed; sent += part.length) await send(socket, part);
  await until(socket, 2_000);
  if (!socket.destroyed) wrong(`took a header of ${sent} bytes`);
  socket.destroy();
  return { bytes: sent };
}

// Connections that say nothing, of four clients: one alone may not have as many.
async function idle({ port, scale, wrong }) {
  const count = Math.round(2_000 * scale);
  const sockets = [];
  await each(count, MANY, async (i) => sockets.push(await open(port, `127.0.0.${2 + (i % 4)}`)));
  const held = sockets.filter((socket) => socket && !socket.destroyed).length;
  await pause(13_000);
  const left = sockets.filter((socket) => socket && !socket.destroyed);
  if (left.length > 0) wrong(`${left.length} connections that say nothing are kept`);
  for (const socket of sockets) socket?.destroy();
  return { connections: count, held };
}

// Asks for a large answer a hundred times and takes a byte of each now and then, on a new connection when one is cut. Returns how many
// there were.
async function hoard(port, end) {
  const streams = Array.from({ length: 100 }, (_, i) => 2 * i + 1);
  const page = block(asked("/docs/swagger-ui-bundle.js"));
  const settings = frame(TYPE.settings, 0, 0, Buffer.from([0, 4, 0, 0, 0, 0]));
  const greeting = Buffer.concat([PREFACE, settings, ...streams.map((stream) => frame(TYPE.headers, FLAG.endStream | FLAG.endHeaders, stream, page))]);
  const trickle = Buffer.concat([0, ...streams].map((stream) => frame(TYPE.window, 0, stream, Buffer.from([0, 0, 0, 1]))));
  let connections = 0;
  while (Date.now() < end) {
    const socket = await open(port);
    connections += 1;
    await send(socket, greeting);
    while (!socket.destroyed && Date.now() < end) {
      await until(socket, 500);
      await send(socket, trickle);
    }
    socket.destroy();
  }
  return connections;
}

// Whether somebody's first request by HTTP/2 is answered within two seconds.
async function isAnswered(port) {
  const socket = await open(port);
  await send(socket, Buffer.concat([PREFACE, frame(TYPE.headers, FLAG.endStream | FLAG.endHeaders, 1, block(asked("/v1/articles")))]));
  const data = () => framesIn(socket.received).filter(({ type }) => type === TYPE.data);
  for (let waits = 0; waits < 100 && !socket.destroyed && data().length === 0; waits += 1) await until(socket, 20);
  const answered = data().some(({ payload }) => payload.includes('"articles"'));
  socket.destroy();
  return answered;
}

// Many large answers, of which a byte is taken now and then, on connections that are made anew whenever they are closed.
async function hogs({ port, scale, wrong }) {
  const end = Date.now() + Math.max(3_000, 20_000 * scale);
  const hoards = Promise.all(Array.from({ length: 40 }, () => hoard(port, end)));
  let [tried, answered] = [0, 0];
  while (Date.now() < end) {
    tried += 1;
    if (await isAnswered(port)) answered += 1;
  }
  if (answered < 0.9 * tried) wrong(`${answered} of ${tried} honest requests by HTTP/2 were answered`);
  return { connections: (await hoards).reduce((sum, one) => sum + one, 0), "honest requests": tried, answered };
}

// A request that comes a byte at a time, a body that does, and an answer that nobody takes.
async function slow({ port, scale, wrong }) {
  const count = Math.round(300 * scale);
  const stories = [
    "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: " + "s".repeat(4_000),
    "POST /v1/triage:assess HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9999\r\n\r\n" + "{".repeat(4_000),
    PREFACE.toString("latin1") + frame(TYPE.headers, 0, 1, block(asked("/"))).toString("latin1") + "\0".repeat(4_000),
  ];
  let kept = 0;
  await each(count, count, async (i) => {
    const socket = await open(port);
    if (!socket) return;
    const story = Buffer.from(stories[i % stories.length], "latin1");
    const began = Date.now();
    for (let at = 0; at < story.length && !socket.destroyed && Date.now() - began < 30_000; at += 1) {
      socket.write(story.subarray(at, at + 1));
      await pause(100);
    }
    if (!socket.destroyed) kept += 1;
    socket.destroy();
  });
  if (kept > 0) wrong(`${kept} slow connections are kept for 30 s`);
  return { connections: count };
}

// Bytes and frames without a meaning, by HTTP/1.1 and HTTP/2.
async function nonsense({ port, scale, random }) {
  const count = Math.round(4_000 * scale);
  const bytes = (length) => Buffer.from(Array.from({ length }, () => Math.floor(random() * 256)));
  const pick = (list) => list[Math.floor(random() * list.length)];
  const one = () => {
    const kind = Math.floor(random() * 4);
    if (kind === 0) return bytes(1 + random() * 2_000);
    if (kind === 1) return Buffer.concat([Buffer.from(`${pick(["GET", "POST", "PRI"])} /${"x".repeat(random() * 40_000)} HTTP/${pick(["1.1", "1.0", "9.9", ""])}\r\n`), bytes(random() * 300)]);
    const frames = Array.from({ length: 1 + random() * 20 }, () => frame(Math.floor(random() * 12), Math.floor(random() * 256), Math.floor(random() * 8), bytes(random() * 200)));
    if (kind === 2) return Buffer.concat([PREFACE, ...frames]);
    return Buffer.concat([PREFACE, frame(TYPE.headers, FLAG.endHeaders, 1, block(asked("/v1/articles"))), ...frames, bytes(random() * 100)]);
  };
  await each(count, MANY, async () => {
    const socket = await open(port);
    if (!socket) return;
    await send(socket, one());
    socket.end();
    await until(socket, 3_000);
    socket.destroy();
  });
  return { connections: count };
}

// Bodies that cost a parser more than they cost us.
async function bombs({ port, scale, wrong }) {
  const most = 250_000;
  const bodies = {
    "deep arrays": "[".repeat(most),
    "deep objects": '{"a":'.repeat(most / 5),
    "deep field": `{"presentation":${'{"findings":[{"a":'.repeat(10_000)}`,
    "a long number": `{"pageSize":${"9".repeat(most)}}`,
    "a huge exponent": '{"pageSize":1e999999999}',
    "many keys": `{${Array.from({ length: 15_000 }, (_, i) => `"k${i}":0`).join(",")}}`,
    "one key": `{${Array.from({ length: 30_000 }, () => '"a":0').join(",")}}`,
    "lone surrogates": `{"language":"${"\\ud800".repeat(30_000)}"}`,
    "many findings": `{"presentation":{"findings":[${Array.from({ length: 20_000 }, () => "{}").join(",")}]}}`,
  };
  let slowest = 0;
  let answers = 0;
  const names = Object.keys(bodies);
  await each(Math.round(400 * scale), 16, async (i) => {
    const name = names[i % names.length];
    const began = performance.now();
    const answer = await fetch(`http://127.0.0.1:${port}/v1/triage:assess`, { method: "POST", headers: { "content-type": "application/json" }, body: bodies[name], signal: AbortSignal.timeout(10_000) }).catch((error) => ({ status: error.message }));
    slowest = Math.max(slowest, performance.now() - began);
    answers += 1;
    if (!(answer.status >= 400 && answer.status < 500)) wrong(`${name}: ${answer.status}`);
    await answer.arrayBuffer?.();
  });
  return { bodies: answers, slowestMs: Math.round(slowest) };
}

const HOST = "Host: x\r\n";
const HIDDEN = "GET /v1/protocols HTTP/1.1\r\nHost: x\r\n\r\n";
// Requests whose end two readers could see in different places. None may be answered but by a refusal, and what is hidden behind
// it not at all.
const SMUGGLED = {
  "both lengths": `POST /v1/triage:assess HTTP/1.1\r\n${HOST}Content-Type: application/json\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${HIDDEN}`,
  "two lengths": `POST /v1/triage:assess HTTP/1.1\r\n${HOST}Content-Length: 0\r\nContent-Length: ${HIDDEN.length}\r\n\r\n${HIDDEN}`,
  "a list of lengths": `POST /v1/triage:assess HTTP/1.1\r\n${HOST}Content-Length: 0, 0\r\n\r\n${HIDDEN}`,
  "a signed length": `POST /v1/triage:assess HTTP/1.1\r\n${HOST}Content-Length: +0\r\n\r\n${HIDDEN}`,
  "a length in hex": `POST /v1/triage:assess HTTP/1.1\r\n${HOST}Content-Length: 0x0\r\n\r\n${HIDDEN}`,
  "a coding in disguise": `POST /v1/triage:assess HTTP/1.1\r\n${HOST}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${HIDDEN}`,
  "two codings": `POST /v1/triage:assess HTTP/1.1\r\n${HOST}Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${HIDDEN}`,
  "a coding behind a space": `POST /v1/triage:assess HTTP/1.1\r\n${HOST}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${HIDDEN}`,
  "a bare LF": `GET /healthz HTTP/1.1\n${HOST.trim()}\n\n${HIDDEN}`,
  "a chunk with a sign": `POST /v1/triage:assess HTTP/1.1\r\n${HOST}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n\r\n${HIDDEN}`,
  "a chunk without an end": `POST /v1/triage:assess HTTP/1.1\r\n${HOST}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}GET\r\n0\r\n\r\n`,
  "a chunk too large": `POST /v1/triage:assess HTTP/1.1\r\n${HOST}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n{}\r\n0\r\n\r\n`,
  "two hosts": `GET /healthz HTTP/1.1\r\n${HOST}Host: y\r\n\r\n`,
  "no host": "GET /healthz HTTP/1.1\r\n\r\n",
  "a null in a header": `GET /healthz HTTP/1.1\r\n${HOST}X: a\0b\r\n\r\n`,
  "a space in the target": `GET /healthz /x HTTP/1.1\r\n${HOST}\r\n`,
};
const HOSTILE_FIELDS = {
  "an upper-case name": asked("/healthz", [["X-Upper", "1"]]),
  "a second path": [...asked("/healthz"), [":path", "/v1/articles"]],
  "a pseudo-header behind a header": [...asked("/healthz").slice(0, 3), ["x", "1"], [":authority", "x"]],
  "no method": asked("/healthz").slice(1),
  "an empty path": asked(""),
  "a header of the connection": asked("/healthz", [["connection", "close"]]),
  "a coding": asked("/healthz", [["transfer-encoding", "chunked"]]),
  "another te": asked("/healthz", [["te", "gzip"]]),
  "a line break in a value": asked("/healthz", [["x", "a\r\nContent-Length: 3"]]),
  "a null in a value": asked("/healthz", [["x", "a\0"]]),
  "an unknown pseudo-header": [...asked("/healthz"), [":evil", "1"]],
  "a length that isn't": asked("/healthz", [["content-length", "7"]]),
};

async function smuggle({ port, wrong }) {
  for (const [name, text] of Object.entries(SMUGGLED)) {
    const socket = await connect(port);
    await send(socket, text);
    await until(socket, 500);
    const statuses = [...socket.received.toString("latin1").matchAll(/^HTTP\/1\.[01] (\d{3})/gm)].map(([, status]) => Number(status));
    if (statuses.length > 1 || statuses.some((status) => status < 400)) wrong(`${name}: answered ${statuses}`);
    socket.destroy();
  }
  for (const [name, fields] of Object.entries(HOSTILE_FIELDS)) {
    const socket = await connect(port);
    await send(socket, Buffer.concat([PREFACE, frame(TYPE.headers, FLAG.endStream | FLAG.endHeaders, 1, block(fields))]));
    await until(socket, 500);
    const frames = framesIn(socket.received);
    const data = frames.filter(({ type, stream }) => type === TYPE.data && stream === 1).map(({ payload }) => payload.toString());
    const refused = frames.some(({ type }) => type === TYPE.reset || type === TYPE.goaway) || data.some((text) => text.includes('"error"'));
    if (!refused) wrong(`${name}: answered ${data}`);
    socket.destroy();
  }
  return { requests: Object.keys(SMUGGLED).length + Object.keys(HOSTILE_FIELDS).length };
}

// Good requests, cut off anywhere, and at any time.
async function churn({ port, scale, random }) {
  const count = Math.round(50_000 * scale);
  const headers = "Content-Type: application/json\r\nContent-Length: 2\r\n";
  const get = (stream, path) => frame(TYPE.headers, FLAG.endStream | FLAG.endHeaders, stream, block(asked(path)));
  const grpc = (stream) => [
    frame(TYPE.headers, FLAG.endHeaders, stream, block([[":method", "POST"], [":scheme", "http"], [":path", "/lumbar.content.v1.ContentService/ListArticles"], [":authority", "x"], ["content-type", "application/grpc"], ["te", "trailers"]])),
    frame(TYPE.data, FLAG.endStream, stream, Buffer.alloc(5)),
  ];
  const stories = [
    Buffer.from(`GET /v1/articles HTTP/1.1\r\n${HOST}\r\nGET /healthz HTTP/1.1\r\n${HOST}\r\n`),
    Buffer.from(`POST /lumbar.content.v1.ContentService/ListArticles HTTP/1.1\r\n${HOST}${headers}\r\n{}`),
    Buffer.concat([PREFACE, get(1, "/v1/articles"), get(3, "/healthz"), get(5, "/v1/articles/sciatica")]),
    Buffer.concat([PREFACE, ...grpc(1), ...grpc(3), frame(TYPE.reset, 0, 1, Buffer.from([0, 0, 0, 8]))]),
  ];
  await each(count, MANY, async (i) => {
    const socket = await open(port);
    if (!socket) return;
    const story = stories[i % stories.length];
    await send(socket, story.subarray(0, random() < 0.5 ? story.length : random() * story.length));
    if (random() < 0.5) await pause(random() * 4);
    random() < 0.5 ? socket.resetAndDestroy() : socket.destroy();
  });
  return { connections: count };
}

export const ATTACKS = { resets, continuations, idle, hogs, slow, nonsense, bombs, smuggle, churn };
