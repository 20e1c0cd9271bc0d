// The dashboard begins: language, who is logged in, then the shell.

import { render } from "preact";
import { App } from "./app";
import { setLanguage } from "./lib/i18n";
import { startKeys } from "./lib/keys";
import { preferredLanguage } from "./lib/words";

const root = document.getElementById("app");
/** A hub that was just restarted gives the page, and its words a moment later. */
const PAUSE_MS = 1_000;

async function begin(): Promise<void> {
  try {
    await setLanguage(preferredLanguage(), false);
  } catch {
    window.setTimeout(() => void begin(), PAUSE_MS);
    return;
  }
  if (root) render(<App />, root);
}

startKeys();
void begin();
