// Who may what: a viewer, an operator, a group's administrator, and groups that are invisible to each other; sessions that end in mid-act.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Stage, PASSWORD } from "./support/stage.mjs";
import { gone, reads, seen, until } from "./support/until.mjs";

let stage, mine, theirs, viewer, operator, manager;

before(async () => {
  stage = await Stage.set();
  for (const group of ["meadow", "harbour"]) await stage.group(group);
  const described = { describe: ["S:level:number:m::", "A:pump:boolean::"], sensors: { level: 1 }, actuators: { pump: "false" } };
  mine = await stage.device({ group: "meadow", id: "m-1", name: "Meadow pump", labels: ["pumps"], ...described });
  theirs = await stage.device({ group: "harbour", id: "h-1", name: "Harbour crane", labels: ["cranes"], ...described });
  for (const device of [mine, theirs]) (await device.connect()).event("level", 2.5, "m");
  for (const [group, id] of [["meadow", mine.address], ["harbour", theirs.address]]) {
    await stage.admin.post("/rules", { name: `${group} flood`, group, scope: `device ${id}`, check: { kind: "threshold", sensor: "level", op: ">", raise: 2, clear: 1 }, unit: "", severity: "major", enabled: true, on_delay_ms: 0, off_delay_ms: 0, act: null, local: false });
  }
  for (const device of [mine, theirs]) device.event("level", 3, "m");
  viewer = await stage.user("vera", "viewer", ["meadow"]);
  operator = await stage.user("oskar", "operator", ["meadow"]);
  manager = await stage.user("greta", "group_administrator", ["meadow"]);
  await until("both alarms are open", async () => (await stage.admin.get("/alarms?open=true")).items.length === 2);
});
after(() => stage?.end());

/** A request as a script in the page would make it; with what the page knows. */
const fromPage = (page, method, path, body) =>
  page.evaluate(async ([verb, to, what]) => {
    const me = await (await fetch("/api/v1/me")).json();
    const answer = await fetch(`/api/v1${to}`, { method: verb, headers: { "content-type": "application/json", "x-csrf-token": me.csrf }, body: what && JSON.stringify(what) });
    const text = await answer.text();
    return { status: answer.status, text, body: text.startsWith("{") ? JSON.parse(text) : null };
  }, [method, path, body]);

const ORDER = (target) => ({ target: String(target), group: null, type: 3, fields: ["pump", "true"], expires_ms: null, expires_in_ms: null, never: false, condition: "" });

test("a viewer sees the device, its alarm and its values, and none of an operator's controls", async () => {
  const { page } = await stage.open(`/devices/${mine.address}`, { api: viewer });
  await reads(page.getByTestId("sensor-level"), /3/);
  await reads(page.locator("main"), /meadow flood/);
  assert.equal(await page.getByRole("switch", { name: "pump" }).isDisabled(), true);
  for (const name of [/Read now/, "Identify", "Manage"]) assert.equal(await page.getByRole("button", { name }).count(), 0, `button ${name}`);
  await page.goto("/#/alarms");
  await reads(page.locator("main"), /meadow flood/);
  for (const name of ["Acknowledge", "Shelve", "Clear"]) assert.equal(await page.getByRole("button", { name }).count(), 0, `button ${name}`);
  for (const [path, name] of [["rules", "New rule"], ["schedules", "New schedule"], ["groups", "Add group"]]) {
    await page.goto(`/#/${path}`);
    await seen(page.getByRole("heading", { level: 1 }));
    assert.equal(await page.getByRole("link", { name }).or(page.getByRole("button", { name })).count(), 0, name);
  }
  for (const name of ["Users", "Discovered", "Audit log", "Settings"]) assert.equal(await page.getByRole("navigation").getByRole("link", { name }).count(), 0, name);
  for (const path of ["users", "discovered", "audit", "settings"]) {
    await page.goto(`/#/${path}`);
    await reads(page.locator("main"), "You may not see this page");
  }
});

