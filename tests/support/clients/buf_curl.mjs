// buf curl, by each protocol that it has; the schema comes from a file, since the public port has no reflection.
import { spawn } from "node:child_process";
import path from "node:path";
import { root } from "../suite.mjs";
import { Failure, all, code, reasonOfConnect } from "./failure.mjs";

const ARCHITECTURES = { x64: "x64", arm64: "aarch64" };
const buf = path.join(root, "node_modules/@bufbuild", `buf-linux-${ARCHITECTURES[process.arch]}`, "bin/buf");

class Client {
  // It reads the schema and compiles it within the time that a call has.
  slow = true;

  constructor({ url, data, contracts, flags }) {
    this.url = url;
    this.contracts = contracts;
    this.flags = [...flags, "--schema", path.join(data, "contracts.binpb")];
  }

  async unary(rpc, request, options) {
    const [answer] = await all(this.#run(rpc, request, options));
    return answer;
  }

  stream(rpc, request, options) {
    return this.#run(rpc, request, options);
  }

  // Each message that it prints, as it comes.
  async *#run({ service, method }, request, { token, timeoutMs = 60_000, signal } = {}) {
    const args = ["curl", ...this.flags, "--timeout", `${timeoutMs}ms`, ...(token ? ["--header", `authorization: Bearer ${token}`] : []), "--data", JSON.stringify(request), `${this.url}/${service}/${method}`];
    const child = spawn(buf, args, { stdio: ["ignore", "pipe", "pipe"], signal, killSignal: "SIGKILL" });
    const over = new Promise((done) => child.once("error", done).once("close", done));
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text) => (said += text));
    try {
      child.stdout.setEncoding("utf8");
      let printed = "";
      for await (const text of child.stdout) {
        printed += text;
        // A message ends with the brace that stands at the begin of a line, or is on one line.
        for (let end; (end = /^\{(?:.*\}|[^]*?^\})\n/m.exec(printed)); printed = printed.slice(end.index + end[0].length)) yield JSON.parse(end[0]);
      }
      const end = await over;
      if (signal?.aborted) throw new Failure(code("CANCELLED"), undefined, "buf was killed");
      if (end !== 0) throw failureOf(end, said, this.contracts);
    } finally {
      child.kill("SIGKILL");
    }
  }
}

// It ends with gRPC's code times eight, and prints the error as Connect's JSON.
function failureOf(end, said, contracts) {
  if (!(end >= 8) || end % 8 !== 0) return new Error(`buf ended with ${end}: ${said}`);
  const { message, details } = JSON.parse(said);
  return new Failure(end / 8, reasonOfConnect(contracts, details), message);
}

export const bufCurlClients = {
  "buf curl, Connect, HTTP/1.1": (context) => new Client({ ...context, flags: ["--protocol", "connect"] }),
  "buf curl, gRPC, HTTP/2": (context) => new Client({ ...context, flags: ["--protocol", "grpc"] }),
  "buf curl, gRPC-Web, HTTP/1.1": (context) => new Client({ ...context, flags: ["--protocol", "grpcweb"] }),
};
