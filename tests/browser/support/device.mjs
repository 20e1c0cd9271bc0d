// A device that speaks the native protocol (docs/protocol.md), for tests that need to say exactly what it does.
import { createHash, createHmac, randomBytes, randomInt } from "node:crypto";
import { connect } from "node:net";

const EOT = "\x04";
export const READ = 1, VALUE = 2, WRITE = 3, DONE = 4, REJECTED = 5, STORED = 7, ALIVE = 22, EVENT = 26, EVENT_SET = 27, ALARM_SET = 31, BLINK = 60, DESCRIBE = 90;

/** A field as it travels: what could end it is escaped. */
const escaped = (text) => String(text).replace(/[|%\x00-\x1f\x7f]/g, (c) => "%" + c.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0"));
const unescaped = (text) => decodeURIComponent(text.replace(/%(?![0-9A-Fa-f]{2})/g, "%25"));

export class Device {
  /**
   * `credential`: as the hub answers it at registration. `sensors`: name to value, for READ; `actuators`: name to value,
   * for WRITE; `describe`: such as ["S:temperature:number:C:-20:60", "A:lamp:boolean::"].
   */
  constructor(port, credential, { sensors = {}, actuators = {}, describe = [] } = {}) {
    Object.assign(this, { port, credential, sensors, actuators, describe });
    this.address = credential.address;
    this.msgno = 0;
    this.frames = [];
    this.waiting = [];
    this.units = Object.fromEntries(describe.map((one) => one.split(":")).filter(([sort]) => sort === "S").map(([, name, , unit]) => [name, unit]));
    this.answers = true;
  }

  /** Logs in and describes itself. */
  async connect() {
    this.socket = connect(this.port, "127.0.0.1");
    this.socket.setNoDelay(true);
    this.rest = "";
    this.frames = [];
    this.socket.setEncoding("utf8");
    this.closed = new Promise((resolve) => this.socket.once("close", resolve));
    this.socket.on("error", () => {});
    this.socket.on("data", (text) => this.take(text));
    this.raw(`${this.credential.type}|${this.credential.id}|`);
    const [address, , challenge] = (await this.next()).split("|");
    if (this.credential.login === "legacy") {
      const nonce = String(randomInt(1e9));
      this.raw(`${createHash("sha256").update(this.credential.serial + nonce).digest("hex")}|${nonce}|`);
    } else {
      const nonce = randomBytes(16).toString("hex");
      const proof = createHmac("sha256", this.credential.serial).update(`device|${address}|${nonce}|${challenge}`).digest("hex");
      this.raw(`${proof}|${nonce}|2|`);
    }
    const answer = await this.next();
    if (!answer.startsWith("OK|OK|")) throw new Error(`login: ${answer}`);
    this.address = Number(address);
    this.online = true;
    if (this.describe.length > 0) this.send(0, DESCRIBE, ...this.describe);
    return this;
  }

  raw(text) {
    this.socket.write(text + EOT);
  }

  send(to, type, ...fields) {
    this.raw([this.address, to, type, ...fields.map(escaped)].join("|") + "|");
  }

  /** A reading. */
  event(sensor, value, unit = "", at = Date.now()) {
    this.sensors[sensor] = value;
    this.send(0, EVENT, sensor, value, unit, at, ++this.msgno);
  }

  take(text) {
    const frames = (this.rest + text).split(EOT);
    this.rest = frames.pop();
    for (const frame of frames) {
      if (this.online) this.obey(frame);
      const waiter = this.waiting.findIndex(({ wanted }) => wanted(frame));
      if (waiter >= 0) this.waiting.splice(waiter, 1)[0].resolve(frame);
      // What nobody waits for is forgotten in the end.
      else if (this.frames.push(frame) > 5_000) this.frames.splice(0, 1_000);
    }
  }

  obey(frame) {
    const [from, , type, ...fields] = frame.split("|");
    const msgno = fields.at(-2);
    const name = unescaped(fields[0] ?? "");
    switch (Number(type)) {
      case ALIVE:
        this.send(0, ALIVE);
        break;
      case READ:
        if (name in this.sensors) this.send(from, VALUE, name, this.sensors[name], this.units[name] ?? "", Date.now(), msgno);
        else if (name in this.actuators) this.send(from, VALUE, name, this.actuators[name], "", Date.now(), msgno);
        else this.send(from, REJECTED, "UNKNOWN_SENSOR", msgno);
        break;
      case WRITE:
        if (!this.answers) break;
        if (this.refuses) {
          this.send(from, REJECTED, this.refuses, msgno);
          break;
        }
        this.actuators[name] = unescaped(fields[1]);
        this.send(from, DONE, name, this.actuators[name], msgno);
        break;
      case EVENT_SET:
        this.send(from, DONE, name, unescaped(fields[1]), msgno);
        break;
      case BLINK:
        break;
    }
  }

  /** The next frame that `wanted` takes, those that came already included. */
  next(wanted = () => true, within = 10_000) {
    const at = this.frames.findIndex(wanted);
    if (at >= 0) return Promise.resolve(this.frames.splice(at, 1)[0]);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error("no such frame came")), within);
      this.waiting.push({ wanted, resolve: (frame) => (clearTimeout(timer), resolve(frame)) });
    });
  }

  async close() {
    this.online = false;
    this.socket?.destroy();
    await this.closed;
  }
}
