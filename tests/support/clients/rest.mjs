// The routes of google.api.http, by fetch and by curl: JSON, and server-sent events for streams.
import { spawn } from "node:child_process";
import { Failure, all, code, fromRest } from "./failure.mjs";

// The events of a body that comes as text in pieces.
export async function* events(pieces) {
  let rest = "";
  for await (const piece of pieces) {
    rest += piece;
    for (let end; (end = rest.indexOf("\n\n")) >= 0; rest = rest.slice(end + 2)) {
      const lines = rest.slice(0, end).split("\n");
      const field = (name) => lines.filter((line) => line.startsWith(`${name}: `)).map((line) => line.slice(name.length + 2)).join("\n");
      yield { id: field("id"), name: field("event"), data: JSON.parse(field("data")) };
    }
  }
}

async function* messages(pieces) {
  for await (const { name, data } of events(pieces)) {
    if (name === "error") throw fromRest(data);
    yield data;
  }
}

// What a call is by REST. `part`: the field of the response that the answer is.
function requestOf(rpc, request, { token, timeoutMs } = {}) {
  const { method, path, body, part } = rpc.rest(request);
  const headers = {
    ...(token && { authorization: `Bearer ${token}` }),
    ...(timeoutMs && { "x-request-timeout": `${timeoutMs / 1000}` }),
    ...(body && { "content-type": "application/json" }),
  };
  return { method, path, headers, body: body && JSON.stringify(body), part };
}

const whole = (answer, part) => (part ? { [part]: answer } : answer);

class FetchClient {
  constructor({ url }) {
    this.url = url;
  }

  async unary(rpc, request, options) {
    const { method, path, headers, body, part } = requestOf(rpc, request, options);
    const response = await fetch(this.url + path, { method, headers, body });
    const answer = await response.json();
    if (!response.ok) throw fromRest(answer);
    return whole(answer, part);
  }

  async *stream(rpc, request, { token, signal } = {}) {
    const { method, path, headers } = requestOf(rpc, request, { token });
    try {
      const response = await fetch(this.url + path, { method, headers, signal });
      if (!response.ok) throw fromRest(await response.json());
      yield* messages(response.body.pipeThrough(new TextDecoderStream()));
    } catch (error) {
      throw error.name === "AbortError" ? new Failure(code("CANCELLED"), undefined, error.message) : error;
    }
  }
}

class CurlClient {
  constructor({ url, flags }) {
    this.url = url;
    this.flags = flags;
  }

  async unary(rpc, request, options) {
    const { part, ...asked } = requestOf(rpc, request, options);
    const answer = JSON.parse((await all(this.#run(asked))).join(""));
    if (answer.error) throw fromRest(answer);
    return whole(answer, part);
  }

  async *stream(rpc, request, { token, signal } = {}) {
    const pieces = this.#run(requestOf(rpc, request, { token }), signal);
    const first = await pieces.next();
    // curl prints a refusal's JSON as it prints events.
    if (first.value?.startsWith("{")) throw fromRest(JSON.parse(first.value));
    yield* messages((async function* () {
      if (!first.done) yield first.value;
      yield* pieces;
    })());
  }

  // What curl prints, as it comes. Ending it early ends curl.
  async *#run({ method, path, headers, body }, signal) {
    const fields = Object.entries(headers).flatMap(([name, value]) => ["--header", `${name}: ${value}`]);
    const args = ["--silent", "--show-error", "--no-buffer", ...this.flags, "--request", method, ...fields, ...(body ? ["--data", body] : []), this.url + path];
    const curl = spawn("curl", args, { stdio: ["ignore", "pipe", "inherit"], signal, killSignal: "SIGKILL" });
    const over = new Promise((done) => curl.once("error", done).once("exit", done));
    try {
      curl.stdout.setEncoding("utf8");
      yield* curl.stdout;
      const end = await over;
      if (signal?.aborted) throw new Failure(code("CANCELLED"), undefined, "curl was killed");
      if (end !== 0) throw new Error(`curl ended with ${end}`);
    } finally {
      curl.kill("SIGKILL");
    }
  }
}

export const restClients = {
  "fetch, REST, HTTP/1.1": (context) => new FetchClient(context),
  "curl, REST, HTTP/1.1": (context) => new CurlClient({ ...context, flags: ["--http1.1"] }),
  "curl, REST, HTTP/2": (context) => new CurlClient({ ...context, flags: ["--http2-prior-knowledge"] }),
};
