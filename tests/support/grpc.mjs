// Clients for the internal gRPC ports, from the contracts as they are on disk.
import path from "node:path";
import grpc from "@grpc/grpc-js";
import loader from "@grpc/proto-loader";
import { root } from "./suite.mjs";

const definition = loader.loadSync(
  ["triage/v1/triage_service", "content/v1/content_service", "content/v1/editorial_service", "booking/v1/booking_service", "booking/v1/clinician_service", "notification/v1/notification_service", "consult/v1/consult_service"].map((name) => `lumbar/${name}.proto`),
  { includeDirs: [path.join(root, "proto"), path.join(root, "build/proto-deps")], longs: String, enums: String, defaults: true },
);
const { lumbar } = grpc.loadPackageDefinition(definition);

const CLIENTS = {
  triage: () => lumbar.triage.v1.TriageService,
  content: () => lumbar.content.v1.ContentService,
  editorial: () => lumbar.content.v1.EditorialService,
  booking: () => lumbar.booking.v1.BookingService,
  clinicians: () => lumbar.booking.v1.ClinicianService,
  notification: () => lumbar.notification.v1.NotificationService,
  gateway: () => lumbar.consult.v1.ConsultService,
};

// call("createHold", request, {token}) resolves to the answer or rejects with a ServiceError that has a `reason`. The service
// itself is called unless there is another `target`, by the suite's own credentials if it has any.
export function client(suite, service, { target = suite.target(service === "editorial" ? "content" : service), channel = suite.credentials ?? grpc.credentials.createInsecure() } = {}) {
  const stub = new (CLIENTS[service]())(target, channel);
  return {
    close: () => stub.close(),
    call: (method, request, { token, deadlineMs = 10_000 } = {}) =>
      new Promise((done, failed) => {
        const metadata = new grpc.Metadata();
        if (token) metadata.set("authorization", `Bearer ${token}`);
        stub[method](request, metadata, { deadline: Date.now() + deadlineMs }, (error, answer) => {
          if (!error) return done(answer);
          const details = error.metadata?.get("grpc-status-details-bin")[0]?.toString("latin1") ?? "";
          error.reason = /google\.rpc\.ErrorInfo[^A-Z]+([A-Z0-9_]+)/.exec(details)?.[1];
          failed(error);
        });
      }),
  };
}

// Serves in the place of a service at HOST:PORT; each handler gets a request and returns an answer, or throws an error with a
// grpc status as its code. Resolves to a function that ends it.
export function serve(service, address, handlers) {
  const server = new grpc.Server();
  const wrapped = Object.entries(handlers).map(([method, handle]) => [
    method,
    ({ request }, answer) => {
      try {
        answer(null, handle(request));
      } catch (error) {
        answer(error);
      }
    },
  ]);
  server.addService(CLIENTS[service]().service, Object.fromEntries(wrapped));
  return new Promise((done, failed) => {
    server.bindAsync(address, grpc.ServerCredentials.createInsecure(), (error) => (error ? failed(error) : done(() => server.forceShutdown())));
  });
}

// Follows the changes of appointments, or of messages as the replica at `target` tells them.
export const watch = (suite, request, token) => follow("booking", suite.target("booking"), "watchAppointments", "event", request, token);
export const watchMessages = (target, request, token) => follow("notification", target, "watchMessages", "message", request, token);

// next() is the next response, change() the next that has a `field`, as that; `token` the last token.
function follow(service, target, method, field, request, token) {
  const stub = new (CLIENTS[service]())(target, grpc.credentials.createInsecure());
  const metadata = new grpc.Metadata();
  metadata.set("authorization", `Bearer ${token}`);
  const stream = stub[method](request, metadata, { deadline: Date.now() + 60_000 });
  const ended = new Promise((done) => stream.on("error", done).on("end", done));
  const responses = stream[Symbol.asyncIterator]();
  const watching = {
    token: "",
    async next() {
      const { value } = await responses.next();
      watching.token = value.resumeToken;
      return value;
    },
    async change() {
      for (;;) {
        const response = await watching.next();
        if (response[field]) return response[field];
      }
    },
    end: () => ended,
    close() {
      stream.cancel();
      stub.close();
    },
  };
  return watching;
}

// The request of a method in wire form, e.g. bytes("triage", "Assess", {presentation}).
export const bytes = (service, method, request) => CLIENTS[service]().service[method].requestSerialize(request);

export const { credentials, status } = grpc;
