// What nearly every test begins with: a hub with an administrator, a browser, and people who are logged in.
import assert from "node:assert/strict";
import { Api } from "./api.mjs";
import { launch, person } from "./browser.mjs";
import { Device } from "./device.mjs";
import { Hub } from "./hub.mjs";
import { PATIENCE_MS } from "./until.mjs";

export const PASSWORD = "correct horse battery";

export class Stage {
  /** `settings` of the hub, such as {HUB_WEB__BURST: "5"}. */
  static async set(settings = {}) {
    const stage = new Stage();
    stage.people = [];
    stage.devices = [];
    [stage.hub, stage.browser] = await Promise.all([Hub.start(settings), launch()]);
    stage.admin = await Api.bySetup(stage.hub.setupLink, PASSWORD);
    return stage;
  }

  /** A user with a password; answers an Api that is logged in. */
  async user(name, role, groups = []) {
    const { link } = this.hub.json("user", "add", name, "--role", role, ...groups.flatMap((group) => ["--group", group]));
    return Api.bySetup(link.url, PASSWORD);
  }

  /** A browser of its own, logged in as `api`'s user if there is one, at `path` such as `/devices`. */
  async open(path, { api = this.admin, ...options } = {}) {
    const one = await person(this.browser, this.hub.web, options);
    one.page.setDefaultTimeout(PATIENCE_MS);
    if (api) await one.context.addCookies(api.cookies);
    this.people.push(one);
    await one.page.goto(`/#${path}`);
    return one;
  }

  group = (name) => this.admin.post("/groups", { name });

  /** A registered device; it is not connected yet. */
  async device({ group, type = 511, id, name = "", labels = [], rights = "talk", login = "challenge", ...parts }) {
    const credential = await this.admin.post("/devices", { group, type, id, name, labels, rights, login, nonce_memory: 200 });
    const device = new Device(this.hub.devices, { ...credential, type, id, login }, parts);
    this.devices.push(device);
    return device;
  }

  /** What pages complained of is a failure of the test, whatever else it was about. */
  quiet() {
    const all = this.people.flatMap((one) => one.complaints);
    // A browser complains of a hub that is not there, whatever the page does.
    assert.deepEqual(this.hub.wasAway ? all.filter((one) => !/ERR_CONNECTION_REFUSED/.test(one)) : all, []);
  }

  async end() {
    for (const device of this.devices) await device.close();
    await this.browser?.close();
    await this.hub?.stop();
  }
}