test("what a viewer tries all the same is refused by the API", async () => {
  const { page } = await stage.open("/", { api: viewer });
  const alarm = (await viewer.get("/alarms?open=true")).items[0].id;
  const tries = [
    ["POST", "/commands", ORDER(mine.address)], ["POST", `/alarms/${alarm}/acknowledge`, { note: "" }], ["POST", `/alarms/${alarm}/clear`, { note: "" }],
    ["PATCH", `/rules/${(await viewer.get("/rules")).items[0].id}`, { enabled: false }], ["PATCH", `/devices/${mine.address}`, { disabled: true }],
    ["DELETE", `/devices/${mine.address}`], ["POST", "/users", { name: "eve", role: "viewer", groups: ["meadow"] }], ["GET", "/users"], ["GET", "/audit"],
    ["POST", "/groups", { name: "eve" }], ["GET", "/settings"], ["GET", "/discovered"],
  ];
  for (const [method, path, body] of tries) {
    const { status, body: problem } = await fromPage(page, method, path, body);
    assert.equal(status, 403, `${method} ${path}`);
    assert.equal(problem.code, "forbidden", `${method} ${path}`);
    assert.ok(problem.detail.length > 10, problem.detail);
  }
  assert.equal((await stage.admin.get(`/devices/${mine.address}`)).disabled, false);
});

/** Opens a socket in the page, says `messages`, and answers what came until `enough(messages)`. */
const socket = (page, messages, enough) =>
  page.evaluate(([say, last]) => new Promise((resolve, reject) => {
    const got = [];
    const mine = new WebSocket(`ws://${location.host}/api/v1/live`);
    setTimeout(() => reject(new Error(`only ${JSON.stringify(got)}`)), 15_000);
    mine.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      got.push(message);
      if (message.t === "hello") for (const one of say) mine.send(JSON.stringify(one));
      if (new RegExp(last).test(data)) (mine.close(), resolve(got));
    };
  }), [messages, enough]);

test("a viewer's frame is refused by the socket", async () => {
  const { page } = await stage.open("/", { api: viewer });
  const got = await socket(page, [{ t: "send", id: 7, group: "meadow", to: String(mine.address), type: 1000, fields: ["a"] }], '"id":7');
  const answer = got.find((one) => one.id === 7);
  assert.equal(answer.t, "refused");
  assert.equal(answer.problem.status, 403);
});

test("a device of another group is like none: by list, search, id, chart, CSV", async () => {
  for (const api of [viewer, operator, manager]) {
    const { items } = await api.get("/devices");
    assert.deepEqual(items.map((one) => one.name), ["Meadow pump"]);
    assert.deepEqual((await api.get("/devices?q=crane")).items, []);
    for (const path of ["", "/capabilities", "/rules", "/series", "/readings?sensor=level"]) {
      const [hidden, unknown] = [await api.ask("GET", `/devices/${theirs.address}${path}`), await api.ask("GET", `/devices/2147483646${path}`)];
      assert.equal(hidden.status, 404, path);
      const plain = ({ body }) => JSON.stringify(body).replaceAll(String(theirs.address), "N").replaceAll("2147483646", "N");
      assert.equal(plain(hidden), plain(unknown), path);
    }
    assert.equal((await api.ask("POST", "/commands", ORDER(theirs.address))).status, api === viewer ? 403 : 404);
    const csv = await api.ask("GET", `/readings.csv?device=${theirs.address}&sensor=level`);
    assert.equal(csv.status, 404);
    assert.deepEqual((await api.get("/alarms")).items.map((one) => one.name), ["meadow flood"]);
    assert.doesNotMatch(JSON.stringify([await api.get("/overview"), await api.get("/events"), await api.get("/groups"), await api.get("/rules"), await api.get("/commands")]), /harbour|Harbour/);
  }
});

test("a device of another group is nowhere on the pages", async () => {
  const { page } = await stage.open(`/devices/${theirs.address}`, { api: viewer });
  await reads(page.locator("main"), "There is no such device");
  await page.goto("/#/devices");
  await reads(page.getByTestId("device-count"), "1 device");
  await page.getByLabel("Search devices").fill("crane");
  await reads(page.locator("main"), "No device matches");
  await page.goto(`/#/charts?s=${theirs.address}:level`);
  await seen(page.getByRole("heading", { name: "Charts", level: 1 }));
  await until("the chart has been asked for", () => page.evaluate(() => performance.getEntriesByType("resource").length > 0));
  for (const path of ["/", "/alarms", "/rules", "/groups", "/console"]) {
    await page.goto(`/#${path}`);
    await seen(page.getByRole("heading", { level: 1 }));
    await until("it is loaded", async () => (await page.locator(".spinner-dot").count()) === 0);
    assert.doesNotMatch(await page.locator("body").innerText(), /harbour/i, path);
  }
});

