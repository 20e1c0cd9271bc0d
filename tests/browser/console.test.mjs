// The message console: a module, a function, its fields, sent; what comes of it and what passes, filtered and paused; frames from the viewer's own address.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Stage } from "./support/stage.mjs";
import { gone, reads, seen, until } from "./support/until.mjs";

let stage, pump, valve, page;

before(async () => {
  stage = await Stage.set({ HUB_COMMANDS__EXPIRE_SECONDS: "3", HUB_COMMANDS__ANSWER_SECONDS: "3" });
  await stage.group("field");
  await stage.group("other");
  const parts = { describe: ["S:flow:number:l/min::", "A:pump:boolean::", "A:speed:number:0:100"], sensors: { flow: 12 }, actuators: { pump: "false", speed: 10 } };
  pump = await stage.device({ group: "field", id: "pump-1", name: "Pump west", labels: ["water"], ...parts });
  valve = await stage.device({ group: "field", id: "valve-1", name: "Valve", labels: ["water"], ...parts });
  for (const device of [pump, valve]) await device.connect();
  ({ page } = await stage.open("/console?group=field"));
});
after(() => stage?.end());

const log = () => page.getByRole("grid", { name: "Messages and events" });
const sent = () => page.getByTestId("sent").first();
const send = () => page.getByRole("button", { name: "Send", exact: true }).click();
const field = (label) => page.getByLabel(label, { exact: true });

test("a module is picked by its name, and offers the functions that it has", async () => {
  await page.getByRole("combobox", { name: "Which module" }).fill("west");
  await page.getByRole("option", { name: /Pump west/ }).click();
  await reads(page.getByRole("form", { name: "Send" }), /Pump west .*online/);
  const functions = await field("Function").locator("option").allInnerTexts();
  assert.ok(functions.some((one) => /READ/.test(one)) && functions.some((one) => /WRITE/.test(one)), functions.join());
});

test("a WRITE is filled in, checked, shown as its frame, sent and followed to its end", async () => {
  await field("Function").selectOption("3");
  await field("Actuator").selectOption("speed");
  await field("Value").fill("140");
  await send();
  await reads(page.getByRole("form", { name: "Send" }), "A number from 0 to 100");
  assert.equal((await stage.admin.get("/commands")).items.length, 0, "nothing was sent");
  await field("Value").fill("40");
  await reads(page.getByTestId("frame"), new RegExp(`^0\\|${pump.address}\\|3\\|speed\\|40\\|‹expiry›\\|‹number›\\|$`));
  await send();
  await reads(sent(), /WRITE speed 40 .*Pump west .*done/);
  assert.equal(pump.actuators.speed, "40");
  await reads(log(), /WRITE .*speed/);
});

test("its states are told as they are: refused, not answered", async () => {
  pump.refuses = "JAMMED";
  await field("Value").fill("41");
  await send();
  await reads(sent(), /WRITE speed 41 .*rejected.*JAMMED/);
  pump.refuses = "";
  pump.answers = false;
  await field("Value").fill("42");
  await send();
  await reads(sent(), /WRITE speed 42 .*sent/);
  await reads(sent(), /WRITE speed 42 .*no answer/);
  pump.answers = true;
});

