// Before anything is drawn: the chosen theme, so that a dark page does not flash white; and the words are on their way.

import { applyTheme } from "./lib/theme";
import { preferredLanguage, wordsOf } from "./lib/words";

applyTheme();
void wordsOf(preferredLanguage());
