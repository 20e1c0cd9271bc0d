// The first start: from the printed link to a browser that is logged in, by the keyboard alone.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, person } from "./support/browser.mjs";
import { Hub } from "./support/hub.mjs";
import { gone, reads, seen, until } from "./support/until.mjs";

const PASSWORD = "correct horse battery";
let hub, browser, someone, page;

before(async () => {
  [hub, browser] = await Promise.all([Hub.start(), launch()]);
  someone = await person(browser, hub.web);
  page = someone.page;
});
after(async () => {
  await browser?.close();
  await hub?.stop();
});

/** Presses Tab until `locator` has the focus. */
async function tabTo(locator) {
  const focused = () => locator.evaluate((element) => element === document.activeElement);
  for (let i = 0; i < 40; i++) {
    if (await focused()) return;
    await page.keyboard.press("Tab");
  }
  assert.fail(`Tab does not reach ${locator}`);
}

const field = (label) => page.getByLabel(label, { exact: true });
const button = (name) => page.getByRole("button", { name, exact: true });

/** What a field says is wrong with it, as a screen reader hears it. */
async function errorOf(locator) {
  return locator.evaluate((input) =>
    input.getAttribute("aria-invalid") !== "true" ? "" : (input.getAttribute("aria-describedby") ?? "").split(" ").map((id) => document.getElementById(id)?.textContent ?? "").join(" "));
}

test("the printed link asks for a password and says who for", async () => {
  assert.match(hub.setupLink, new RegExp(`^${hub.web}/#/setup/[A-Za-z0-9_-]{20,}$`));
  await page.goto(hub.setupLink);
  await seen(page.getByRole("heading", { name: "Set your password" }));
  await reads(page.locator("main"), "For admin");
  assert.match(await page.title(), /Set your password/);
});

test("a password that is too short is refused at its field", async () => {
  await tabTo(field("New password"));
  await page.keyboard.type("too short");
  await tabTo(field("The same once more"));
  await page.keyboard.type("too short");
  await page.keyboard.press("Enter");
  await until("the field says so", async () => /At least 12 characters/.test(await errorOf(field("New password"))));
});

test("one that is repeated differently is refused at the second field", async () => {
  await field("New password").focus();
  await page.keyboard.press("Control+A");
  await page.keyboard.type(PASSWORD);
  await tabTo(field("The same once more"));
  await page.keyboard.press("Control+A");
  await page.keyboard.type(`${PASSWORD}!`);
  await page.keyboard.press("Enter");
  await until("the field says so", async () => /not the same/.test(await errorOf(field("The same once more"))));
  assert.equal(await errorOf(field("New password")), "");
});

test("a good one is set, and the browser is logged in", async () => {
  await field("The same once more").focus();
  await page.keyboard.press("Control+A");
  await page.keyboard.type(PASSWORD);
  await tabTo(button("Set the password and log in"));
  await page.keyboard.press("Enter");
  await seen(page.getByRole("heading", { name: "Overview" }));
  await reads(page.locator("main"), "There are no devices yet");
  await reads(page.getByTestId("live-state"), "Live");
});

test("the link works no second time, in this browser or another", async () => {
  const other = await person(browser, hub.web);
  await other.page.goto(hub.setupLink);
  await reads(other.page.locator("main"), "This link works no more");
  await other.page.getByRole("link", { name: "To the login" }).click();
  await seen(other.page.getByRole("heading", { name: "Log in" }));
  assert.deepEqual(other.complaints, []);
  await other.context.close();
});

test("log out by the keyboard, and no page is left behind", async () => {
  await tabTo(button("More"));
  await page.keyboard.press("Enter");
  await seen(page.getByRole("menuitem", { name: "Log out" }));
  await page.keyboard.press("End");
  await page.keyboard.press("Enter");
  await seen(page.getByRole("heading", { name: "Log in" }));
  await page.goto("/#/devices");
  await seen(page.getByRole("heading", { name: "Log in" }));
  assert.equal(await page.getByRole("navigation").count(), 0);
});

test("a wrong password is refused with a sentence, and a missing one at its field", async () => {
  await tabTo(field("Name"));
  await page.keyboard.type("admin");
  await page.keyboard.press("Enter");
  await until("the field says so", async () => /Type your password/.test(await errorOf(field("Password"))));
  await tabTo(field("Password"));
  await page.keyboard.type("not the password");
  await page.keyboard.press("Enter");
  await reads(page.getByRole("alert"), /password/i);
  assert.equal(await field("Password").inputValue(), "");
  assert.equal(await field("Name").inputValue(), "admin");
});

test("the right one leads in, to the page that was asked for", async () => {
  await tabTo(field("Password"));
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press("Enter");
  await seen(page.getByRole("heading", { name: "Devices" }));
});

test("the keys lead through the pages", async () => {
  for (const [keys, heading] of [["g o", "Overview"], ["g d", "Devices"], ["g u", "Users"], ["g h", "Health"]]) {
    for (const key of keys.split(" ")) await page.keyboard.press(key);
    await seen(page.getByRole("heading", { name: heading, level: 1 }));
  }
  await page.keyboard.press("?");
  await seen(page.getByRole("dialog", { name: "Keyboard shortcuts" }));
  await page.keyboard.press("Escape");
  await gone(page.getByRole("dialog", { name: "Keyboard shortcuts" }));
  await page.keyboard.press("g");
  await page.keyboard.press("d");
  await seen(page.getByRole("heading", { name: "Devices", level: 1 }));
  await page.keyboard.press("/");
  await until("the search has the focus", () => page.getByLabel("Search devices").evaluate((e) => e === document.activeElement));
  await page.keyboard.press("Escape");
});

test("the skip link leads to the content", async () => {
  await page.reload();
  await seen(page.getByRole("heading", { name: "Devices" }));
  await tabTo(page.getByRole("link", { name: "Skip to the content" }));
  await page.keyboard.press("Enter");
  await until("the content has the focus", () => page.locator("#content").evaluate((e) => e === document.activeElement));
});

test("the pages complained of nothing", () => assert.deepEqual(someone.complaints, []));
