// Connections that send what no client of good faith sends.
import net from "node:net";

// Resolves to a socket with `received`, what came in (at most 64 KiB of it), and `ended`, which resolves when the server or
// the network has closed it. `from` is the client's address, another one of this machine if you like.
export function connect(port, from = "127.0.0.1") {
  return new Promise((done, failed) => {
    const socket = net.connect({ port, host: "127.0.0.1", localAddress: from, noDelay: true });
    socket.received = Buffer.alloc(0);
    socket.ended = new Promise((closed) => socket.on("close", closed));
    socket.on("data", (bytes) => {
      if (socket.received.length < 65_536) socket.received = Buffer.concat([socket.received, bytes]);
    });
    socket.once("connect", () => done(socket));
    socket.on("error", failed);
  });
}

// Resolves once the kernel has taken the bytes, or the connection has ended.
export function send(socket, bytes) {
  return new Promise((done) => {
    if (socket.destroyed) return done();
    socket.ended.then(done);
    socket.write(bytes, () => done());
  });
}

// Waits for the end of a connection, or so many milliseconds.
export const until = (socket, milliseconds) => Promise.race([socket.ended, pause(milliseconds)]);
export const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

export const TYPE = { data: 0, headers: 1, priority: 2, reset: 3, settings: 4, push: 5, ping: 6, goaway: 7, window: 8, continuation: 9 };
export const FLAG = { endStream: 1, endHeaders: 4 };

export function frame(type, flags, stream, payload = Buffer.alloc(0)) {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

export const PREFACE = Buffer.concat([Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), frame(TYPE.settings, 0, 0)]);

// A header block of literals that no table is needed for; names and values of at most 126 bytes.
export function block(fields) {
  const literal = ([name, value]) => Buffer.concat([Buffer.from([0, name.length]), Buffer.from(name), Buffer.from([value.length]), Buffer.from(value)]);
  return Buffer.concat(fields.map(literal));
}

export const asked = (path, more = []) => [[":method", "GET"], [":scheme", "http"], [":path", path], [":authority", "x"], ...more];

// The frames of a server's answer, as {type, stream, payload}.
export function framesIn(bytes) {
  const frames = [];
  for (let at = 0; at + 9 <= bytes.length; ) {
    const length = bytes.readUIntBE(at, 3);
    frames.push({ type: bytes[at + 3], stream: bytes.readUInt32BE(at + 5) & 0x7fffffff, payload: bytes.subarray(at + 9, at + 9 + length) });
    at += 9 + length;
  }
  return frames;
}
