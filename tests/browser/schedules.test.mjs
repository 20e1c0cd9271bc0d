// A schedule from its editor, with the next runs as the zone's clocks have them, to its runs and their commands; paused, and removed.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Stage } from "./support/stage.mjs";
import { reads, seen, until } from "./support/until.mjs";

let stage, lamp, page;

before(async () => {
  stage = await Stage.set();
  await stage.group("house");
  lamp = await stage.device({ group: "house", id: "lamp", name: "Porch lamp", describe: ["A:light:boolean::"], actuators: { light: "false" } });
  await lamp.connect();
  ({ page } = await stage.open("/schedules"));
});
after(() => stage?.end());

const preview = () => page.getByTestId("preview");
const save = () => page.getByRole("button", { name: "Save the schedule" }).click();

test("with none, the page says what one is for", async () => {
  await reads(page.locator("main"), /No schedules yet.*A schedule sends a command/);
  await page.getByRole("link", { name: "New schedule" }).first().click();
  await seen(page.getByRole("heading", { name: "New schedule" }));
});

test("what is missing is said at its field", async () => {
  await save();
  await reads(page.locator(".field.has-error").first(), "Give it a name");
  await until("the first wrong field has the focus", () => page.locator("input[name=name]").evaluate((one) => one === document.activeElement));
  assert.equal((await stage.admin.get("/schedules")).items.length, 0);
});

test("the next runs are shown while it is written, over a change of the clocks too", async () => {
  await page.locator("input[name=zone]").fill("Europe/Madrid");
  await reads(preview(), /06:30/);
  await page.getByLabel("Repeats").selectOption("pattern");
  await page.getByLabel("Cron pattern").fill("0 30 2 28 3 *");
  // On 28 March 2027 the clocks go from 2:00 to 3:00.
  await reads(preview(), /2027-03-28 03:00.*clocks go forward/);
  await page.getByLabel("Cron pattern").fill("nonsense");
  await seen(page.locator(".field-error"));
  await page.getByRole("radio", { name: "At an even interval" }).check();
});

test("it is saved, and runs", async () => {
  await page.locator("input[name=name]").fill("Porch light");
  await page.getByRole("combobox", { name: /Device/ }).fill("porch");
  await page.getByRole("option", { name: /Porch lamp/ }).click();
  await page.locator("input[name=actuator]").fill("light");
  await page.getByLabel(/^Value/).selectOption("true");
  await page.getByLabel("Unit of Every").selectOption("s");
  await page.getByLabel(/^Every/).first().fill("1");
  await reads(preview(), /\d\d:\d\d:\d\d/);
  await save();
  await seen(page.getByRole("heading", { name: "Porch light", level: 1 }));
  await reads(page.locator("main"), /every 1 s/);
  await lamp.next((frame) => /\|3\|light\|true\|/.test(frame));
  const runs = page.getByRole("table").last();
  await reads(runs, /ordered .*1 done/);
  await until("runs follow each other on the open page", async () => (await runs.getByRole("row").count()) >= 4);
});

test("its commands stand in the device's history, with its name as their reason", async () => {
  const { id } = (await stage.admin.get("/schedules")).items[0];
  const other = await stage.open(`/devices/${lamp.address}`);
  await reads(other.page.locator("ol.commands > li").first(), new RegExp(`WRITE light true .*by schedule ${id}`));
  await reads(other.page.getByTestId("reported-light"), "on");
  await other.context.close();
});

test("paused, it runs no more", async () => {
  await page.getByRole("switch", { name: "Schedule Porch light active" }).click();
  await reads(page.locator("main"), /It is paused: there are no runs/);
  const { id } = (await stage.admin.get("/schedules")).items[0];
  const count = async () => (await stage.admin.get(`/schedules/${id}/runs`)).items.length;
  const before = await count();
  // Longer than its period, by the clock of the hub.
  const end = (await stage.admin.get("/health")).now_ms + 2_500;
  await until("its period has passed twice", async () => (await stage.admin.get("/health")).now_ms > end);
  assert.ok((await count()) - before <= 1, "one may have been under way");
});

test("the list tells it, and goes on from there", async () => {
  await page.goto("/#/schedules");
  await reads(page.getByRole("table"), /Porch light .*every 1 s .*set light = true .*Porch lamp .*paused/);
  await page.getByRole("switch", { name: "Schedule Porch light active" }).click();
  await lamp.next((frame) => /\|3\|light\|true\|/.test(frame));
  await page.getByRole("switch", { name: "Schedule Porch light active" }).click();
  await until("the hub knows", async () => (await stage.admin.get("/schedules")).items[0].paused);
});

test("it is removed when that is confirmed", async () => {
  await page.getByRole("link", { name: "Porch light" }).click();
  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: /Remove/ }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
  assert.equal((await stage.admin.get("/schedules")).items.length, 1);
  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: /Remove/ }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await reads(page.locator("main"), "No schedules yet");
  assert.equal((await stage.admin.get("/schedules")).items.length, 0);
});

test("the pages complained of nothing", () => stage.quiet());
