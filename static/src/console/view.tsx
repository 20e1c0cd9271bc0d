// The messages and events of a group as they come: filtered, paused, copied, one of them opened.

import { useCallback, useState } from "preact/hooks";
import { formatNumber } from "../lib/format";
import { t } from "../lib/i18n";
import { useKeys } from "../lib/keys";
import { formatTime } from "../lib/time";
import { Badge, Button, Empty, Icon, copyText, toast } from "../ui";
import { Detail } from "./detail";
import { rateText, type Feed } from "./feed";
import { Filters, NO_FILTER } from "./filters";
import { asText, filtered, type Entry, type Filter } from "./log";
import { Tail } from "./tail";
import { Who, nameOf } from "./who";

export function View({ feed, group }: { feed: Feed; group: string }) {
  const [filter, setFilter] = useState<Filter>(NO_FILTER);
  const [follow, setFollow] = useState(true);
  const [open, setOpen] = useState<Entry | null>(null);
  const { log, own, rate } = feed;
  const shown = filtered(log.shown, filter, nameOf);
  const render = useCallback((entry: Entry) => <Line entry={entry} own={own} />, [own]);
  const all = log.shown.length;
  const togglePause = (): void => {
    if (log.paused) log.resume();
    else log.pause();
    feed.redraw();
  };
  const clear = (): void => {
    log.clear();
    feed.redraw();
  };
  useKeys({ p: { label: t("console.pause"), run: togglePause }, x: { label: t("console.clear"), run: clear } });
  const copy = async (): Promise<void> => {
    const copied = await copyText(asText(shown, nameOf));
    toast(copied ? t("console.copied", { n: shown.length }) : t("console.not_copied"), copied ? "ok" : "warn");
  };
  return (
    <section class="card console-log" aria-label={t("console.log")}>
      <header class="console-log-head">
        <h2>{t("console.log")}</h2>
        <span class="muted small nowrap" data-live>{rate > 0 && rateText(rate)}</span>
        <div class="row-tight end">
          <Button small pressed={log.paused} icon={log.paused ? "play" : "pause"} onClick={togglePause}>
            {log.paused ? (log.waiting > 0 ? t("console.resume_n", { n: log.waiting }) : t("console.resume")) : t("console.pause")}
          </Button>
          <Button small icon="copy" onClick={() => void copy()} disabled={shown.length === 0}>{t("console.copy")}</Button>
          <Button small icon="trash" disabled={all === 0} onClick={clear}>{t("console.clear")}</Button>
        </div>
      </header>
      <Filters filter={filter} onInput={setFilter} />
      <div class="console-tail" data-live>
        {shown.length === 0
          ? <Empty icon="console" title={t(all === 0 ? "console.log_none" : "console.log_none_match")} hint={all === 0 ? t("console.log_none_hint", { group }) : undefined} />
          : <Tail entries={shown} label={t("console.log")} follow={follow} onFollow={setFollow} render={render} onOpen={setOpen} />}
        {!follow && shown.length > 0 && (
          <div class="console-to-end"><Button small kind="primary" icon="down" onClick={() => setFollow(true)}>{t("console.to_end")}</Button></div>
        )}
      </div>
      <footer class="console-log-foot muted small">
        <span>{shown.length === all ? t("console.log_count", { n: all }) : t("console.log_of", { n: shown.length, all: formatNumber(all) })}</span>
        {log.paused && <Badge tone="warn" icon="pause">{t("console.paused", { n: log.waiting })}</Badge>}
        {log.missed > 0 && <Badge tone="warn" icon="warn">{t("console.missed", { n: log.missed })}</Badge>}
        {own !== "" && <span class="end">{t("console.watching", { address: own })}</span>}
      </footer>
      {open && (
        <Detail
          entry={open} own={own} onClose={() => setOpen(null)}
          onOnly={(address) => {
            setFilter({ ...filter, device: address });
            setOpen(null);
          }}
        />
      )}
    </section>
  );
}

function Line({ entry, own }: { entry: Entry; own: string }) {
  return (
    <>
      <span class="line-time mono" role="gridcell">{formatTime(entry.at)}<span class="line-ms">.{String(entry.at % 1000).padStart(3, "0")}</span></span>
      <span class="line-route" role="gridcell">
        {entry.from !== "" && <Who address={entry.from} own={own} />}
        {entry.to !== "" && <><Icon name="right" size={11} class="line-arrow" /><span class="sr-only">{"->"}</span><Who address={entry.to} own={own} /></>}
      </span>
      <span class="line-word mono" role="gridcell">{entry.word}</span>
      <span class="line-text truncate" role="gridcell">{entry.text}</span>
    </>
  );
}
