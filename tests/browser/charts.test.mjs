// Charts: several sensors of several devices, zoomed by keys, mouse and the strip, compared, told to screen readers, shared by address, exported.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { Stage } from "./support/stage.mjs";
import { gone, reads, seen, until } from "./support/until.mjs";

const MINUTE = 60_000;
let stage, north, south, page;

before(async () => {
  stage = await Stage.set();
  await stage.group("farm");
  [north, south] = await Promise.all(["North", "South"].map((name) => stage.device({ group: "farm", id: name.toLowerCase(), name, describe: ["S:temperature:number:C::", "S:humidity:number:%::"] })));
  const past = (value, days) => Array.from({ length: days * 144 }, (_, i) => [Date.now() - (days * 144 - i) * 10 * MINUTE, value(i).toFixed(2)]);
  stage.hub.importReadings(north.address, "temperature", "C", past((i) => 20 + 5 * Math.sin(i / 20), 2));
  stage.hub.importReadings(south.address, "temperature", "C", past((i) => 24 + 4 * Math.cos(i / 20), 2));
  stage.hub.importReadings(north.address, "humidity", "%", past((i) => 60 + 9 * Math.cos(i / 20), 2));
  await north.connect();
  ({ page } = await stage.open("/charts"));
});
after(() => stage?.end());

const query = () => new URLSearchParams(page.url().split("?")[1] ?? "");
const words = () => page.locator(".chart").first().evaluate((chart) => chart.textContent.replace(/\s+/g, " "));
const tool = (name) => page.getByRole("group", { name: "Period of the chart" }).getByRole("button", { name, exact: true });
const HOUR = 60 * MINUTE;
/** The width of the period that stands in the address: live, or from and to. */
const width = async () => (query().has("from") ? Number(query().get("to")) - Number(query().get("from")) : ({ "1h": HOUR, "24h": 24 * HOUR }[query().get("r") ?? "24h"] ?? Number(query().get("r"))));

async function add(device, sensor) {
  await page.getByRole("button", { name: "Add a sensor" }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("combobox", { name: "Device" }).fill(device);
  await page.keyboard.press("Enter");
  await dialog.getByLabel("Sensor", { exact: true }).selectOption({ value: sensor });
  await dialog.getByRole("button", { name: "Add to the chart" }).click();
  await gone(dialog);
}

test("sensors are added one by one, and told in words", async () => {
  await reads(page.locator("main"), "Nothing chosen yet");
  await add("North", "temperature");
  await add("South", "temperature");
  await add("North", "humidity");
  await until("the three are told", async () => {
    const text = await words();
    return /North · temperature: last [\d.]+ C/.test(text) && /South · temperature: last/.test(text) && /North · humidity: last [\d.]+ ?%/.test(text);
  });
  assert.match(await words(), /Least 15\S* C, greatest 25 C/);
  await until("it is drawn", () => page.locator(".chart canvas").first().evaluate((canvas) => canvas.width > 300));
});

test("a reading is drawn as it comes", async () => {
  north.event("temperature", 33.75, "C");
  await reads(page.locator(".chart").first(), /33\.75 C/);
});

test("buttons and keys zoom and move; back and reset lead home", async () => {
  const chart = page.locator(".chart [tabindex='0'][aria-label*='Plus and minus zoom']").first();
  await tool("Zoom in").click();
  await until("half a day is left", async () => Math.abs((await width()) - 12 * HOUR) < MINUTE);
  const zoomed = await width();
  await chart.focus();
  await page.keyboard.press("+");
  await until("it is narrower", async () => (await width()) < zoomed);
  await page.keyboard.press("ArrowLeft");
  await until("it is the past", async () => Number(query().get("to")) > 0 && Number(query().get("to")) < Date.now() - HOUR);
  await page.keyboard.press("Shift+ArrowLeft");
  await until("a reading is read out", async () => /\d: North · temperature [\d.]+/.test(await page.locator(".chart-legend [role=status]").first().textContent()));
  await seen(page.getByRole("button", { name: "Go live" }));
  await tool("Back to the first period").click();
  await until("as it began", async () => (await width()) === 24 * HOUR && !query().has("from"));
});

test("a period is drawn out by the mouse, and the strip moves it", async () => {
  const box = await page.locator(".chart .u-over").first().boundingBox();
  await page.mouse.move(box.x + box.width * 0.3, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.6, box.y + box.height / 2, { steps: 6 });
  await page.mouse.up();
  await until("about a third of the day", async () => Math.abs((await width()) / (24 * HOUR) - 0.3) < 0.1);
  const from = Number(query().get("from"));
  const strip = page.getByRole("group", { name: "Whole history" });
  await strip.getByRole("slider", { name: "Beginning of the period" }).focus();
  await page.keyboard.press("ArrowLeft");
  await until("it begins earlier", async () => Number(query().get("from")) < from);
});

test("the address brings the same chart to another browser", async () => {
  const address = page.url().split("#")[1];
  const { page: other, context } = await stage.open(address);
  await until("the same lines", async () => /North · temperature: last/.test(await other.locator(".chart").first().textContent()));
  assert.equal(await other.locator(".chart-chosen > li").count(), 3);
  await context.close();
});

test("the day before is laid over it", async () => {
  await page.getByLabel("Compare with").selectOption("1d");
  await until("both are told", async () => /North · temperature, earlier: last/.test(await words()));
  await page.getByLabel("Compare with").selectOption("none");
});

test("what is shown is exported, in the viewer's zone", async () => {
  await page.getByRole("button", { name: "Export CSV" }).click();
  const waiting = page.waitForEvent("download");
  await page.getByRole("menuitem", { name: "North · humidity" }).click();
  const download = await waiting;
  assert.match(download.suggestedFilename(), /\.csv$/);
  const lines = readFileSync(await download.path(), "utf8").trim().split(/\r?\n/);
  assert.match(lines[0], /time.*value|value.*time/);
  assert.ok(lines.length > 20 && lines.length < 200, `${lines.length} lines`);
  assert.ok(lines.slice(1).every((line) => /humidity/.test(line) && /[+]01:00|[+]02:00/.test(line)), lines[1]);
});

test("a sensor is taken out again", async () => {
  await page.getByRole("button", { name: "Remove North humidity from the chart" }).click();
  await until("two are left", async () => query().getAll("s").length === 2);
  await seen(page.getByRole("link", { name: "Export CSV" }));
});

test("the pages complained of nothing", () => stage.quiet());
