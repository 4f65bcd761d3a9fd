// The least that a JSON endpoint on Fastify does: takes a body apart and answers the same text each time.
//   PORT=... ANSWER_BYTES=... node tests/load/fastify_server.mjs
import Fastify from "fastify";

const { PORT, ANSWER_BYTES } = process.env;
const answer = JSON.stringify({ assessment: "" });
const text = answer.replace('""', JSON.stringify("x".repeat(Number(ANSWER_BYTES) - answer.length)));

const server = Fastify();
server.post("/v1/triage:assess", (request, reply) => {
  if (!request.body.presentation) return reply.code(400).send({});
  reply.type("application/json").send(text);
});
await server.listen({ host: "127.0.0.1", port: Number(PORT) });
