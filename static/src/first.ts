// Before anything is drawn: the chosen theme, so that a dark page does not flash white.

import { applyTheme } from "./lib/theme";

applyTheme();
