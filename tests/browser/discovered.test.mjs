// Who is new: an unknown device adopted by its serial, groups, users with their one-time links, tokens; and the audit log, which tells it all.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, test } from "node:test";
import { person } from "./support/browser.mjs";
import { Device } from "./support/device.mjs";
import { PASSWORD, Stage } from "./support/stage.mjs";
import { gone, reads, seen, until } from "./support/until.mjs";

let stage, page, stranger, token;
const SERIAL = randomBytes(16).toString("hex");

before(async () => {
  stage = await Stage.set();
  ({ page } = await stage.open("/groups"));
  stranger = new Device(stage.hub.devices, { type: 733, id: "board-7", serial: SERIAL }, { describe: ["S:level:number:m::"] });
  stage.devices.push(stranger);
});
after(() => stage?.end());

const dialog = () => page.getByRole("dialog");
const field = (label) => dialog().getByLabel(label, { exact: true });
const button = (name) => dialog().getByRole("button", { name, exact: true });

test("a group is made; the same name once more is refused in words", async () => {
  await page.getByRole("button", { name: "Add group" }).first().click();
  await field("Name of the group").fill("orchard");
  await page.keyboard.press("Enter");
  await gone(dialog());
  await reads(page.getByRole("table"), "orchard");
  await page.getByRole("button", { name: "Add group" }).first().click();
  await field("Name of the group").fill("orchard");
  await page.keyboard.press("Enter");
  await reads(dialog(), /already|exists|taken/i);
  await page.keyboard.press("Escape");
});

test("a device that nobody knows is refused, and appears on the open page", async () => {
  await page.goto("/#/discovered");
  await reads(page.locator("main"), /Discovered/);
  await assert.rejects(stranger.connect(), /REFUSED|login/);
  await stranger.close();
  await reads(page.getByRole("table"), /733\/board-7 .*challenge .*127\.0\.0\.1 1 /);
  await stranger.connect().catch(() => undefined);
  await stranger.close();
  await reads(page.getByRole("table"), /127\.0\.0\.1 2 /);
});

test("a serial that does not make the digest that was tried is refused at its field", async () => {
  await page.getByRole("button", { name: "Adopt 733/board-7" }).click();
  await field("Serial of the device").fill(randomBytes(16).toString("hex"));
  await field("Group").selectOption("orchard");
  await button("Adopt").click();
  await seen(dialog().locator(".field.has-error").getByText(/serial/i));
  assert.equal((await stage.admin.get("/devices")).items.length, 0);
});

test("with the right one it is adopted, logs in and is online", async () => {
  await field("Serial of the device").fill(SERIAL);
  await field("Name").fill("Well");
  await button("Adopt").click();
  await seen(page.getByRole("heading", { name: "Well", level: 1 }));
  await reads(page.locator("main"), "never seen");
  await stranger.connect();
  stranger.event("level", 3.25, "m");
  await reads(page.getByTestId("sensor-level"), /3\.25/);
  await reads(page.locator("main"), /online for/);
  assert.deepEqual((await stage.admin.get("/discovered")).items, []);
});

test("a user is made; the link is shown once and sets the password in another browser", async () => {
  await page.goto("/#/users");
  await page.getByRole("button", { name: "Add user" }).first().click();
  await field("Name to log in with").fill("olga");
  await field("Role").selectOption("operator");
  if (!(await field("orchard").isChecked())) await field("orchard").check();
  await button("Make user and link").click();
  const link = await page.getByTestId("once").inputValue();
  assert.match(link, new RegExp(`^${stage.hub.web}/#/setup/\\S{20,}$`));
  await button("Done").click();
  await reads(page.getByRole("table"), /olga operator orchard No password yet/);
  const other = await person(stage.browser, stage.hub.web);
  stage.people.push(other);
  await other.page.goto(link);
  await reads(other.page.locator("main"), "For olga");
  await other.page.getByLabel("New password", { exact: true }).fill(PASSWORD);
  await other.page.getByLabel("The same once more").fill(PASSWORD);
  await other.page.keyboard.press("Enter");
  await seen(other.page.getByRole("heading", { name: "Overview" }));
  await other.page.goto("/#/devices");
  await reads(other.page.getByTestId("device-list"), /Well/);
  assert.doesNotMatch(await page.locator("body").innerText(), new RegExp(link.split("/").at(-1)));
});

test("a new link ends the old password's sessions", async () => {
  const { page: theirs } = stage.people.at(-1);
  await page.reload();
  await reads(page.getByRole("table"), /olga operator orchard Active/);
  await page.getByRole("button", { name: "Actions for olga" }).click();
  await page.getByRole("menuitem", { name: "Change" }).click();
  await field("Role").selectOption("viewer");
  await button("Save").click();
  await reads(page.getByRole("table"), /olga viewer/);
  // What she may do has changed at once, without a reload.
  await theirs.goto(`/#/devices/${stranger.address}`);
  await seen(theirs.getByRole("heading", { name: "Well" }));
  await until("no more an operator", async () => (await theirs.getByRole("button", { name: "Identify" }).count()) === 0);
  await page.getByRole("button", { name: "Actions for olga" }).click();
  await page.getByRole("menuitem", { name: "Disable" }).click();
  await button("Disable").click();
  await seen(theirs.getByRole("dialog", { name: "Log in" }));
});

test("a token is shown once, does what its scope says and no more, and is revoked", async () => {
  await page.goto("/#/account");
  await page.getByRole("button", { name: "New token" }).first().click();
  await field("What it is for").fill("Nightly export");
  await button("Make token").click();
  token = await page.getByTestId("once").inputValue();
  assert.ok(token.length >= 32);
  await button("Done").click();
  const ask = async (method, path, body) => (await fetch(`${stage.hub.web}/api/v1${path}`, { method, headers: { authorization: `Bearer ${token}`, "content-type": "application/json" }, body })).status;
  assert.equal(await ask("GET", "/devices"), 200);
  assert.equal(await ask("POST", "/groups", '{"name":"x"}'), 403);
  assert.equal(await ask("GET", "/me/tokens"), 403);
  await page.getByRole("button", { name: "Revoke Nightly export" }).click();
  await dialog().getByRole("button", { name: /Revoke|OK|Remove/ }).click();
  await until("it is worth nothing", async () => (await ask("GET", "/devices")) === 401);
});

test("the audit log tells all of it, and keeps no secret", async () => {
  await page.goto("/#/audit");
  const table = page.getByRole("table");
  for (const what of [/group\.add orchard/, /device\.add \d+ in orchard Well/, /user\.add olga/, /olga dashboard, 127\.0\.0\.1 user\.setup/, /token/]) await reads(table, what);
  const text = JSON.stringify(await stage.admin.get("/audit?limit=1000"));
  for (const secret of [token, SERIAL, PASSWORD]) assert.ok(!text.includes(secret));
  await page.getByLabel("Who").fill("olga");
  await until("only what she did", async () => (await table.locator("tbody tr").allInnerTexts()).every((row) => /olga/.test(row)));
  await page.reload();
  await until("the filter is in the address", async () => (await page.getByLabel("Who").inputValue()) === "olga");
});

test("the pages complained of nothing", () => stage.quiet());
