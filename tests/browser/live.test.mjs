// An open page follows the devices: presence, readings, the switch that shows what is so and not what is wished, and a lost hub.
import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { after, before, test } from "node:test";
import { Stage } from "./support/stage.mjs";
import { gone, reads, seen, until } from "./support/until.mjs";
import { arrival, figures, noteNews, notedTexts, noteTexts, now } from "./support/watching.mjs";

let stage, vent, list, overview, device;

before(async () => {
  // A command that nobody answers is to time out while the test looks on.
  stage = await Stage.set({ HUB_COMMANDS__EXPIRE_SECONDS: "3", HUB_COMMANDS__ANSWER_SECONDS: "3" });
  await stage.group("greenhouse");
  vent = await stage.device({
    group: "greenhouse", id: "vent-1", name: "Vent north",
    sensors: { temperature: 20 }, actuators: { lamp: "false" },
    describe: ["S:temperature:number:C:-20:60", "A:lamp:boolean::"],
  });
  [list, overview] = await Promise.all([stage.open("/devices"), stage.open("/")]);
  for (const { context } of [list, overview]) await noteNews(context);
  await Promise.all([list.page.reload(), overview.page.reload()]);
});
after(() => stage?.end());

const ROW = "[data-testid=device-list] [role=listitem]";
const SENSOR = "[data-testid=sensor-temperature] .value";

test("a device comes online on the open list and the open overview", async (t) => {
  await reads(list.page.locator(ROW), /never seen.*Vent north/);
  await reads(overview.page.getByTestId("news"), "was registered");
  await noteTexts(list.page, `${ROW} .state`);
  await vent.connect();
  const from = now();
  await reads(list.page.locator(ROW), /online.*Vent north/);
  await reads(overview.page.locator("a.tile", { hasText: "Online" }), /1 of 1 device/);
  await reads(overview.page.getByTestId("news"), /Vent north came online/);
  const shown = (await notedTexts(list.page, `${ROW} .state`)).find(({ text }) => text === "online").at;
  const told = await arrival(list.page, '"e":"presence"');
  t.diagnostic(`online: seen ${Math.round(shown - from)} ms after the login's end, ${Math.round(shown - told)} ms after the news`);
  assert.ok(shown - told < 100, `${shown - told} ms from the news to the page`);
});

test("a reading is shown within 100 ms", async (t) => {
  device = await stage.open("/");
  await noteNews(device.context);
  await device.page.reload();
  await device.page.goto(`/#/devices/${vent.address}`);
  await seen(device.page.locator(SENSOR));
  await noteTexts(device.page, SENSOR);
  const sent = [];
  // Values that are told apart in the page.
  for (let i = 0; i < 25; i++) {
    const value = 21 + i / 100;
    sent.push({ text: String(value), at: now() });
    vent.event("temperature", value, "C");
    await until(`${value} is shown`, async () => (await notedTexts(device.page, SENSOR)).some(({ text }) => parseFloat(text) === value));
    await pause(40);
  }
  const shown = await notedTexts(device.page, SENSOR);
  const at = (text) => shown.find((one) => parseFloat(one.text) === Number(text)).at;
  const whole = figures(sent.map(({ text, at: from }) => at(text) - from));
  const page = figures(await Promise.all(sent.map(async ({ text }) => at(text) - (await arrival(device.page, `"value":${text},`) ?? await arrival(device.page, `"value":${text}}`)))));
  t.diagnostic(`reading, from the device's write to the page: ${JSON.stringify(whole)} ms; of it in the page: ${JSON.stringify(page)} ms`);
  assert.ok(page.median < 100, "the page's part");
  // What the hub needs, with a commit to disk in it, is judged with room for a busy machine.
  assert.ok(whole.median < Number(process.env.LATENCY_MS ?? 250), "the whole way");
});