test("the socket tells nothing of another group, watched or not", async () => {
  const { page } = await stage.open("/", { api: viewer });
  const watch = { t: "watch", readings: { devices: [theirs.address, mine.address], groups: ["harbour", "meadow"] }, frames: { group: "harbour" } };
  const told = socket(page, [watch, { t: "watch", readings: watch.readings, frames: null }], '"value":4.5');
  // Theirs first, then mine: what comes of mine ends the wait. Sent until it is seen, since the watch has to arrive before.
  let over = false;
  told.finally(() => (over = true));
  await until("my reading comes", async () => {
    theirs.event("level", 9.5, "m");
    mine.event("level", 4.5, "m");
    return over;
  });
  const got = await told;
  assert.doesNotMatch(JSON.stringify(got), new RegExp(`harbour|${theirs.address}|9\\.5`));
  assert.deepEqual(got[0].addresses.map(({ group }) => group), ["meadow"]);
});

test("an operator operates, and manages nothing", async () => {
  const { page } = await stage.open(`/devices/${mine.address}`, { api: operator });
  await page.getByRole("switch", { name: "pump" }).click();
  await reads(page.getByTestId("reported-pump"), "on");
  assert.equal(await page.getByRole("button", { name: "Manage" }).count(), 0);
  const [command] = (await operator.get(`/commands?device=${mine.address}`)).items;
  assert.equal(command.issuer, "oskar");
  assert.equal((await fromPage(page, "DELETE", `/devices/${mine.address}`)).status, 403);
});

test("a group's administrator manages only its own", async () => {
  const { page } = await stage.open("/users", { api: manager });
  await reads(page.locator("main"), /greta/);
  assert.doesNotMatch(await page.locator("main").innerText(), /admin\b(?!istrator)/);
  await page.getByRole("button", { name: "Add user" }).first().click();
  const dialog = page.getByRole("dialog");
  assert.doesNotMatch(await dialog.innerText(), /harbour/);
  const roles = await dialog.getByLabel(/^Role/).locator("option").allInnerTexts();
  assert.ok(!roles.some((role) => /^administrator/i.test(role)), roles.join());
  for (const body of [{ name: "a", role: "administrator", groups: [] }, { name: "b", role: "viewer", groups: ["harbour"] }, { name: "c", role: "viewer", groups: ["meadow", "harbour"] }]) {
    const { status } = await fromPage(page, "POST", "/users", body);
    assert.ok(status === 403 || status === 404 || status === 422, `${JSON.stringify(body)}: ${status}`);
  }
  assert.equal((await fromPage(page, "PATCH", `/devices/${mine.address}`, { group: "harbour" })).status >= 400, true);
  assert.equal((await fromPage(page, "DELETE", `/devices/${theirs.address}`)).status, 404);
  assert.doesNotMatch((await fromPage(page, "GET", "/audit")).text, /harbour/);
});

test("logged out in another tab: the login lies over the page, and what was typed is kept", async () => {
  const one = await stage.open("/rules/new", { api: await stage.user("tabea", "operator", ["meadow"]) });
  const { page } = one;
  await page.getByLabel(/^Name/).fill("Half a rule");
  const second = await one.context.newPage();
  await second.goto(`${stage.hub.web}/#/`);
  await seen(second.getByRole("heading", { name: "Overview" }));
  await second.getByRole("button", { name: "More" }).click();
  await second.getByRole("menuitem", { name: "Log out" }).click();
  await seen(second.getByRole("heading", { name: "Log in" }));
  const login = page.getByRole("dialog", { name: "Log in" });
  await reads(login, /Your session has ended/);
  await login.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.keyboard.press("Enter");
  await gone(login);
  assert.equal(await page.getByLabel(/^Name/).inputValue(), "Half a rule");
  await reads(page.getByTestId("live-state"), "Live");
});

test("disabled by the administrator in mid-act: out at once, and back only when enabled", async () => {
  const { id } = (await stage.admin.get("/users")).items.find(({ name }) => name === "tabea");
  const { page } = stage.people.at(-1);
  await stage.admin.patch(`/users/${id}`, { disabled: true });
  const login = page.getByRole("dialog", { name: "Log in" });
  await seen(login);
  await login.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.keyboard.press("Enter");
  await seen(login.getByRole("alert"));
  await stage.admin.patch(`/users/${id}`, { disabled: false });
  await login.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.keyboard.press("Enter");
  await gone(login);
  assert.equal(await page.getByLabel(/^Name/).inputValue(), "Half a rule");
});

test("the pages complained of nothing", () => stage.quiet());
