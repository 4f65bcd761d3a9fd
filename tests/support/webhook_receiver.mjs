// Receives webhooks, judges them with npm standardwebhooks, and misbehaves by path.
//   node tests/support/webhook_receiver.mjs whsec_...
// Prints "listens on <port>". GET /received lists what came.
import http from "node:http";
import { Webhook } from "standardwebhooks";

const judge = new Webhook(process.argv[2]);
const received = [];

function verdictOn(body, headers) {
  try {
    judge.verify(body, headers);
    return "genuine";
  } catch (error) {
    return error.message;
  }
}

// Whether this is the first try of one of the first two messages.
function isEarly(path, id) {
  const ids = received.filter((one) => one.path === path).map(({ headers }) => headers["webhook-id"]);
  return ids.filter((one) => one === id).length === 1 && new Set(ids).size <= 2;
}

const answers = {
  "/mending": (response, id) => response.writeHead(isEarly("/mending", id) ? 500 : 204).end(),
  "/hook": (response) => response.writeHead(204).end(),
  "/gone": (response) => response.writeHead(410).end(),
  "/odd": (response) => response.writeHead(422).end(),
  "/nowhere": (response) => response.writeHead(404).end(),
  "/busy": (response) => response.writeHead(429, { "Retry-After": "9" }).end(),
  "/broken": (response) => response.writeHead(500).end(),
  "/moved": (response) => response.writeHead(302, { Location: "/hook" }).end(),
  "/reset": (response) => response.socket.resetAndDestroy(),
};

const server = http.createServer((request, response) => {
  if (request.url === "/received") return response.end(JSON.stringify(received));
  let body = "";
  request.setEncoding("utf8");
  request.on("data", (text) => (body += text));
  request.on("end", () => {
    received.push({ path: request.url, body, headers: request.headers, verdict: verdictOn(body, request.headers) });
    answers[request.url](response, request.headers["webhook-id"]);
  });
});
server.listen(0, "127.0.0.1", () => console.log(`listens on ${server.address().port}`));
