// Waiting for what is to be seen: asked again and again until a deadline, never a sleep that hopes.
import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";

/** On a machine that builds something else meanwhile everything takes longer. */
export const PATIENCE_MS = Number(process.env.PATIENCE_MS ?? 15_000);

/** Answers what `look` answers as soon as that is true. */
export async function until(what, look, within = PATIENCE_MS) {
  const end = Date.now() + within;
  let last;
  for (;;) {
    try {
      last = await look();
      if (last) return last;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) break;
    await pause(30);
  }
  throw new Error(`within ${within} ms not: ${what}${last instanceof Error ? ` (${last.message})` : ""}`);
}

/** Waits until `locator` shows a text. */
export async function reads(locator, wanted, within = PATIENCE_MS) {
  let text = "";
  const holds = async () => {
    text = (await locator.innerText({ timeout: within })).replace(/\s+/g, " ").trim();
    return wanted instanceof RegExp ? wanted.test(text) : text.includes(wanted);
  };
  await until(`${locator} reads ${wanted}`, holds, within).catch((error) => assert.fail(`${error.message}; it reads: ${text}`));
  return text;
}

/** Waits until `locator` is seen; if it is not, says what is seen instead. */
export async function seen(locator, within = PATIENCE_MS) {
  try {
    await locator.first().waitFor({ state: "visible", timeout: within });
  } catch (error) {
    const page = locator.page();
    const text = await page.locator("body").innerText().catch(() => "");
    assert.fail(`${locator} is not seen at ${page.url()} (${error.message.split("\n")[0]}); it reads: ${text.replace(/\s+/g, " ").slice(0, 600)}`);
  }
}

export const gone = (locator, within = PATIENCE_MS) => locator.first().waitFor({ state: "hidden", timeout: within });
