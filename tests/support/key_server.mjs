// A token issuer's key server that does what a test wants of it: it answers well, or misbehaves.
import http from "node:http";
import https from "node:https";

const json = { "content-type": "application/json" };

// By name: how a request is answered. `set` is the JWKS as text, `stranger` one that nobody may believe.
const BEHAVIOURS = {
  good: (response, { set, headers }) => response.writeHead(200, { ...json, ...headers }).end(set),
  "an error with a set": (response, { stranger }) => response.writeHead(500, json).end(stranger),
  "not found": (response) => response.writeHead(404).end(),
  "a redirect to a set": (response) => response.writeHead(302, { location: "/stranger" }).end(),
  nonsense: (response) => response.writeHead(200, json).end("<html>Please sign in</html>"),
  nothing: (response) => response.writeHead(200, json).end(),
  "no keys": (response) => response.writeHead(200, json).end('{"keys":[]}'),
  "half a set": (response, { set }) => response.writeHead(200, json).end(set.slice(0, set.length / 2)),
  "a kid twice": (response, { stranger, set }) => response.writeHead(200, json).end(JSON.stringify({ keys: [...JSON.parse(stranger).keys, ...JSON.parse(set).keys, ...JSON.parse(set).keys] })),
  "a private key": (response, { stranger }) => response.writeHead(200, json).end(stranger.replace('"kty"', '"d":"AAAA","kty"')),
  huge: (response) => pour(response.writeHead(200, json)),
  "no answer": () => {},
  "a byte a second": (response, { stranger }) => drip(response.writeHead(200, json), stranger),
  "a cut connection": (response) => response.socket.resetAndDestroy(),
};
export const MISBEHAVIOURS = Object.keys(BEHAVIOURS).filter((name) => name !== "good");

function pour(response) {
  const more = () => {
    while (!response.destroyed && response.write(" ".repeat(65_536)));
  };
  response.on("drain", more);
  more();
}

function drip(response, text) {
  let sent = 0;
  const timer = setInterval(() => response.write(text[sent++ % text.length]), 1000);
  response.once("close", () => clearInterval(timer));
  response.write(text[sent++]);
}

export class KeyServer {
  behaviour = "good";
  set = "";
  stranger = "";
  // Sent with a good answer.
  headers = {};
  // Of the keys asked for since the start, and those whose answer hasn't ended.
  requests = 0;
  open = 0;

  // `tls` is {key, cert} in PEM. It listens on the port of an earlier one if that is given.
  async start({ tls, port = 0 } = {}) {
    const answer = (request, response) => this.#answer(request, response);
    this.server = tls ? https.createServer(tls, answer) : http.createServer(answer);
    await new Promise((done, failed) => this.server.once("error", failed).listen(port, "127.0.0.1", done));
    this.port = this.server.address().port;
    this.url = `${tls ? "https" : "http"}://127.0.0.1:${this.port}/keys`;
    return this;
  }

  #answer(request, response) {
    if (request.url === "/stranger") return BEHAVIOURS.good(response, { set: this.stranger });
    this.requests += 1;
    this.open += 1;
    response.once("close", () => (this.open -= 1));
    BEHAVIOURS[this.behaviour](response, this);
  }

  publish(...issuers) {
    this.set = JSON.stringify({ keys: issuers.map((issuer) => issuer.jwk) });
  }

  async stop() {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }
}
