/** The levels of a rule as a chart draws them. */
import type { Level } from "../chart";
import { t } from "../lib/i18n";
import type { Check } from "../lib/types";

/** With `change`, they can be dragged: the clear level goes along with the raise level, and never passes it. */
export function levelsOf(check: Check, change?: (raise: number, clear: number) => void): Level[] {
  if (check.kind !== "threshold" || typeof check.raise !== "number" || typeof check.clear !== "number") return [];
  const { op, raise, clear } = check;
  if (op === "=") {
    return [{ id: "raise", value: raise, label: t("rules.level.is"), tone: "raise", onChange: change && ((value) => change(value, value)) }];
  }
  const above = op === ">";
  // Without the dust that the difference of two floats leaves.
  const along = (value: number) => Number((value - (raise - clear)).toPrecision(12));
  return [
    {
      id: "raise", value: raise, tone: "raise", label: t(above ? "rules.level.above" : "rules.level.below"),
      ...(change ? { onChange: (value: number) => change(value, along(value)) } : {}),
    },
    {
      id: "clear", value: clear, tone: "clear", label: t("rules.level.clear"),
      ...(above ? { max: raise } : { min: raise }),
      ...(change ? { onChange: (value: number) => change(raise, value) } : {}),
    },
  ];
}
