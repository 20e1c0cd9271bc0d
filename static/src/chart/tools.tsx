/** What the keys and the mouse do, as buttons. */
import { t } from "../lib/i18n";
import type { View } from "./types";

interface ToolsProps {
  view: View;
  canBack: boolean;
  zoomIn(): void;
  zoomOut(): void;
  earlier(): void;
  later(): void;
  back(): void;
  reset(): void;
  follow(): void;
}

const PATHS = {
  in: "M8 3v10M3 8h10",
  out: "M3 8h10",
  left: "M10 3 5 8l5 5",
  right: "M6 3l5 5-5 5",
  back: "M6 4 3 7l3 3M3 7h6a4 4 0 0 1 0 8H7",
  home: "M3 8a5 5 0 1 0 1.5-3.5M3 3v3h3",
};

function Tool({ label, path, onClick, disabled }: { label: string; path: keyof typeof PATHS; onClick: () => void; disabled?: boolean }) {
  return (
    <button type="button" class="chart-tool" aria-label={label} title={label} onClick={onClick} disabled={disabled}>
      <svg viewBox="0 0 16 16" width="16" height="16" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d={PATHS[path]} /></svg>
    </button>
  );
}

export function Tools({ view, canBack, ...act }: ToolsProps) {
  return (
    <div class="chart-tools" role="group" aria-label={t("chart.tools")}>
      <button type="button" class="chart-tool chart-live" aria-pressed={view.live} onClick={act.follow} disabled={view.live} title={t("chart.follow.hint")}>
        <span class="chart-dot" aria-hidden="true" />{view.live ? t("chart.live") : t("chart.follow")}
      </button>
      <Tool label={t("chart.earlier")} path="left" onClick={act.earlier} />
      <Tool label={t("chart.later")} path="right" onClick={act.later} disabled={view.live} />
      <Tool label={t("chart.zoom.in")} path="in" onClick={act.zoomIn} />
      <Tool label={t("chart.zoom.out")} path="out" onClick={act.zoomOut} />
      <Tool label={t("chart.back")} path="back" onClick={act.back} disabled={!canBack} />
      <Tool label={t("chart.reset")} path="home" onClick={act.reset} />
    </div>
  );
}
