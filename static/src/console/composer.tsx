// What is sent: to whom, which function, its fields, and the frame that it becomes.

import { useEffect, useState } from "preact/hooks";
import { api, toApiError, type ApiError } from "../lib/api";
import { knownDevice, useDevices } from "../lib/devices";
import { t, td } from "../lib/i18n";
import { live, useNewsBatch } from "../lib/live";
import { useResource } from "../lib/resource";
import type { Capabilities, Command } from "../lib/types";
import { Button, Choice, Field, Icon, Note, Select, TextInput, confirmDialog, isOpen } from "../ui";
import { OTHER, check, expiresByItself, fieldsOf, functionsFor, isDescribed, parcelOf, preview, readable, typeOf, wayOf, type Draft, type Wrong } from "./draft";
import { Fields, firstValue } from "./fields";
import { WRITE, kindName } from "./kinds";
import { addSent } from "./sent";
import { Target, useReach, useSample } from "./target";
import { nameOf } from "./who";

interface Props {
  draft: Draft;
  own: string;
  onInput: (change: Partial<Draft>) => void;
}

export function Composer({ draft, own, onInput }: Props) {
  const sample = useSample(draft);
  const device = draft.to === "device" ? draft.device : sample;
  const { data: capabilities, reload } = useResource<Capabilities>(
    device === null ? null : `capabilities ${device}`, () => api.get<Capabilities>(`/devices/${device}/capabilities`));
  // What it reports after an act is seen at once.
  useNewsBatch(["command"], (items) => {
    if (items.some(({ command }) => command.address === device && !isOpen(command.state))) reload();
  });
  const { sending, refused, said, send, forget } = useSend();
  const [tried, setTried] = useState(false);
  const reach = useReach(draft);
  // Of a set, one device stands for what may be offered; what is refused the hub decides for each.
  const known = draft.to === "device" ? capabilities : undefined;
  const functions = functionsFor(known);
  const wrong: Wrong = check(draft, known);
  const shown = tried ? wrong : onlyTyped(wrong, draft);

  // A function that this module does not have gives way to one that it has.
  useEffect(() => {
    if (!functions.includes(draft.fn)) onInput({ fn: functions[0] ?? OTHER, name: "" });
  }, [functions.join()]);
  useEffect(() => {
    setTried(false);
    forget();
  }, [draft.to, draft.device, draft.fn]);
  // And so does a name.
  useEffect(() => {
    if (!known || !isDescribed(known) || hasName(draft, known)) return;
    const name = firstName(draft.fn, known);
    onInput({ name, value: firstValue(known.actuators.find((one) => one.name === name)) });
  }, [known, draft.fn]);

  const submit = async (): Promise<void> => {
    setTried(true);
    if (Object.keys(wrong).length > 0) return;
    if (await send(draft)) setTried(false);
  };
  const words = { expires: `‹${t("console.frame_expires")}›`, id: `‹${t("console.frame_id")}›`, clock: `‹${t("console.frame_clock")}›`, you: `‹${t("console.frame_you")}›` };
  return (
    <form
      class="stack console-form" noValidate aria-label={t("console.send_title")}
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <Target draft={draft} wrong={shown.target} onInput={(change) => onInput(change)} />
      <Away draft={draft} />
      {known && !isDescribed(known) && <p class="muted small">{t("console.undescribed")}</p>}
      <Field label={t("console.function")} hint={td(`console.about.${draft.fn}`)}>
        <Select
          value={draft.fn} onInput={(fn) => onInput({ fn, name: firstName(fn, capabilities), value: firstValue(capabilities?.actuators[0]) })}
          options={functions.map((fn) => ({ value: fn, label: td(`console.fn.${fn}`) }))}
        />
      </Field>
      <Fields draft={draft} capabilities={capabilities} sample={draft.to !== "device"} wrong={shown} onInput={onInput} />
      {wayOf(draft) === "command" && <More draft={draft} wrong={shown} onInput={onInput} />}
      <div class="console-frame">
        <span class="field-label">{t("console.frame")}</span>
        <code class="code" data-testid="frame">{preview(draft, own, words)}</code>
      </div>
      {refused && <div role="alert"><Note tone="bad">{refused.detail}</Note></div>}
      <Button type="submit" kind="primary" icon="send" busy={sending}>
        {draft.to !== "device" && reach > 1 ? t("console.send_all", { n: reach }) : t("console.send")}
      </Button>
      <p class="console-said small" role="status">{said !== "" && <><Icon name="check" size={14} /> {said}</>}</p>
    </form>
  );
}

