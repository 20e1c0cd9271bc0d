// An alarm from its rule to its end: the editor with levels to drag and its back-test, raised, acknowledged, shelved, cleared, told in the history.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Stage } from "./support/stage.mjs";
import { gone, reads, seen, until } from "./support/until.mjs";

const MINUTE = 60_000;
let stage, boiler, one, page;

before(async () => {
  stage = await Stage.set();
  await stage.group("cellar");
  boiler = await stage.device({ group: "cellar", id: "boiler", name: "Boiler", sensors: { temperature: 50 }, describe: ["S:temperature:number:C::"] });
  // A day between 40 and 60 degrees, three times up and down.
  const rows = Array.from({ length: 288 }, (_, i) => [Date.now() - (288 - i) * 5 * MINUTE, (50 - 10 * Math.cos((i / 96) * 2 * Math.PI)).toFixed(2)]);
  stage.hub.importReadings(boiler.address, "temperature", "C", rows);
  await boiler.connect();
  boiler.event("temperature", 50, "C");
  one = await stage.open(`/rules/new?device=${boiler.address}`);
  page = one.page;
});
after(() => stage?.end());

const level = (id) => page.getByTestId(`level-${id}`);
const valueOf = async (id) => Number(await level(id).getAttribute("aria-valuenow"));
const field = (name) => page.locator(`input[name=${name}]`);

test("the editor proposes levels near the last value, and tries them on the past", async () => {
  await field("name").fill("Too hot");
  await field("sensor").fill("temperature");
  await seen(level("raise"));
  await until("levels are proposed", async () => (await field("raise").inputValue()) !== "");
  await field("raise").fill("58");
  await field("clear").fill("55");
  await until("the level follows the field", async () => (await valueOf("raise")) === 58);
  await reads(page.getByTestId("backtest"), /It would have been raised 3 times, .* in all/);
  await page.getByTestId("backtest").getByRole("button", { name: "Show when" }).click();
  await until("each time is listed", async () => (await page.locator(".trial-spans li").count()) === 3);
});

test("a level moves by the arrow keys, and the field and the back-test go along", async () => {
  await level("raise").focus();
  const before = await valueOf("raise");
  await page.keyboard.press("ArrowUp");
  await until("it rises", async () => (await valueOf("raise")) > before);
  const gap = (await valueOf("raise")) - (await valueOf("clear"));
  assert.ok(Math.abs(gap - 3) < 1e-6, `the clear level goes along: ${gap}`);
  for (let i = 0; i < 4; i++) await page.keyboard.press("PageUp");
  await until("above all readings", async () => (await valueOf("raise")) > 60);
  await until("the field follows", async () => Number(await field("raise").inputValue()) === (await valueOf("raise")));
  await reads(page.getByTestId("backtest"), /It would have been raised 0 times/);
});

test("a level moves by the mouse", async () => {
  const from = await level("raise").boundingBox();
  const before = await valueOf("raise");
  const chart = await page.locator(".chart-levels").boundingBox();
  await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2);
  await page.mouse.down();
  await page.mouse.move(from.x + from.width / 2, chart.y + chart.height * 0.4, { steps: 5 });
  await page.mouse.up();
  await until("it falls", async () => (await valueOf("raise")) < before);
  const now = await valueOf("raise");
  assert.ok(now > 44 && now < 60, `in the middle of the chart: ${now}`);
  await reads(page.getByTestId("backtest"), /It would have been raised 3 times/);
  await until("the field follows", async () => Number(await field("raise").inputValue()) === now);
});

test("the back-test is drawn over the readings", async () => {
  // A canvas has no text; what a screen reader is told is made of the same stretches.
  await until("the stretches are told", async () => /3 marked stretches/.test(await page.locator(".trial").textContent()));
});

test("what is missing is said at its field; a whole rule is saved", async () => {
  await field("raise").fill("70");
  await field("clear").fill("80");
  await page.getByRole("button", { name: "Save the rule" }).click();
  await reads(page.locator(".field.has-error"), "Not above the raise level");
  await field("clear").fill("65");
  await page.getByRole("button", { name: "Save the rule" }).click();
  await seen(page.getByRole("heading", { name: "Too hot", level: 1 }));
  await reads(page.locator("main"), /temperature above 70/);
  await reads(page.locator("main"), /normal/);
});

test("a reading raises the alarm, and every page tells", async () => {
  await page.goto("/#/alarms");
  await reads(page.locator("main"), "No open alarms");
  boiler.event("temperature", 71.5, "C");
  await reads(page.getByRole("table"), /major .*Too hot .*Boiler .*71\.5 .*raised/);
  await reads(page.getByRole("alert").first(), "Alarm major: Too hot");
  await reads(page.getByRole("navigation").getByRole("link", { name: /^Alarms/ }), "1");
});

test("it is acknowledged with a note", async () => {
  await page.getByRole("button", { name: "Acknowledge", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Note").fill("The valve was <shut>; opened it.");
  await dialog.getByRole("button", { name: "Acknowledge" }).click();
  await gone(dialog);
  await reads(page.getByRole("table"), /Too hot .*acknowledged/);
});

test("it is shelved, and comes back", async () => {
  await page.getByRole("button", { name: "More about Too hot" }).click();
  await page.getByRole("menuitem", { name: "Shelve" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("1 hour").check();
  await dialog.getByLabel("Note").fill("Waiting for the plumber");
  await dialog.getByRole("button", { name: "Shelve" }).click();
  await gone(dialog);
  await reads(page.getByRole("table"), /shelved/);
  const [alarm] = (await stage.admin.get("/alarms?open=true")).items;
  const left = alarm.shelved_until_ms - Date.now();
  assert.ok(left > 50 * MINUTE && left <= 60 * MINUTE, `${left} ms`);
  await page.getByRole("button", { name: "More about Too hot" }).click();
  await page.getByRole("menuitem", { name: "Unshelve" }).click();
  await until("the mark goes", async () => !/shelved/.test(await page.getByRole("table").innerText()));
});

test("a reading clears it; the history tells all of it", async () => {
  await page.getByRole("link", { name: "Too hot" }).click();
  await seen(page.getByRole("heading", { name: "Too hot", level: 1 }));
  boiler.event("temperature", 60, "C");
  await reads(page.locator(".timeline"), /Raised.*71\.5.*Acknowledged.*The valve was <shut>; opened it\..*admin.*Shelved.*plumber.*Unshelved.*Cleared/);
  await reads(page.locator("main"), /cleared/);
  await page.goto("/#/alarms");
  await reads(page.locator("main"), "No open alarms");
  await page.getByRole("tab", { name: "History" }).click();
  await reads(page.getByRole("table"), /Too hot .*cleared/);
});

test("a rule that is switched off raises nothing, and one that is removed is gone", async () => {
  await page.goto("/#/rules");
  await page.getByRole("switch", { name: "Rule Too hot enabled" }).click();
  await until("the hub knows", async () => !(await stage.admin.get("/rules")).items[0].enabled);
  boiler.event("temperature", 90, "C");
  await until("the reading is stored", async () => (await stage.admin.get(`/devices/${boiler.address}/capabilities`)).sensors[0].last.value === 90);
  assert.equal((await stage.admin.get("/alarms?open=true")).items.length, 0);
  await page.getByRole("link", { name: "Too hot" }).click();
  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: "Remove" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await reads(page.locator("main"), "No alarm rules yet");
});

test("the pages complained of nothing", () => stage.quiet());
