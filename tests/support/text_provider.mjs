// A text provider that speaks Twilio's API and misbehaves on demand: by the last four digits of the number, or at random.
//   node tests/support/text_provider.mjs [--port 0] [--errors 0.2] [--lost 0.1] [--seed 1] [--journal file]
// Prints "listens on <port>". GET /taken lists what was taken and how many requests came; --journal appends a line for
// each text taken, on the disk before the answer.
import { appendFileSync } from "node:fs";
import http from "node:http";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

export const ACCOUNT = "AC00000000000000000000000000000001";
export const TOKEN = "12345";

// Same numbers from the same seed (mulberry32).
export function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export class TextProvider {
  taken = [];
  asked = 0;
  tries = 0;
  unanswered = 0;
  failed = 0;
  rests = 0;
  #byNumber = new Map();

  // `now` is the provider's clock.
  constructor({ errors = 0, lost = 0, seed = 1, journal, now = () => new Date() } = {}) {
    this.errors = errors;
    this.lost = lost;
    this.random = seeded(seed);
    this.journal = journal;
    this.now = now;
    this.server = http.createServer((request, response) => this.#receive(request, response));
    this.server.keepAliveTimeout = 60_000;
  }

  listen(port = 0) {
    return new Promise((done) => this.server.listen(port, "127.0.0.1", () => done(this.server.address().port)));
  }

  #receive(request, response) {
    let body = "";
    request.setEncoding("utf8");
    request.on("data", (text) => (body += text));
    request.on("error", () => {});
    request.on("end", () => this.#answer(request, response, body));
  }

  #answer(request, response, body) {
    const url = new URL(request.url, "http://provider");
    if (url.pathname === "/taken") return json(response, 200, { tries: this.tries, asked: this.asked, taken: this.taken });
    const login = "Basic " + Buffer.from(`${ACCOUNT}:${TOKEN}`).toString("base64");
    if (request.headers.authorization !== login) return json(response, 401, { code: 20003, message: "Authenticate" });
    if (url.pathname !== `/2010-04-01/Accounts/${ACCOUNT}/Messages.json`) return json(response, 404, { code: 20404 });
    if (request.method === "GET") return this.#list(response, url);
    this.tries += 1;
    const form = new URLSearchParams(body);
    const number = form.get("To") ?? "";
    const act = BEHAVIOURS[number.slice(-4)] ?? this.#chance();
    act(this, form, response, request.socket);
  }

  #chance() {
    const chance = this.random();
    if (chance < this.errors) {
      this.failed += 1;
      const error = ERRORS[Math.floor((chance / this.errors) * ERRORS.length)];
      if (error === REST) this.rests += 1;
      return error;
    }
    if (chance >= this.errors + this.lost) return accept;
    this.unanswered += 1;
    return BEHAVIOURS["0004"];
  }

  take(form) {
    const text = {
      sid: `SM${String(this.taken.length + 1).padStart(32, "0")}`,
      to: form.get("To"),
      from: form.get("From") ?? form.get("MessagingServiceSid"),
      body: form.get("Body"),
      callback: form.get("StatusCallback"),
      date_created: this.now().toUTCString().replace("GMT", "+0000"),
      at: Date.now(),
      status: "queued",
    };
    this.taken.push(text);
    const texts = this.#byNumber.get(text.to) ?? [];
    texts.unshift(text);
    this.#byNumber.set(text.to, texts);
    if (this.journal) appendFileSync(this.journal, JSON.stringify(text) + "\n");
    return text;
  }

  #list(response, url) {
    this.asked += 1;
    const number = url.searchParams.get("To");
    if (number.endsWith("0009")) return json(response, 503, { code: 20503 });
    const size = Math.min(Number(url.searchParams.get("PageSize") ?? 50), 1000);
    const page = Number(url.searchParams.get("Page") ?? 0);
    const all = this.#byNumber.get(number) ?? [];
    const next = new URL(url);
    next.searchParams.set("Page", page + 1);
    json(response, 200, {
      messages: all.slice(page * size, (page + 1) * size),
      next_page_uri: all.length > (page + 1) * size ? next.pathname + next.search : null,
    });
  }
}

function json(response, code, body, headers = {}) {
  response.writeHead(code, { "Content-Type": "application/json", ...headers });
  response.end(JSON.stringify(body));
}

const accept = (provider, form, response) => json(response, 201, provider.take(form));
const refuse = (code, body, headers) => (_provider, _form, response) => json(response, code, body, headers);

// By the last four digits of the number that a text is for.
const BEHAVIOURS = {
  // Hangs up, before and after it has taken the text; says nothing, before and after.
  "0003": (_provider, _form, _response, socket) => socket.resetAndDestroy(),
  "0004": (provider, form, _response, socket) => (provider.take(form), socket.resetAndDestroy()),
  "0001": () => {},
  "0002": (provider, form) => void provider.take(form),
  // Takes it, and begins an answer that never ends; answers what nobody understands; answers too much.
  "0005": (provider, form, response) => (provider.take(form), response.writeHead(201), void response.write("{")),
  "0006": (provider, form, response) => (provider.take(form), response.writeHead(201), response.end("<html>OK</html>")),
  "0007": (provider, form, response) => (provider.take(form), response.writeHead(201), response.end(" ".repeat(1 << 20))),
  "0009": (provider, form, _response, socket) => (provider.take(form), socket.resetAndDestroy()),
  "0301": refuse(301, {}, { Location: "/elsewhere" }),
  "0400": refuse(400, { code: 21211, message: "not a number" }),
  "0403": refuse(403, { code: 20005, message: "account not active" }),
  "0404": refuse(404, {}),
  "0405": refuse(400, { code: 99999, message: "something new" }),
  "0408": refuse(400, { code: 21408, message: "region not enabled" }),
  "0429": refuse(429, { code: 20429 }, { "Retry-After": "7" }),
  "0500": refuse(500, {}),
  "0503": refuse(503, { code: 20503 }, { "Retry-After": "30" }),
  "0610": refuse(400, { code: 21610, message: "unsubscribed" }),
};
// At random: none of them takes the text. One in eight asks to be left alone.
const REST = refuse(429, { code: 20429 }, { "Retry-After": "2" });
const FAULTS = [BEHAVIOURS["0500"], refuse(503, {}), BEHAVIOURS["0003"]];
const ERRORS = [REST, refuse(429, { code: 20429 }), ...FAULTS, ...FAULTS];

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: { port: { type: "string" }, errors: { type: "string" }, lost: { type: "string" }, seed: { type: "string" }, journal: { type: "string" } },
  });
  const number = (text, other) => (text === undefined ? other : Number(text));
  const provider = new TextProvider({
    errors: number(values.errors, 0),
    lost: number(values.lost, 0),
    seed: number(values.seed, 1),
    journal: values.journal,
  });
  console.log(`listens on ${await provider.listen(number(values.port, 0))}`);
}
