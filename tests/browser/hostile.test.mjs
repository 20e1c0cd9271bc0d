// Names and values that mean harm, are endless or run from right to left: text everywhere, and nothing grows too wide.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { DESKTOP, PHONE } from "./support/browser.mjs";
import { PAGES, settled } from "./support/pages.mjs";
import { Stage } from "./support/stage.mjs";
import { reads, seen, until } from "./support/until.mjs";

const SCRIPT = "<img src=x onerror=alert(1)>";
const FORMULA = "=cmd()|' /C calc'!A0";
const LONG = "Wintergartenbelüftungsklappensteuerungsanlage".repeat(2);
const TURNED = "مستشعر الحرارة \u202Eevil\u202C شمال";
const NAMES = [SCRIPT, FORMULA, LONG, TURNED, "'\"><script>alert(2)</script>", "{{7*7}} ${7*7} %s &lt;b&gt;"];

let stage, devices;

/** What the hub does not take is no danger to a page. */
async function may(path, body) {
  const { status, body: answer } = await stage.admin.ask("POST", path, body);
  assert.ok(status < 300 || status === 422, `${path}: ${status} ${JSON.stringify(answer)}`);
  return status < 300 ? answer : null;
}

before(async () => {
  stage = await Stage.set();
  await stage.group("plain");
  for (const name of NAMES) await may("/groups", { name: name.slice(0, 60) });
  devices = [];
  for (const [i, name] of NAMES.entries()) {
    const device = await stage.device({ group: "plain", id: `h${i}`, name, describe: ["S:note:text:::", "A:lamp:boolean::"] });
    await device.connect();
    device.event("note", NAMES[i]);
    devices.push(device);
  }
  // Names of sensors and units come from the device.
  const wild = await stage.device({ group: "plain", id: "wild", name: "Wild sensors" });
  await wild.connect();
  for (const [i, name] of NAMES.entries()) wild.event(name.slice(0, 60), i, i === 0 ? "<b>C</b>" : "");
  devices.push(wild);
  const rule = (name, sensor) => ({ name: name.slice(0, 64), group: "plain", scope: "group", check: { kind: "threshold", sensor, op: "=", raise: name, clear: name }, unit: "", severity: "major", enabled: true, on_delay_ms: 0, off_delay_ms: 0, act: null, local: false });
  for (const name of NAMES) await may("/rules", rule(name, "note"));
  for (const name of NAMES) {
    await may("/schedules", { name, group: "plain", timing: { every_ms: 3_600_000, zone: "UTC" }, act: { kind: "command", target: String(wild.address), type: 1000, fields: [name] } });
    await may("/commands", { target: String(wild.address), type: 1000, fields: [name, name] });
    await may("/me/tokens", { name, scope: "read", groups: null, expires_ms: Date.now() + 86_400_000 });
    await may("/users", { name, role: "viewer", groups: ["plain"] });
  }
  for (const [i, device] of devices.entries()) if (i < NAMES.length) device.event("note", NAMES[i]);
  await until("alarms are raised", async () => (await stage.admin.get("/alarms?open=true")).items.length >= 3);
});
after(() => stage?.end());

/** Everything behind the login, with pages of their own for what has wild names. */
async function paths() {
  const rules = (await stage.admin.get("/rules")).items, schedules = (await stage.admin.get("/schedules")).items, alarms = (await stage.admin.get("/alarms")).items;
  return [
    ...PAGES, ...devices.map(({ address }) => `/devices/${address}`), ...["rules", "news", "about"].map((tab) => `/devices/${devices.at(-1).address}?tab=${tab}`),
    ...rules.slice(0, 4).map(({ id }) => `/rules/${id}`), ...schedules.slice(0, 4).map(({ id }) => `/schedules/${id}`), ...alarms.slice(0, 3).map(({ id }) => `/alarms/${id}`),
    `/charts?s=${devices.at(-1).address}:${encodeURIComponent(SCRIPT)}&s=${devices[0].address}:note`, `/console?group=plain&device=${devices.at(-1).address}`,
    `/devices?q=${encodeURIComponent(SCRIPT)}`, `/audit?who=${encodeURIComponent(SCRIPT)}`, `/setup/${encodeURIComponent(SCRIPT)}`, `/${encodeURIComponent(SCRIPT)}`,
  ];
}