function hasName(draft: Draft, capabilities: Capabilities): boolean {
  if (draft.fn === String(WRITE)) return capabilities.actuators.some((one) => one.name === draft.name);
  return readable(capabilities).includes(draft.name);
}

/** The first that there is: nearly always the one that is meant. */
function firstName(fn: string, capabilities: Capabilities | undefined): string {
  if (!capabilities) return "";
  if (fn === String(WRITE)) return capabilities.actuators[0]?.name ?? "";
  return capabilities.sensors[0]?.name ?? capabilities.actuators[0]?.name ?? "";
}

/** Before the first try nothing that is still empty is called wrong. */
function onlyTyped(wrong: Wrong, draft: Draft): Wrong {
  const typed: Wrong = { ...wrong };
  delete typed.target;
  if (draft.name === "") delete typed.name;
  if (draft.value === "") delete typed.value;
  return typed;
}

function Away({ draft }: { draft: Draft }) {
  useDevices();
  const device = draft.to === "device" && draft.device !== null ? knownDevice(draft.device) : undefined;
  if (!device || device.state === "online") return null;
  return <Note tone="warn">{t(wayOf(draft) === "command" ? "console.away_queue" : "console.away_message")}</Note>;
}

function More({ draft, wrong, onInput }: { draft: Draft; wrong: Wrong; onInput: (change: Partial<Draft>) => void }) {
  const error = wrong.seconds && td(wrong.seconds.key, wrong.seconds.vars);
  return (
    <details class="console-more" open={draft.expiry !== "default" || draft.condition !== ""}>
      <summary>{t("console.more")}</summary>
      <div class="stack-tight">
        <div class="field">
          <span class="field-label">{t("console.expiry")}</span>
          <Choice
            label={t("console.expiry")} value={draft.expiry} onInput={(expiry) => onInput({ expiry })}
            options={(["default", "in", "never"] as const).map((one) => ({ value: one, label: t(`console.expiry.${one}`) }))}
          />
          <p class="field-hint">{t(expiresByItself(draft) ? "console.expiry_acts" : "console.expiry_waits")}</p>
        </div>
        {draft.expiry === "in" && (
          <Field label={t("console.seconds")} error={error}>
            <TextInput value={draft.seconds} onInput={(seconds) => onInput({ seconds })} inputMode="decimal" mono />
          </Field>
        )}
        <Field label={t("console.condition")} hint={t("console.condition_hint")}>
          <TextInput value={draft.condition} onInput={(condition) => onInput({ condition })} mono />
        </Field>
      </div>
    </details>
  );
}

export function whatOf(draft: Draft): string {
  return [kindName(typeOf(draft)), ...fieldsOf(draft)].join(" ");
}

export function whomOf(draft: Draft): string {
  if (draft.to === "everyone") return t("console.everyone");
  if (draft.to === "label") return `@${draft.label}`;
  return nameOf(String(draft.device)) || String(draft.device);
}

/** Sends a draft without faults, and writes it down with what the hub said. */
export function useSend(): { sending: boolean; refused: ApiError | null; said: string; send(draft: Draft): Promise<boolean>; forget(): void } {
  const [sending, setSending] = useState(false);
  const [refused, setRefused] = useState<ApiError | null>(null);
  const [said, setSaid] = useState("");
  const send = async (draft: Draft): Promise<boolean> => {
    const [what, whom] = [whatOf(draft), whomOf(draft)];
    if (draft.to !== "device" && !(await confirmDialog(t("console.send_all_ask", { what, who: `${whom} (${draft.group})` }), { ok: t("console.send") }))) return false;
    setSending(true);
    setRefused(null);
    setSaid("");
    try {
      const commands = await deliver(draft);
      addSent(draft, what, whom, commands, "");
      setSaid(wordsOf(draft, commands));
      return true;
    } catch (error) {
      const problem = toApiError(error);
      setRefused(problem);
      addSent(draft, what, whom, [], problem.detail);
      return false;
    } finally {
      setSending(false);
    }
  };
  const forget = (): void => {
    setRefused(null);
    setSaid("");
  };
  return { sending, refused, said, send, forget };
}

async function deliver(draft: Draft): Promise<Command[]> {
  const parcel = parcelOf(draft);
  if (parcel.way === "message") {
    await live.send(parcel.group, parcel.to, parcel.type, parcel.fields);
    return [];
  }
  return (await api.post<{ items: Command[] }>("/commands", parcel.order)).items;
}

function wordsOf(draft: Draft, commands: readonly Command[]): string {
  if (wayOf(draft) === "message") return t("console.sent_message");
  const [first] = commands;
  return commands.length === 1 && first ? t("console.sent_command", { n: String(first.id) }) : t("console.sent_commands", { n: commands.length });
}
