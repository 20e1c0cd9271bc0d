// A real hub for one test file: its own data directory, free ports, stopped at the end.
import { spawn, execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const PROGRAM = process.env.DEVICE_HUB_BIN ?? new URL("../../../target/debug/hub", import.meta.url).pathname;

export class Hub {
  /** Starts a hub and waits for its ready line and its first link. `settings`: such as {HUB_WEB__BURST: "5"}. */
  static async start(settings = {}) {
    const folder = mkdtempSync(join(tmpdir(), "hub-browser-"));
    const hub = new Hub(folder, {
      HUB_DATA_DIR: "./data",
      HUB_DEVICES__LISTEN: "127.0.0.1:0",
      HUB_WEB__LISTEN: "127.0.0.1:0",
      HUB_LOG: "warn",
      // Tests ask more in a minute than a person does.
      HUB_WEB__REQUESTS_PER_SECOND: "1000",
      HUB_WEB__BURST: "10000",
      ...settings,
    });
    await hub.run();
    return hub;
  }

  constructor(folder, settings) {
    this.folder = folder;
    this.env = { PATH: process.env.PATH, ...settings };
  }

  async run() {
    this.process = spawn(PROGRAM, ["serve"], { cwd: this.folder, env: this.env, stdio: ["ignore", "pipe", "inherit"] });
    this.ended = new Promise((resolve) => this.process.once("exit", resolve));
    const lines = createInterface({ input: this.process.stdout });
    const first = new Promise((resolve, reject) => {
      lines.on("line", (line) => {
        const ready = /^ready: devices on (\S+):(\d+), web on (\S+?)(?:,|$)/.exec(line);
        if (ready) {
          this.devices = Number(ready[2]);
          this.web = `http://${ready[3]}`;
          // Beside it there is no other line when an administrator has a password already.
          if (this.hasAdministrator) resolve();
        }
        const link = /(https?:\S+\/#\/setup\/\S+)/.exec(line);
        if (link) {
          this.setupLink = link[1];
          resolve();
        }
      });
      this.process.once("exit", (code) => reject(new Error(`the hub ended with ${code}`)));
    });
    await first;
  }

  /** Runs a verb; answers what it printed. */
  verb(...args) {
    return execFileSync(PROGRAM, args, { cwd: this.folder, env: this.env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  }

  /** The same for verbs that print JSON. */
  json(...args) {
    return JSON.parse(this.verb(...args, "--json"));
  }

  /** Readings of the past: rows of [unix ms, value]. */
  importReadings(device, sensor, unit, rows) {
    const file = join(this.folder, "readings.csv");
    writeFileSync(file, `time,value\n${rows.map((row) => row.join(",")).join("\n")}\n`);
    return this.verb("reading", "import", file, "--device", String(device), "--sensor", sensor, "--unit", unit, "--strict");
  }

  async stop() {
    await this.halt();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Stops the hub; its data stay. */
  async halt() {
    this.wasAway = true;
    this.process.kill("SIGTERM");
    await this.ended;
  }

  /** Starts it again on the same data and the same ports. */
  async resume() {
    this.hasAdministrator = true;
    this.env.HUB_WEB__LISTEN = new URL(this.web).host;
    this.env.HUB_DEVICES__LISTEN = `127.0.0.1:${this.devices}`;
    await this.run();
  }
}