for (const [size, viewport] of [["phone", PHONE], ["desktop", DESKTOP]]) {
  test(`they stay text and keep to their place on every page, ${size}`, async () => {
    const { page, context, complaints } = await stage.open("/", { viewport });
    const wrong = [];
    for (const path of await paths()) {
      await page.goto(`/#${path}`);
      await settled(page);
      const { made, wide, inside } = await page.evaluate(() => ({
        made: document.querySelectorAll("img, #content script, #content b, #content iframe").length,
        wide: document.documentElement.scrollWidth - innerWidth,
        // The page may scroll inside itself: sideways it should not.
        inside: Math.max(0, ...[document.querySelector("#content"), document.querySelector("main")].filter(Boolean).map((one) => one.scrollWidth - one.clientWidth)),
      }));
      if (made) wrong.push(`${path}: ${made} elements made`);
      if (wide > 0 || inside > 1) wrong.push(`${path}: ${Math.max(wide, inside)} px too wide`);
    }
    assert.deepEqual(wrong, []);
    assert.deepEqual(complaints, []);
    await context.close();
  });
}

test("the names are shown as they are", async () => {
  const { page, context } = await stage.open("/devices");
  for (const name of NAMES) await seen(page.getByTestId("device-list").getByText(name, { exact: true }));
  await page.goto(`/#/devices/${devices[0].address}`);
  await reads(page.getByRole("heading", { level: 1 }), SCRIPT);
  await reads(page.getByTestId("sensor-note"), SCRIPT);
  assert.match(await page.title(), /<img/);
  await page.goto("/#/alarms");
  await reads(page.getByRole("table"), SCRIPT);
  await context.close();
});

test("a name that runs from right to left leaves what is beside it where it is", async () => {
  const { page, context } = await stage.open("/devices");
  const row = page.getByTestId("device-list").getByRole("listitem").filter({ hasText: "511/h3" });
  await seen(row);
  const { name, number } = await row.evaluate((element) => {
    const title = element.querySelector(".device-title");
    const rect = (from) => (({ left, right }) => ({ left: Math.round(left), right: Math.round(right) }))(from.getBoundingClientRect());
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    const range = document.createRange();
    while (walker.nextNode() && walker.currentNode.data !== "511");
    range.selectNodeContents(walker.currentNode);
    return { name: rect(title), number: rect(range) };
  });
  assert.ok(number.left >= name.right - 1, `${JSON.stringify(name)} ${JSON.stringify(number)}`);
  await context.close();
});

test("news with such names do no harm to pages that are open", async () => {
  const { page, context, complaints } = await stage.open("/");
  await settled(page);
  for (const device of devices.slice(0, -1)) {
    device.event("note", "calm");
    device.event("note", device.credential.name ?? SCRIPT);
  }
  const [wild] = devices.slice(-1);
  wild.send(0, 20, SCRIPT);
  await reads(page.getByTestId("news"), /Wild sensors went offline/);
  assert.equal(await page.locator("img").count(), 0);
  assert.deepEqual(complaints, []);
  await context.close();
});

/** The cells of a CSV text, as RFC 4180 has them. */
function cells(text) {
  const rows = [[""]];
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i], row = rows.at(-1);
    if (quoted) {
      if (c !== '"') row[row.length - 1] += c;
      else if (text[i + 1] === '"') (row[row.length - 1] += '"', i++);
      else quoted = false;
    } else if (c === '"') quoted = true;
    else if (c === ",") row.push("");
    else if (c === "\n") rows.push([""]);
    else if (c !== "\r") row[row.length - 1] += c;
  }
  return rows.filter((row) => row.length > 1);
}

test("no cell of an export is a formula", async () => {
  const query = devices.map(({ address }) => `device=${address}`).join("&");
  const { status, body, headers } = await stage.admin.ask("GET", `/readings.csv?${query}`);
  assert.equal(status, 200);
  assert.match(headers.get("content-type"), /^text\/csv/);
  assert.match(headers.get("content-disposition"), /attachment/);
  const rows = cells(body);
  assert.ok(rows.length > 10, body);
  const bad = rows.flat().filter((cell) => /^[=+\-@\t\r]/.test(cell) && !/^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(cell));
  assert.deepEqual(bad, []);
  assert.ok(rows.flat().includes(`'${FORMULA}`), "the text is kept, behind a quote");
  assert.ok(rows.flat().includes(SCRIPT));
});

test("the pages complained of nothing", () => stage.quiet());
