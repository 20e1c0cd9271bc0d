// Registers many devices from a CSV file; the serials are shown once, as a file to keep.

import { useState } from "preact/hooks";
import { api, toApiError, type ApiError } from "../lib/api";
import { t } from "../lib/i18n";
import type { Imported, ImportRow } from "../lib/types";
import { Button, Checkbox, Dialog, Field, LinkButton, Note, useTied } from "../ui";
import { parseCsv, writeCsv } from "./csv";

const REQUIRED = ["group", "type", "id", "serial", "login", "name"] as const;
const OPTIONAL = ["labels", "rights"] as const;
const EXAMPLE = "group,type,id,serial,login,name,labels,rights\ngreenhouse,511,100001,,challenge,valve by the door,north;valves,talk\n";
const MOST_SHOWN = 50;

function readRows(text: string): { rows: ImportRow[]; missing: string[] } {
  const [head, ...rest] = parseCsv(text);
  const names = (head?.cells ?? []).map((cell) => cell.toLowerCase());
  const missing = REQUIRED.filter((name) => !names.includes(name));
  const rows = rest.map(({ line, cells }) => {
    const of = (name: string) => cells[names.indexOf(name)] ?? "";
    const row: ImportRow = { line, group: "", type: "", id: "", serial: "", login: "", name: "", labels: "", rights: "" };
    for (const name of [...REQUIRED, ...OPTIONAL]) row[name] = of(name);
    return row;
  });
  return { rows, missing };
}

function FileInput({ onText }: { onText: (text: string, name: string) => void }) {
  return (
    <input
      {...useTied()} class="input" type="file" accept=".csv,text/csv"
      onChange={(event) => {
        const file = event.currentTarget.files?.[0];
        if (file) void file.text().then((text) => onText(text, file.name));
      }}
    />
  );
}

export function ImportDevices({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState("");
  const [strict, setStrict] = useState(true);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError>();
  const [done, setDone] = useState<Imported>();
  if (done) return <Done imported={done} strict={strict} onClose={onClose} />;
  const { rows, missing } = text ? readRows(text) : { rows: [], missing: [] };
  const wrong = missing.length ? t("import.missing", { columns: missing.join(", ") }) : text && !rows.length ? t("import.empty") : null;
  const submit = async () => {
    if (!rows.length || wrong) return;
    setBusy(true);
    setError(undefined);
    try {
      setDone(await api.post<Imported>("/devices/import", { rows, strict }));
    } catch (refused) {
      setError(toApiError(refused));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={t("devices.import")} onClose={onClose} onSubmit={() => void submit()}
      actions={(
        <>
          <Button onClick={onClose}>{t("ui.cancel")}</Button>
          <Button type="submit" kind="primary" busy={busy} disabled={!rows.length || !!wrong}>{rows.length && !wrong ? t("import.go", { n: rows.length }) : t("devices.import")}</Button>
        </>
      )}
    >
      {error && <div role="alert"><Note tone="bad">{error.detail}</Note></div>}
      <p class="muted">{t("import.hint")}</p>
      <pre class="csv-example">{EXAMPLE}</pre>
      <p><LinkButton small icon="download" href={`data:text/csv;charset=utf-8,${encodeURIComponent(EXAMPLE)}`} download="devices.csv">{t("import.example")}</LinkButton></p>
      <Field label={t("import.file")} error={wrong}><FileInput onText={setText} /></Field>
      <Checkbox checked={strict} onInput={setStrict}>{t("import.strict")}</Checkbox>
    </Dialog>
  );
}

function Done({ imported, strict, onClose }: { imported: Imported; strict: boolean; onClose: () => void }) {
  const { devices, errors } = imported;
  const [kept, setKept] = useState(!devices.length);
  const csv = writeCsv([["address", "group", "type", "id", "serial", "login"], ...devices.map((d) => [d.address, d.group, d.type, d.id, d.serial, d.login])]);
  return (
    <Dialog
      title={t("import.done")} onClose={onClose} locked={!kept}
      actions={<Button kind="primary" disabled={!kept} title={kept ? undefined : t("import.keep_first")} onClick={onClose}>{t("ui.close")}</Button>}
    >
      <p class="strong">{t("import.registered", { n: devices.length })}</p>
      {devices.length > 0 && (
        <Note
          tone="warn" icon="key"
          action={(
            <span onClick={() => setKept(true)}>
              <LinkButton small kind="primary" icon="download" href={`data:text/csv;charset=utf-8,${encodeURIComponent(csv)}`} download="credentials.csv">{t("import.credentials")}</LinkButton>
            </span>
          )}
        >
          {t("import.once")}
        </Note>
      )}
      {errors.length > 0 && (
        <>
          <Note tone="bad">{t(strict && !devices.length ? "import.none_strict" : "import.errors", { n: errors.length })}</Note>
          <ul class="import-errors" tabIndex={0} aria-label={t("import.errors", { n: errors.length })}>
            {errors.slice(0, MOST_SHOWN).map((e) => <li key={`${e.line} ${e.error}`}><span class="strong nowrap">{t("import.line", { line: String(e.line) })}</span> {e.error}</li>)}
            {errors.length > MOST_SHOWN && <li class="muted">{t("import.more", { n: errors.length - MOST_SHOWN })}</li>}
          </ul>
        </>
      )}
    </Dialog>
  );
}
