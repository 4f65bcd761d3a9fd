// @grpc/grpc-js with @grpc/proto-loader, from the contracts' descriptors.
import { readFileSync } from "node:fs";
import path from "node:path";
import grpc from "@grpc/grpc-js";
import loader from "@grpc/proto-loader";
import { Failure, reasonIn } from "./failure.mjs";

class Client {
  #definition;
  #address;
  #contracts;
  #stubs = new Map();

  constructor({ url, contracts, data }) {
    const descriptors = readFileSync(path.join(data, "contracts.binpb"));
    this.#definition = loader.loadFileDescriptorSetFromBuffer(descriptors, { longs: String, enums: String });
    this.#address = new URL(url).host;
    this.#contracts = contracts;
  }

  async unary(rpc, request, { token, timeoutMs = 10_000 } = {}) {
    const options = { deadline: Date.now() + timeoutMs };
    try {
      return await new Promise((done, failed) => {
        this.#stub(rpc.service)[rpc.method](request, metadata(token), options, (error, answer) => (error ? failed(error) : done(answer)));
      });
    } catch (error) {
      throw this.#failure(error);
    }
  }

  async *stream(rpc, request, { token, signal } = {}) {
    const call = this.#stub(rpc.service)[rpc.method](request, metadata(token), { deadline: Date.now() + 60_000 });
    signal?.addEventListener("abort", () => call.cancel(), { once: true });
    try {
      yield* call;
    } catch (error) {
      throw this.#failure(error);
    } finally {
      call.cancel();
    }
  }

  close() {
    for (const stub of this.#stubs.values()) stub.close();
  }

  #stub(service) {
    if (!this.#stubs.has(service)) {
      const Stub = grpc.makeGenericClientConstructor(this.#definition[service]);
      this.#stubs.set(service, new Stub(this.#address, grpc.credentials.createInsecure()));
    }
    return this.#stubs.get(service);
  }

  #failure(error) {
    if (error.code === undefined) return error;
    const [details] = error.metadata?.get("grpc-status-details-bin") ?? [];
    return new Failure(error.code, details && reasonIn(this.#contracts, details), error.details);
  }
}

function metadata(token) {
  const sent = new grpc.Metadata();
  if (token) sent.set("authorization", `Bearer ${token}`);
  return sent;
}

export const grpcJsClients = { "@grpc/grpc-js, gRPC, HTTP/2": (context) => new Client(context) };
