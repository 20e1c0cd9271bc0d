// The dashboard begins: language, who is logged in, then the shell.

import { render } from "preact";
import { App } from "./app";
import { preferredLanguage, setLanguage } from "./lib/i18n";
import { startKeys } from "./lib/keys";

const root = document.getElementById("app");
startKeys();
void setLanguage(preferredLanguage(), false)
  .catch(() => undefined)
  .then(() => root && render(<App />, root));
