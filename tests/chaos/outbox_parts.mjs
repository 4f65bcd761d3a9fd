// What tests/chaos/notification_outbox is made of: two real notifications whose time is hurried, and who stands in for
// booking, for the text provider and for those who tell of visits.
import { createPrivateKey, randomUUID, sign } from "node:crypto";
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { client, serve } from "../support/grpc.mjs";
import { Suite, build } from "../support/suite.mjs";
import { ACCOUNT, TOKEN, TextProvider } from "../support/text_provider.mjs";

const PROGRAM = "lumbar-notification-hurried";
const REPLICAS = ["notification", "notification-2"];
// Two patients, one for texts and one for letters, at any hour; each of their visits has a telephone and a mailbox of its own.
const PATIENTS = { CHANNEL_SMS: "patients/texts", CHANNEL_EMAIL: "patients/letters" };

export const sleep = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
const timestamp = (milliseconds) => ({ seconds: Math.floor(milliseconds / 1000), nanos: Math.floor(milliseconds % 1000) * 1_000_000 });

// What the visits are: the truth that notification asks for, when each version ended (real time), and when its visit begins (the services').
export class Visits {
  all = new Map();

  // Returns the appointment as it is from now on.
  change(id, change) {
    const before = this.all.get(id) ?? { version: 0, ended: new Map(), starts: new Map() };
    if (before.version > 0) before.ended.set(before.version, Date.now());
    const visit = { ...before, ...change, version: before.version + 1 };
    visit.starts.set(visit.version, visit.start);
    this.all.set(id, visit);
    return this.#appointment(id, visit);
  }

  serve(address) {
    return serve("booking", address, {
      getAppointment: ({ name }) => ({ appointment: this.#appointment(name.split("/")[1], this.all.get(name.split("/")[1])) }),
    });
  }

  #appointment(id, { version, state, channel, phone, start }) {
    return {
      name: `appointments/${id}`,
      version,
      state: `APPOINTMENT_STATE_${state}`,
      patient: PATIENTS[channel],
      contact: { displayName: "Ada Birch", email: `${id}@example.com`, phoneNumber: phone, timeZone: "America/New_York", state: "NY", ageYears: 41 },
      slot: { startTime: timestamp(start), endTime: timestamp(start + 30 * 60_000) },
    };
  }
}

export class Cluster {
  static async prepare({ data, engine, scale, perHour, seed }) {
    if (!existsSync(path.join(build, "bin", PROGRAM))) throw new Error(`${PROGRAM} isn't built: cmake --build --preset release`);
    const cluster = new Cluster();
    cluster.suite = await Suite.prepare({ data, database: engine });
    cluster.suite.programs.notification = PROGRAM;
    Object.assign(cluster, { data, scale, epoch: Date.now(), visits: new Visits(), kills: [] });
    cluster.provider = new TextProvider({ errors: 0.2, lost: 0.1, seed, now: () => new Date(cluster.now()) });
    const secret = path.join(data, "twilio.token");
    writeFileSync(secret, TOKEN, { mode: 0o600 });
    cluster.env = {
      LUMBAR_EPOCH_MILLIS: `${cluster.epoch}`,
      LUMBAR_TIME_SCALE: `${scale}`,
      LUMBAR_RECIPIENT_RATE: `${perHour}`,
      // A tenth of the tries waits for an answer that doesn't come: with the usual four, an hour in a hurry would be over before most
      // had their turn.
      LUMBAR_SENDERS: "24",
      LUMBAR_SMS_PROVIDERS: `name=twilio,account=${ACCOUNT},token-file=${secret},from=+15005550006,url=http://127.0.0.1:${await cluster.provider.listen()}`,
      LUMBAR_PUBLIC_URL: "https://clinic.example",
      LUMBAR_LOG_LEVEL: "error",
    };
    return cluster;
  }

  // The services' time, in milliseconds; `at` is the real one.
  now(at = Date.now()) {
    return this.epoch + (at - this.epoch) * this.scale;
  }

  async start() {
    this.suite.makeFolders();
    await this.suite.startPostgres();
    await this.suite.startMail();
    this.endBooking = await this.visits.serve(this.suite.target("booking"));
    await this.suite.startService("notification", this.env);
    const second = await this.suite.startReplica("notification", this.env);
    this.clients = [client(this.suite, "notification"), client({ target: () => second }, "notification")];
    for (const [channel, patient] of Object.entries(PATIENTS)) {
      const preferences = { channels: [channel], quietHours: { start: { hours: 0 }, end: { hours: 0 } } };
      await this.call("updatePreferences", { requestId: randomUUID(), patient, preferences });
    }
  }

  // SIGKILL, and up again.
  async kill(index) {
    this.kills.push(Date.now());
    const died = await this.suite.processes.get(REPLICAS[index]).kill();
    if (died !== "SIGKILL") throw new Error(`${REPLICAS[index]} had ended by itself, with ${died}:\n${this.suite.processes.get(REPLICAS[index]).tail()}`);
    await (index === 0 ? this.suite.startService("notification", this.env) : this.suite.startReplica("notification", this.env));
  }

  // What the mail server took: of which message, for whom, and when.
  letters() {
    const folder = path.join(this.data, "mail", "new");
    return (existsSync(folder) ? readdirSync(folder) : []).map((file) => {
      const text = readFileSync(path.join(folder, file), "utf8");
      const message = `messages/${/^Message-ID: <([0-9a-f-]{36})@/im.exec(text)[1]}`;
      return { message, to: /^To: .*<([^>]+)>/im.exec(text)[1], at: statSync(path.join(folder, file)).mtimeMs };
    });
  }

  // Asks one replica after the other until there is an answer; the request_id makes that safe.
  async call(method, request, role = "staff") {
    for (let turn = Math.floor(Math.random() * 2); ; turn += 1) {
      try {
        return await this.clients[turn % 2].call(method, request, { token: this.#token(role), deadlineMs: 600_000 });
      } catch (error) {
        if (![1, 4, 8, 14].includes(error.code)) throw error;
        this.repeated = (this.repeated ?? 0) + 1;
        await sleep(50);
      }
    }
  }

  tell(appointment, requestId = randomUUID()) {
    return this.call("recordAppointmentEvent", { requestId, event: { eventId: requestId, eventTime: timestamp(this.now()), appointment } }, "service");
  }

  // As `lumbar token` makes it, at the services' time.
  #token(role) {
    const [header, claims] = (this.tokens ??= {})[role] ??= this.suite.token(`${role === "staff" ? "staff" : "services"}/chaos`, role).split(".");
    const now = Math.floor(this.now() / 1000);
    const timed = { ...JSON.parse(Buffer.from(claims, "base64url")), iat: now - 60, exp: now + 3600 };
    const text = `${header}.${Buffer.from(JSON.stringify(timed)).toString("base64url")}`;
    const key = (this.issuer ??= createPrivateKey(readFileSync(this.suite.key("issuer.pem"))));
    const digest = key.asymmetricKeyType === "ed25519" ? null : "sha256";
    return `${text}.${sign(digest, Buffer.from(text), { key, dsaEncoding: "ieee-p1363" }).toString("base64url")}`;
  }

  async stop() {
    for (const one of this.clients ?? []) one.close();
    this.endBooking?.();
    await this.suite.stop();
    this.provider.server.close();
    this.provider.server.closeAllConnections();
  }
}
