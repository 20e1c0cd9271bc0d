// Pictures of every page, phone and desktop, light and dark, of a hub in use: into the folder IMAGES, or target/images.
import assert from "node:assert/strict";
import { mkdirSync, statSync } from "node:fs";
import { after, before, test } from "node:test";
import { DESKTOP, PHONE } from "./support/browser.mjs";
import { furnish } from "./support/furnished.mjs";
import { settled } from "./support/pages.mjs";
import { seen } from "./support/until.mjs";

const FOLDER = process.env.IMAGES ?? new URL("../../target/images", import.meta.url).pathname;
const MOST_BYTES = 64_000;
/** What the editors show once the hub has answered. */
const READY = { "rule-editor": /It would (not )?have been raised/, "schedule-editor": /\d\d:\d\d:\d\d/ };
let stage;

before(async () => {
  mkdirSync(FOLDER, { recursive: true });
  stage = await furnish();
});
after(() => stage?.end());

const pages = () => {
  const device = stage.named["Climate north"].address;
  const south = stage.named["Climate south"].address;
  return {
    overview: "/", devices: "/devices", device: `/devices/${device}?s=temperature`, alarms: "/alarms", alarm: `/alarms/${stage.alarm}`,
    charts: `/charts?s=${device}:temperature&s=${south}:temperature&s=${device}:humidity`, rules: "/rules", rule: `/rules/${stage.rule}`,
    "rule-editor": `/rules/new?copy=${stage.rule}`, "schedule-editor": `/schedules/new?copy=${stage.schedule}`,
    schedules: "/schedules", schedule: `/schedules/${stage.schedule}`, console: `/console?group=greenhouse&device=${device}`, groups: "/groups", users: "/users",
    discovered: "/discovered", audit: "/audit", settings: "/settings", health: "/health", account: "/account",
  };
};

/** Gives the console something to show: an order from it, and readings. */
async function talk(page) {
  const north = stage.named["Climate north"];
  for (const value of [22.4, 22.5]) north.event("temperature", value, "C");
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await seen(page.getByTestId("sent").getByText("done"));
  for (const value of [63, 64]) north.event("humidity", value, "%");
}

/** As good as the bytes allow. */
async function picture(page, name) {
  const path = `${FOLDER}/${name}.jpg`;
  for (const quality of [88, 80, 72, 64, 56, 48, 40, 32]) {
    await page.screenshot({ path, type: "jpeg", quality, animations: "disabled" });
    if (statSync(path).size <= MOST_BYTES) return;
  }
  assert.fail(`${name} is ${statSync(path).size} bytes`);
}

for (const [device, viewport] of [["desktop", DESKTOP], ["phone", PHONE]]) {
  for (const theme of ["light", "dark"]) {
    test(`${device}, ${theme}`, async () => {
      const outside = await stage.open("/", { viewport, colorScheme: theme, api: null });
      await seen(outside.page.getByRole("heading", { name: "Log in" }));
      await picture(outside.page, `login-${device}-${theme}`);
      const { page, context } = await stage.open("/", { viewport, colorScheme: theme });
      for (const [name, path] of Object.entries(pages())) {
        await page.goto(`/#${path}`);
        await settled(page);
        if (name === "console") await talk(page);
        if (READY[name]) await seen(page.getByRole("main").getByText(READY[name]).first());
        await page.mouse.move(0, 0);
        await picture(page, `${name}-${device}-${theme}`);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(wide <= 0, `${name} is ${wide} px too wide`);
      }
      await Promise.all([outside.context.close(), context.close()]);
    });
  }
}

test("the pages complained of nothing", () => stage.quiet());
