// One message or event, taken apart.

import { t, td } from "../lib/i18n";
import { link } from "../lib/routes";
import { formatDateTime } from "../lib/time";
import { Button, CopyButton, Dialog, Facts } from "../ui";
import { kindOf, labelled } from "./kinds";
import type { Entry } from "./log";
import { Who } from "./who";

interface Props {
  entry: Entry;
  own: string;
  onClose: () => void;
  /** Shows only what this device sends and gets. */
  onOnly: (address: string) => void;
}

export function Detail({ entry, own, onClose, onOnly }: Props) {
  const device = [entry.from, entry.to].find((address) => /^[1-9]\d*$/.test(address) && address !== own);
  const meaning = entry.type !== null && kindOf(entry.type) ? td(`console.meaning.${entry.type}`) : "";
  const fields = entry.kind === "frame" && entry.type !== null ? labelled(entry.type, entry.fields) : entry.fields.map((text) => ({ key: "", text }));
  return (
    <Dialog
      title={entry.word} onClose={onClose}
      actions={(
        <>
          {entry.raw !== "" && <CopyButton text={entry.raw} label={t("console.detail_copy")} />}
          {device !== undefined && <Button icon="filter" onClick={() => onOnly(device)}>{t("console.detail_only")}</Button>}
          {device !== undefined && <a class="button" href={link(`/devices/${device}`)} onClick={onClose}>{t("console.detail_device")}</a>}
        </>
      )}
    >
      <div class="stack">
        {meaning !== "" && <p class="muted">{meaning}</p>}
        <Facts
          items={[
            [t("console.detail_time"), <>{formatDateTime(entry.at)}<span class="muted">.{String(entry.at % 1000).padStart(3, "0")}</span></>],
            entry.from !== "" && [t("console.detail_from"), <Who address={entry.from} own={own} />],
            entry.to !== "" && [t("console.detail_to"), <Who address={entry.to} own={own} />],
            entry.type !== null && [t("console.detail_type"), <span class="mono">{entry.type}</span>],
            entry.command !== null && [t("console.detail_command"), String(entry.command)],
            ...fields.map(({ key, text }, at) => [key === "" ? t("console.field_n", { n: at + 1 }) : td(`console.f.${key}`), <FieldText name={key} text={text} />] as const),
          ]}
        />
        {entry.kind !== "frame" && <p>{entry.text}</p>}
        {entry.raw !== "" && <pre class="code console-raw" aria-label={t("console.detail_raw")}>{entry.raw}</pre>}
      </div>
    </Dialog>
  );
}

/** Times are read for people. */
function FieldText({ name, text }: { name: string; text: string }) {
  const ms = Number(text);
  if ((name === "unix_ms" || name === "expires") && /^\d{11,14}$/.test(text)) {
    return <><span class="mono">{text}</span> <span class="muted">{formatDateTime(ms)}</span></>;
  }
  return text === "" ? <span class="muted">–</span> : <span class="mono">{text}</span>;
}
