// npm grpc-web in Chromium, on a page of another origin. Messages are made and read out here; the client, which sends and
// gets them, is as npm has it.
import { readFileSync } from "node:fs";
import http from "node:http";
import path from "node:path";
import { fromBinary, fromJson, toBinary, toJson } from "@bufbuild/protobuf";
import { root } from "../suite.mjs";
import { Failure, code, reasonIn } from "./failure.mjs";

// A web page on a port of its own; resolves to its origin, which the gateway has to know, and what ends it.
export async function webPage() {
  const server = http.createServer((request, response) => response.setHeader("content-type", "text/html").end("<!doctype html><title>A clinic's page</title>"));
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return { origin: `http://127.0.0.1:${server.address().port}`, close: () => server.closeAllConnections?.() ?? server.close() };
}

// What runs inside of the page. Bytes cross its border as lists of numbers.
function install() {
  const { GrpcWebClientBase, MethodDescriptor } = window.grpcWeb;
  const described = (name, type) => new MethodDescriptor(name, type, Uint8Array, Uint8Array, (message) => message, (bytes) => new Uint8Array(bytes));
  const told = ({ code, message, metadata }) => ({ code, message, metadata: { ...metadata } });
  const streams = new Map();
  const clientOf = (format) => new GrpcWebClientBase(format ? { format } : undefined);
  window.matrix = {
    unary: ({ url, name, bytes, metadata, format }) =>
      new Promise((done) => {
        const answered = (error, answer) => done(error ? { error: told(error) } : { bytes: [...answer] });
        clientOf(format).rpcCall(url + name, new Uint8Array(bytes), metadata, described(name, "unary"), answered);
      }),
    open({ id, url, name, bytes, metadata, format }) {
      const stream = clientOf(format).serverStreaming(url + name, new Uint8Array(bytes), metadata, described(name, "server_streaming"));
      const held = { stream, come: [], wake: () => {} };
      held.put = (event) => (held.come.push(event), held.wake());
      stream.on("data", (answer) => held.put({ bytes: [...answer] }));
      stream.on("error", (error) => held.put({ error: told(error) }));
      stream.on("end", () => held.put({}));
      streams.set(id, held);
    },
    async next(id) {
      const held = streams.get(id);
      while (held.come.length === 0) await new Promise((wake) => (held.wake = wake));
      return held.come.shift();
    },
    cancel(id) {
      streams.get(id).stream.cancel();
      streams.get(id).put({ error: { code: 1, message: "cancelled", metadata: {} } });
    },
  };
}

class Client {
  #page;
  #streams = 0;

  constructor({ url, contracts, browser, origin, format }) {
    Object.assign(this, { url, contracts, browser, origin, format });
    // It hands out what came when the answer is over; its text form is the one for streams.
    if (format === "binary") this.streamless = "text form only";
  }

  async unary(rpc, request, { token, timeoutMs } = {}) {
    const { method, call } = await this.#prepare(rpc, request, token, timeoutMs);
    return this.#read(method, await (await this.#opened()).evaluate((call) => window.matrix.unary(call), call));
  }

  async *stream(rpc, request, { token, signal } = {}) {
    const { method, call } = await this.#prepare(rpc, request, token);
    const page = await this.#opened();
    const id = ++this.#streams;
    await page.evaluate((call) => window.matrix.open(call), { ...call, id });
    const cancel = () => page.evaluate((id) => window.matrix.cancel(id), id);
    signal?.addEventListener("abort", cancel, { once: true });
    try {
      for (;;) {
        const event = await page.evaluate((id) => window.matrix.next(id), id);
        if (!event.bytes && !event.error) return;
        yield this.#read(method, event);
      }
    } finally {
      await cancel();
    }
  }

  async close() {
    await (await this.#page)?.close();
  }

  #opened() {
    return (this.#page ??= this.#open());
  }

  async #open() {
    const page = await this.browser.newPage();
    await page.goto(this.origin);
    const source = readFileSync(path.join(root, "node_modules/grpc-web/index.js"), "utf8");
    await page.addScriptTag({ content: `window.grpcWeb = (() => { const exports = {}, module = { exports };\n${source}\nreturn module.exports; })();` });
    await page.evaluate(install);
    return page;
  }

  async #prepare({ service, method: name }, request, token, timeoutMs) {
    const method = this.contracts.getService(service).methods.find((found) => found.name === name);
    const bytes = [...toBinary(method.input, fromJson(method.input, request))];
    const metadata = { ...(token && { Authorization: `Bearer ${token}` }), ...(timeoutMs && { deadline: `${Date.now() + timeoutMs}` }) };
    return { method, call: { url: this.url, name: `/${service}/${name}`, bytes, metadata, format: this.format } };
  }

  #read(method, { bytes, error }) {
    if (bytes) return toJson(method.output, fromBinary(method.output, Uint8Array.from(bytes)), { registry: this.contracts });
    const details = error.metadata["grpc-status-details-bin"];
    throw new Failure(error.code ?? code("UNKNOWN"), details && reasonIn(this.contracts, Buffer.from(details, "base64")), error.message);
  }
}

export const grpcWebClients = {
  "grpc-web, gRPC-Web text, Chromium": (context) => new Client(context),
  "grpc-web, gRPC-Web binary, Chromium": (context) => new Client({ ...context, format: "binary" }),
};
