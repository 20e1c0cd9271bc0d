// All pages behind the login.
import { seen, until } from "./until.mjs";

export const PAGES = [
  "/", "/devices", "/alarms", "/charts", "/rules", "/rules/new", "/schedules", "/schedules/new", "/console", "/groups", "/users", "/discovered", "/audit",
  "/settings", "/settings?tab=retention", "/settings?tab=channels", "/health", "/account",
];

/** Waits until the page that was opened last shows itself, with what it had to load. */
export async function settled(page) {
  await seen(page.locator("#content h1, main h1"));
  await page.waitForLoadState("networkidle").catch(() => undefined);
  await until("nothing is loading", async () => (await page.locator(".spinner, .spinner-dot, .trial-result.is-busy").count()) === 0);
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
}