test("an order to a label asks first, and reaches all that carry it", async () => {
  await page.getByRole("radio", { name: "Label" }).check();
  await field("Which label").fill("water");
  await field("Function").selectOption("3");
  await field("Actuator").fill("pump");
  await field("Value").fill("true").catch(() => page.getByRole("radio", { name: "on", exact: true }).check());
  await page.getByRole("button", { name: "Send to all 2 devices" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Send" }).click();
  await reads(sent(), /WRITE pump true .*@water/);
  await until("both did it", () => pump.actuators.pump === "true" && valve.actuators.pump === "true");
  await page.getByRole("radio", { name: "Module" }).check();
});

test("a frame from the viewer's own address goes to a device, and its answer comes back", async () => {
  const own = Number(/is (\d+)/.exec(await reads(page.locator(".console-log-foot"), /Your address in this group is \d+/))[1]);
  await field("Function").selectOption("other");
  await field("Type").fill("1000");
  await page.getByRole("radio", { name: "a message of yours" }).check();
  await field("Field 1").fill("how | are you?");
  await send();
  const frame = await pump.next((one) => one.split("|")[2] === "1000" && one.startsWith(`${own}|`));
  assert.equal(frame, `${own}|${pump.address}|1000|how %7C are you?|`);
  pump.send(own, 1000, "fine, thank you");
  await reads(log(), /fine, thank you/);
  await reads(sent(), /1000 how \| are you\?.*message sent/);
});

test("readings and frames between devices arrive as they pass", async () => {
  pump.event("flow", 13.5, "l/min");
  await reads(log(), /Pump west .*EVENT .*flow: 13\.5 l\/min/);
  valve.send(pump.address, 1234, "between us");
  await reads(log(), /Valve .*Pump west .*1234 .*between us/);
});

test("the filter keeps what it names, and lets go of it again", async () => {
  await page.getByRole("button", { name: "Filter", exact: true }).click();
  await page.getByPlaceholder(/^Text/).fill("between us");
  await until("one line is left", async () => (await log().getByRole("row").count()) === 1);
  await page.getByRole("button", { name: "Clear filter" }).click();
  await until("all are back", async () => (await log().getByRole("row").count()) > 5);
  await page.getByPlaceholder(/^Type/).fill("EVENT");
  await until("only readings are left", async () => (await log().getByRole("row").allInnerTexts()).every((row) => /EVENT/.test(row)));
  await page.getByRole("button", { name: "Clear filter" }).click();
  const chip = page.getByRole("button", { name: "Frames", exact: true });
  await chip.click();
  assert.equal(await chip.getAttribute("aria-pressed"), "false");
  await until("no frames are left", async () => !/EVENT/.test(await log().innerText()));
  await chip.click();
});

test("paused, nothing moves; what came meanwhile is not lost", async () => {
  await page.getByRole("button", { name: "Pause" }).click();
  const before = await log().getByRole("row").count();
  for (let i = 0; i < 3; i++) valve.send(pump.address, 1234, `while paused ${i}`);
  await seen(page.getByRole("button", { name: /Go on \(\d+\)/ }));
  assert.doesNotMatch(await log().innerText(), /while paused/);
  assert.equal(await log().getByRole("row").count(), before);
  await page.getByRole("button", { name: /Go on/ }).click();
  await reads(log(), /while paused 0.*while paused 1.*while paused 2/);
});

test("a burst is there in order, what was left out is counted, and only what is on the screen is drawn", async () => {
  const foot = page.locator(".console-log-foot");
  const before = Number(/^(\d+) lines?/.exec(await foot.innerText())[1]);
  for (let i = 0; i < 1_500; i++) valve.send(pump.address, 1235, `burst ${i}`);
  let lines = 0, missed = 0;
  await until("each is there or counted", async () => {
    const text = (await foot.innerText()).replaceAll(",", "");
    lines = Number(/^(\d+) lines?/.exec(text)[1]) - before;
    missed = Number(/(\d+) (?:frames? )?(?:was|were) left out/.exec(text)?.[1] ?? 0);
    return lines + missed >= 1_500;
  }).catch((error) => assert.fail(`${error.message}: ${lines} lines, ${missed} missed`));
  assert.ok((await log().getByRole("row").count()) < 80);
  const numbers = (await log().getByRole("row").allInnerTexts()).map((row) => Number(/burst (\d+)/.exec(row)?.[1] ?? -1)).filter((n) => n >= 0);
  assert.ok(numbers.length > 5 && numbers.every((n, i) => i === 0 || n > numbers[i - 1]), numbers.join());
});

test("a line opens with the whole frame", async () => {
  valve.send(pump.address, 1237, "the last", "with %, | and more");
  const last = log().getByRole("row").last();
  await reads(last, /the last/);
  await last.click();
  await reads(page.getByRole("dialog"), `${valve.address}|${pump.address}|1237|the last|with %25, %7C and more|`);
  await page.keyboard.press("Escape");
  await gone(page.getByRole("dialog"));
});

test("frames of another group do not come", async () => {
  const foreign = await stage.device({ group: "other", id: "x" });
  await foreign.connect();
  foreign.event("secret", 1);
  valve.send(pump.address, 1236, "the end");
  await reads(log(), /the end/);
  assert.doesNotMatch(await log().innerText(), /secret/);
});

test("the pages complained of nothing", () => stage.quiet());
