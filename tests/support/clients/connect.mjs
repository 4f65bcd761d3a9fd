// connect-node and connect-web, by each protocol that they have.
import { fromJson, toJson } from "@bufbuild/protobuf";
import { ConnectError, createClient } from "@connectrpc/connect";
import { createConnectTransport as nodeConnect, createGrpcTransport, createGrpcWebTransport as nodeGrpcWeb } from "@connectrpc/connect-node";
import { createConnectTransport as webConnect, createGrpcWebTransport as webGrpcWeb } from "@connectrpc/connect-web";
import { Failure } from "./failure.mjs";

const TRANSPORTS = {
  "connect-node, Connect JSON, HTTP/1.1": (baseUrl) => nodeConnect({ baseUrl, httpVersion: "1.1" }),
  "connect-node, Connect binary, HTTP/1.1": (baseUrl) => nodeConnect({ baseUrl, httpVersion: "1.1", useBinaryFormat: true }),
  "connect-node, Connect JSON, HTTP/2": (baseUrl) => nodeConnect({ baseUrl, httpVersion: "2" }),
  "connect-node, Connect GET, HTTP/1.1": (baseUrl) => nodeConnect({ baseUrl, httpVersion: "1.1", useHttpGet: true }),
  "connect-node, Connect GET binary, HTTP/2": (baseUrl) => nodeConnect({ baseUrl, httpVersion: "2", useHttpGet: true, useBinaryFormat: true }),
  "connect-node, gRPC-Web binary, HTTP/1.1": (baseUrl) => nodeGrpcWeb({ baseUrl, httpVersion: "1.1" }),
  "connect-node, gRPC-Web JSON, HTTP/2": (baseUrl) => nodeGrpcWeb({ baseUrl, httpVersion: "2", useBinaryFormat: false }),
  "connect-node, gRPC, HTTP/2": (baseUrl) => createGrpcTransport({ baseUrl }),
  "connect-web, Connect JSON, fetch": (baseUrl) => webConnect({ baseUrl }),
  "connect-web, Connect binary, fetch": (baseUrl) => webConnect({ baseUrl, useBinaryFormat: true }),
  "connect-web, gRPC-Web binary, fetch": (baseUrl) => webGrpcWeb({ baseUrl }),
};

class Client {
  #transport;
  #contracts;

  constructor(transport, contracts, inUrl) {
    this.#transport = transport;
    this.#contracts = contracts;
    this.inUrl = inUrl;
  }

  async unary(rpc, request, { token, timeoutMs } = {}) {
    const { call, method } = this.#find(rpc);
    try {
      const answer = await call(fromJson(method.input, request), { headers: headers(token), timeoutMs });
      return toJson(method.output, answer, { registry: this.#contracts });
    } catch (error) {
      throw this.#failure(error);
    }
  }

  async *stream(rpc, request, { token, signal } = {}) {
    const { call, method } = this.#find(rpc);
    try {
      for await (const answer of call(fromJson(method.input, request), { headers: headers(token), signal })) {
        yield toJson(method.output, answer, { registry: this.#contracts });
      }
    } catch (error) {
      throw this.#failure(error);
    }
  }

  #find({ service, method }) {
    const described = this.#contracts.getService(service);
    const found = described.methods.find(({ name }) => name === method);
    return { method: found, call: createClient(described, this.#transport)[found.localName] };
  }

  #failure(error) {
    if (!(error instanceof ConnectError)) return error;
    const [info] = error.findDetails(this.#contracts.getMessage("google.rpc.ErrorInfo"));
    return new Failure(error.code, info?.reason, error.rawMessage);
  }
}

const headers = (token) => (token ? { authorization: `Bearer ${token}` } : {});

// By name: makes the client, given {url, contracts}.
export const connectClients = Object.fromEntries(
  Object.entries(TRANSPORTS).map(([name, transport]) => [name, ({ url, contracts }) => new Client(transport(url), contracts, name.includes("GET"))]),
);
