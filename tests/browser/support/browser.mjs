// Debian's Chromium, driven by playwright-core.
import { chromium } from "playwright-core";

const PROGRAM = process.env.CHROMIUM ?? "/usr/bin/chromium";

// Nothing of the browser's own may look for the outside.
const FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

export const launch = () => chromium.launch({ executablePath: PROGRAM, args: FLAGS });

export const DESKTOP = { width: 1280, height: 800 };
export const PHONE = { width: 390, height: 844 };

/**
 * A person's browser: own cookies. Everything that a page complains of is kept in `complaints`; a request to anywhere
 * but the hub is one as well.
 */
export async function person(browser, web, { viewport = DESKTOP, colorScheme = "light", locale = "en-GB", timezoneId = "Europe/Madrid", reducedMotion = "reduce" } = {}) {
  const context = await browser.newContext({ viewport, colorScheme, locale, timezoneId, reducedMotion, baseURL: web });
  const page = await context.newPage();
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(`error: ${error.message}`));
  page.on("console", (message) => {
    // A refused request is the page's business; what it shows is tested. Not so one that was not even read.
    if (message.type() === "error" && !/status of 4(?!08)\d\d|WebSocket/.test(message.text())) complaints.push(`console: ${message.text()} ${message.location().url}`);
  });
  page.on("dialog", (dialog) => (complaints.push(`dialog: ${dialog.message()}`), dialog.dismiss()));
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(web) && !url.startsWith("data:") && !url.startsWith("blob:")) complaints.push(`outside: ${url}`);
  });
  return { context, page, complaints };
}
