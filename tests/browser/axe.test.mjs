// Every page by axe-core, in both themes, on a phone and a desktop, empty and in use; and in Spanish, with all its words.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { DESKTOP, PHONE } from "./support/browser.mjs";
import { furnish } from "./support/furnished.mjs";
import { PAGES, settled } from "./support/pages.mjs";
import { Stage } from "./support/stage.mjs";
import { seen, until } from "./support/until.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const BAD = new Set(["serious", "critical"]);
let empty, used, minor;

before(async () => {
  [empty, used, minor] = [await Stage.set(), await furnish(), new Map()];
});
after(async () => {
  await empty?.end();
  await used?.end();
});

/** What axe finds, as lines; lesser findings are counted. It is given to the page past its policy, by the debugger. */
async function findings(page, where, runOnly = undefined) {
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(AXE);
  const { violations } = await page.evaluate((only) => window.axe.run(document, { resultTypes: ["violations"], ...(only && { runOnly: only }) }), runOnly);
  const lines = [];
  for (const { id, impact, nodes } of violations) {
    if (!BAD.has(impact)) minor.set(id, (minor.get(id) ?? 0) + 1);
    else for (const { target, failureSummary } of nodes.slice(0, 3)) lines.push(`${where}: ${id} (${impact}) ${target.join(" ")}: ${failureSummary.split("\n").slice(1).join(" ").trim()}`);
  }
  return lines;
}

async function throughAll(stage, paths, options, name) {
  const { page, context } = await stage.open("/", options);
  const lines = [];
  for (const path of paths) {
    await page.goto(`/#${path}`);
    await settled(page);
    lines.push(...(await findings(page, `${name} ${path}`)));
  }
  lines.push(...(await dialogs(page, name)));
  await context.close();
  return lines;
}

/** What lies over a page is part of it. */
async function dialogs(page, name) {
  const lines = [];
  for (const [path, button] of [["/groups", "Add group"], ["/users", "Add user"], ["/devices", "Add a device"]]) {
    await page.goto(`/#${path}`);
    await page.getByRole("button", { name: button }).first().click();
    await seen(page.getByRole("dialog"));
    lines.push(...(await findings(page, `${name} ${button}`)));
    await page.keyboard.press("Escape");
  }
  return lines;
}

const own = () => [`/devices/${used.named["Climate north"].address}`, `/alarms/${used.alarm}`, `/rules/${used.rule}`, `/schedules/${used.schedule}`,
  `/charts?s=${used.named["Climate north"].address}:temperature&s=${used.named["Climate south"].address}:temperature`, ...["rules", "news", "about"].map((tab) => `/devices/${used.named["Climate north"].address}?tab=${tab}`), "/alarms?state=cleared"];

for (const [device, viewport] of [["desktop", DESKTOP], ["phone", PHONE]]) {
  for (const colorScheme of ["light", "dark"]) {
    test(`in use, ${device}, ${colorScheme}`, async () => {
      assert.deepEqual(await throughAll(used, [...PAGES, ...own()], { viewport, colorScheme }, `${device} ${colorScheme}`), []);
    });
    // Empty pages have less to go wrong: each theme once, each size once.
    if ((device === "phone") === (colorScheme === "dark")) test(`empty, ${device}, ${colorScheme}`, async () => {
      assert.deepEqual(await throughAll(empty, PAGES, { viewport, colorScheme }, `empty ${device} ${colorScheme}`), []);
    });
  }
}

test("the pages before the login", async () => {
  const lines = [];
  for (const colorScheme of ["light", "dark"]) {
    const { page } = await empty.open("/", { api: null, colorScheme });
    await seen(page.getByRole("heading", { name: "Log in" }));
    lines.push(...(await findings(page, `login ${colorScheme}`)));
    await page.goto("/#/setup/nothing");
    await seen(page.getByText("This link works no more"));
    lines.push(...(await findings(page, `setup ${colorScheme}`)));
  }
  assert.deepEqual(lines, []);
});

/** The texts of a language, by key, as the pages load them. */
async function words(page, language) {
  return page.evaluate(async (wanted) => (await fetch(document.documentElement.dataset[wanted === "es" ? "wordsEs" : "wordsEn"])).json(), language);
}

test("in Spanish there is no English left, and the language is said", async () => {
  const { page } = await used.open("/", { locale: "es-ES" });
  await until("it is in Spanish", async () => (await page.evaluate(() => document.documentElement.lang)) === "es");
  const [english, spanish] = [await words(page, "en"), await words(page, "es")];
  assert.deepEqual(Object.keys(spanish).sort(), Object.keys(english).sort());
  // Whole texts of two words or more that Spanish says otherwise: one word may be a name or a type.
  const left = new Set(Object.entries(english).filter(([key, text]) => text !== spanish[key] && /\s/.test(text) && !/[{|]/.test(text)).map(([, text]) => text));
  const lines = [];
  for (const path of [...PAGES, ...own()]) {
    await page.goto(`/#${path}`);
    await settled(page);
    const shown = await page.evaluate(() => {
      const texts = [];
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      while (walker.nextNode()) texts.push(walker.currentNode.data.trim());
      for (const one of document.querySelectorAll("[aria-label], [title], [placeholder]")) texts.push(...["aria-label", "title", "placeholder"].map((name) => one.getAttribute(name) ?? ""));
      return texts;
    });
    lines.push(...[...new Set(shown)].filter((text) => left.has(text)).map((text) => `${path}: ${text}`));
    lines.push(...(await findings(page, `es ${path}`, ["cat.language", "cat.name-role-value"])));
  }
  assert.deepEqual(lines, []);
});

test("what axe finds of less weight", (t) => t.diagnostic(JSON.stringify(Object.fromEntries(minor))));

test("the pages complained of nothing", () => (empty.quiet(), used.quiet()));
