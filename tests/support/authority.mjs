// An authority that signs certificates for processes of a test, by the openssl that every machine has.
import { execFileSync } from "node:child_process";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";

const openssl = (...args) => execFileSync("openssl", args, { stdio: ["ignore", "ignore", "pipe"] });
const KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

export class Authority {
  #folder;

  constructor(folder, name = "authority") {
    this.#folder = folder;
    this.file = path.join(folder, `${name}.pem`);
    this.key = path.join(folder, `${name}.key`);
    openssl("req", "-x509", ...KEY, "-days", "2", "-subj", `/CN=${name}`, "-keyout", this.key, "-out", this.file);
  }

  get certificate() {
    return readFileSync(this.file);
  }

  // A pair for `name` and 127.0.0.1, good for `days` from now (negative: expired), as {certificate, key}, in PEM.
  issue(name, days = 1) {
    const [request, key, made] = ["csr", "key", "crt"].map((end) => path.join(this.#folder, `issued.${end}`));
    openssl("req", "-new", ...KEY, "-subj", `/CN=${name}`, "-addext", `subjectAltName=DNS:${name},IP:127.0.0.1`, "-keyout", key, "-out", request);
    openssl("x509", "-req", "-in", request, "-CA", this.file, "-CAkey", this.key, "-days", `${days}`, "-copy_extensions", "copyall", "-out", made);
    return { certificate: readFileSync(made), key: readFileSync(key) };
  }
}

// Puts a file in place as a tool that renews does: there is never half of it.
export function replace(file, content) {
  writeFileSync(`${file}.new`, content);
  renameSync(`${file}.new`, file);
}
