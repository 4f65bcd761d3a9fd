// The metrics page of a service.
import http from "node:http";
import { text } from "node:stream/consumers";

// Resolves to its text. By a connection of its own: one that is kept may end at the very moment.
export function metricsPage(port) {
  return new Promise((done, failed) => {
    http.get(`http://127.0.0.1:${port}/metrics`, { agent: false }, (answer) => text(answer).then(done, failed)).on("error", failed);
  });
}