const lamp = () => device.page.getByRole("switch", { name: "lamp" });
const reported = () => device.page.getByTestId("reported-lamp");
const wanted = () => device.page.getByTestId("wanted-lamp");
const newest = () => device.page.locator("ol.commands > li").first();

test("a switch shows what the device says, only after it has answered", async () => {
  const { page } = device;
  assert.equal(await lamp().getAttribute("aria-checked"), "false");
  vent.answers = false;
  await lamp().click();
  const order = await vent.next((frame) => /^0\|\d+\|3\|lamp\|true\|/.test(frame));
  await reads(wanted(), /Wanted: on .*sent.*has not confirmed/);
  await reads(newest(), /WRITE lamp true.*sent/);
  assert.equal(await lamp().getAttribute("aria-checked"), "false", "asked for is not done");
  assert.equal(await lamp().getAttribute("aria-busy"), "true");
  await noteTexts(page, "[data-testid=reported-lamp]");
  vent.actuators.lamp = "true";
  vent.send(0, 4, "lamp", "true", order.split("|").at(-2));
  await reads(reported(), "on");
  await until("the switch is on", async () => (await lamp().getAttribute("aria-checked")) === "true");
  await gone(wanted());
  await reads(newest(), /done/);
});

test("a device that does not answer is never shown as done", async () => {
  await noteTexts(device.page, "[data-testid=reported-lamp]");
  await lamp().click();
  await vent.next((frame) => /\|3\|lamp\|false\|/.test(frame));
  await reads(wanted(), /Wanted: off .*sent/);
  await reads(wanted(), /no answer/);
  await reads(newest(), /WRITE lamp false.*no answer/);
  assert.equal(await lamp().getAttribute("aria-checked"), "true");
  const words = (await notedTexts(device.page, "[data-testid=reported-lamp]")).map(({ text }) => text);
  assert.ok(words.every((word) => word !== "off"), `shown meanwhile: ${words}`);
  vent.answers = true;
});

test("a device that refuses is shown with its reason", async () => {
  vent.answers = false;
  await lamp().click();
  const order = await vent.next((frame) => /\|3\|lamp\|false\|/.test(frame));
  vent.send(0, 5, "JAMMED", order.split("|").at(-2));
  await reads(newest(), /rejected.*JAMMED/);
  assert.equal(await lamp().getAttribute("aria-checked"), "true");
  vent.answers = true;
});

test("read now asks the device and shows its answer", async () => {
  vent.sensors.temperature = 33.25;
  await device.page.getByRole("button", { name: "Read now: temperature" }).click();
  await reads(device.page.getByTestId("sensor-temperature"), /33\.25/);
  await reads(device.page.getByTestId("sensor-temperature"), /done/);
});

test("a device that says goodbye is offline, with the reason", async () => {
  vent.send(0, 20, "night");
  await reads(device.page.locator("main"), /offline for .*\(it said goodbye\)/);
  await reads(list.page.locator(ROW), /offline.*Vent north/);
  await reads(overview.page.getByTestId("news"), /Vent north went offline \(it said goodbye\)/);
  await vent.close();
});

test("a lost hub is told, with the age of what is shown; the pages come back by themselves", async () => {
  await vent.connect();
  await reads(list.page.locator(ROW), /online.*Vent north/);
  await stage.hub.halt();
  for (const { page } of [list, overview, device]) {
    await reads(page.getByTestId("connection-bar"), /No connection to the hub\. What you see is \d+ (s|min).* old/);
    assert.equal(await page.locator(".shell.is-stale").count(), 1, "values are greyed out");
  }
  await vent.close();
  await stage.hub.resume();
  for (const { page } of [list, overview, device]) await gone(page.getByTestId("connection-bar"), 30_000);
  await reads(list.page.locator(ROW), /offline.*Vent north/);
  await vent.connect();
  await reads(list.page.locator(ROW), /online.*Vent north/);
  vent.event("temperature", 12.5, "C");
  await reads(device.page.locator(SENSOR), "12.5");
});

test("the pages complained of nothing", () => stage.quiet());
