// One actuator: the control that fits it, and honestly side by side what is wanted and what the device says is so.

import { useEffect, useRef, useState } from "preact/hooks";
import { formatValue } from "../lib/format";
import { t } from "../lib/i18n";
import { KIND, type ActuatorInfo, type Command } from "../lib/types";
import { Ago, Button, CommandState, Icon, isOpen, NumberInput, Slider, Switch, TextInput } from "../ui";
import { asSwitch, isSame } from "./caps";
import { cancel, useOrder } from "./orders";

type Sort = "switch" | "slider" | "button" | "number" | "text";

export function sortOf(a: ActuatorInfo): Sort {
  if (a.kind === "button") return "button";
  if (a.kind === "boolean") return "switch";
  const value = a.reported?.value;
  if (a.kind === "number" || (a.kind === "" && typeof value === "number")) {
    const whole = value === undefined || value === 0 || value === 1;
    if (a.min === 0 && a.max === 1 && whole) return "switch";
    return a.min !== null && a.max !== null && a.max > a.min ? "slider" : "number";
  }
  if (a.kind === "" && typeof value === "boolean") return "switch";
  return "text";
}

export function Control({ address, actuator, may, given }: {
  address: number; actuator: ActuatorInfo; may: boolean; given: (command: Command) => void;
}) {
  const { busy, give, refused } = useOrder(address, given);
  const sort = sortOf(actuator);
  const write = (value: string) => void give(KIND.WRITE, [actuator.name, value]);
  const wanted = actuator.desired;
  const pending = wanted && wanted.state && isOpen(wanted.state) ? wanted : null;
  const range = actuator.min !== null && actuator.max !== null && sort !== "switch" ? `${formatValue(actuator.min)} – ${formatValue(actuator.max)}` : "";
  return (
    <li class={`control is-${sort}`} data-testid={`control-${actuator.name}`}>
      <div class="control-name">
        <span class="strong">{actuator.name}</span>
        {range && <span class="muted small">{range}</span>}
      </div>
      <div class="control-reported" data-live>
        {actuator.reported
          ? (
            <>
              <span class="control-value" data-testid={`reported-${actuator.name}`}>{sort === "switch" ? switchWord(asSwitch(actuator.reported.value), formatValue(actuator.reported.value)) : formatValue(actuator.reported.value)}</span>
              <span class="muted small">{t("device.reported")} <Ago ms={actuator.reported.at_ms} /></span>
            </>
          )
          : sort !== "button" && <span class="muted small">{t("device.never_reported")}</span>}
      </div>
      <div class="control-act">
        {sort === "switch" && <SwitchControl actuator={actuator} pending={pending?.value ?? null} may={may} busy={busy} write={write} refused={refused} />}
        {sort === "slider" && <SliderControl actuator={actuator} pending={pending?.value ?? null} may={may} busy={busy} write={write} refused={refused} />}
        {sort === "button" && <Button small icon="bolt" busy={busy} disabled={!may} onClick={() => write("1")}>{t("device.press")}</Button>}
        {(sort === "number" || sort === "text") && <EntryControl key={sort} actuator={actuator} numeric={sort === "number"} may={may} busy={busy} write={write} refused={refused} />}
      </div>
      {(wanted || refused) && <Wanted actuator={actuator} refused={refused} may={may} />}
    </li>
  );
}

function switchWord(on: boolean | null, otherwise: string): string {
  return on === null ? otherwise : on ? t("value.on") : t("value.off");
}

interface ActProps {
  actuator: ActuatorInfo;
  pending: string | null;
  may: boolean;
  busy: boolean;
  write: (value: string) => void;
  /** Why the last one was not taken; empty: it was. */
  refused: string;
}

function SwitchControl({ actuator, pending, may, busy, write }: ActProps) {
  const say = (on: boolean) => (actuator.kind === "number" ? (on ? "1" : "0") : String(on));
  return (
    <Switch
      checked={asSwitch(actuator.reported?.value)} pending={pending === null ? null : asSwitch(pending)} busy={busy} disabled={!may}
      label={actuator.name} title={may ? undefined : t("device.may_not")} onInput={(on) => write(say(on))}
    />
  );
}

