// A token issuer in the test's own hands: signs anything, also what no honest issuer would.
import { createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, randomUUID, sign } from "node:crypto";

const KINDS = { ES256: ["ec", { namedCurve: "P-256" }], RS256: ["rsa", { modulusLength: 2048 }], EdDSA: ["ed25519", {}] };

// base64url of a text, or of JSON.
export const encode = (value) => Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
export const decode = (part) => JSON.parse(Buffer.from(part, "base64url").toString());

export class Issuer {
  // With a new key, or the private key in `pem`.
  constructor(kid, alg = "ES256", pem = undefined) {
    const [kind, options] = KINDS[alg];
    Object.assign(this, { kid, alg, key: pem ? createPrivateKey(pem) : generateKeyPairSync(kind, options).privateKey });
  }

  get publicKey() {
    return createPublicKey(this.key);
  }
  get jwk() {
    return { ...this.publicKey.export({ format: "jwk" }), kid: this.kid, alg: this.alg, use: "sig" };
  }
  get header() {
    return { alg: this.alg, kid: this.kid, typ: "JWT" };
  }

  // Of a text; ECDSA as JWS writes it unless another `dsaEncoding` is asked for.
  sign(text, options = {}) {
    const digest = this.alg === "EdDSA" ? null : "sha256";
    return sign(digest, Buffer.from(text), { key: this.key, dsaEncoding: "ieee-p1363", ...options }).toString("base64url");
  }

  // Objects, or texts that are taken as they are.
  token(claims, header = this.header) {
    return this.seal(`${encode(header)}.${encode(claims)}`);
  }
  seal(text) {
    return `${text}.${this.sign(text)}`;
  }
}

export const hmac = (secret, text) => createHmac("sha256", secret).update(text).digest("base64url");

// Seconds from now.
export const inSeconds = (seconds) => Math.floor(Date.now() / 1000) + seconds;

// Claims that the services take.
export function claimsOf(subject, role, more = {}) {
  return { iss: "lumbar-dev", aud: "lumbar", sub: subject, role, iat: inSeconds(0), exp: inSeconds(600), jti: randomUUID(), ...more };
}