/** Arrow keys move in steps: only where they come to rest is written. */
const REST_MS = 300;

/** The knob goes where it is dragged; the mark stays where the device says it is. */
function SliderControl({ actuator, pending, may, write, refused }: ActProps) {
  const min = actuator.min ?? 0;
  const max = actuator.max ?? 100;
  const reported = typeof actuator.reported?.value === "number" ? actuator.reported.value : null;
  const start = pending !== null && Number.isFinite(Number(pending)) ? Number(pending) : (reported ?? min);
  const [dragged, setDragged] = useState<number | null>(null);
  const held = useRef(false);
  const timer = useRef(0);
  useEffect(() => {
    // What the device reports meanwhile does not pull the knob from under the finger.
    if (!held.current) setDragged(null);
  }, [pending, reported, refused]);
  useEffect(() => () => window.clearTimeout(timer.current), []);
  const drag = (n: number) => {
    held.current = true;
    window.clearTimeout(timer.current);
    setDragged(n);
  };
  const rest = (n: number) => {
    window.clearTimeout(timer.current);
    timer.current = window.setTimeout(() => {
      held.current = false;
      write(String(round(n)));
    }, REST_MS);
  };
  const step = max - min > 20 ? 1 : (max - min) / 100;
  const shown = dragged ?? start;
  const round = (n: number) => Number(n.toFixed(step >= 1 ? 0 : 3));
  return (
    <span class="slider-control">
      <Slider
        value={shown} min={min} max={max} step={step} disabled={!may} label={actuator.name} valueText={formatValue(round(shown))}
        mark={reported} onInput={drag} onCommit={rest}
      />
      <output class="slider-value">{formatValue(round(shown))}</output>
    </span>
  );
}

function EntryControl({ actuator, numeric, may, busy, write }: Omit<ActProps, "pending"> & { numeric: boolean }) {
  const [text, setText] = useState("");
  const [number, setNumber] = useState<number | null>(null);
  const value = numeric ? (number === null ? "" : String(number)) : text;
  return (
    <form
      class="entry" noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (value !== "") write(value);
      }}
    >
      {numeric
        ? <NumberInput value={number} onInput={setNumber} min={actuator.min ?? undefined} max={actuator.max ?? undefined} label={actuator.name} disabled={!may} />
        : <TextInput value={text} onInput={setText} label={actuator.name} disabled={!may} />}
      <Button small type="submit" busy={busy} disabled={!may || value === ""}>{t("device.set")}</Button>
    </form>
  );
}

/** What was asked for last, and how that stands. */
function Wanted({ actuator, refused, may }: { actuator: ActuatorInfo; refused: string; may: boolean }) {
  const wanted = actuator.desired;
  if (refused) {
    return <p class="control-wanted is-bad" role="alert"><Icon name="warn" size={14} /> {refused}</p>;
  }
  if (!wanted) return null;
  const arrived = actuator.reported && isSame(wanted.value, actuator.reported.value);
  // Done, and the device says so: nothing more to tell.
  if (arrived && (!wanted.state || wanted.state === "succeeded")) return null;
  const on = sortOf(actuator) === "switch" ? switchWord(asSwitch(wanted.value), wanted.value) : wanted.value;
  const differs = wanted.state === "succeeded" && actuator.reported && !arrived;
  return (
    <p class="control-wanted small" data-testid={`wanted-${actuator.name}`}>
      <span>{t("device.wanted")} <span class="strong">{on}</span></span>
      {wanted.state && <CommandState state={wanted.state} />}
      {wanted.state && isOpen(wanted.state) && <span class="muted">{t("device.not_yet")}</span>}
      {differs && <span class="muted">{t("device.differs")}</span>}
      {wanted.state === "queued" && may && <button type="button" class="link-button" onClick={() => void cancel(wanted.command)}>{t("device.take_back")}</button>}
    </p>
  );
}
