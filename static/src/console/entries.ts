// News of the hub as lines of the console.

import { t } from "../lib/i18n";
import type { AlarmNews, CommandNews, CommandState, FrameItem, NewsItem, PresenceNews } from "../lib/types";
import { EVENT, LOOPBACK, REJECTED, VALUE, kindName } from "./kinds";
import type { Direction, NewEntry, Tone } from "./log";

const HUB = "0";

const STATE_TONE: Record<CommandState, Tone> = {
  queued: "busy",
  sent: "busy",
  accepted: "busy",
  succeeded: "good",
  rejected: "bad",
  expired: "warn",
  cancelled: "warn",
  timed_out: "bad",
};

export function toneOf(state: CommandState): Tone {
  return STATE_TONE[state] ?? "";
}

export function fromFrame(frame: FrameItem, own: string): NewEntry {
  const from = String(frame.from);
  const refused = frame.type === LOOPBACK && frame.fields[0] === "ERROR";
  return {
    at: frame.at_ms,
    kind: "frame",
    direction: directionOf(from, frame.to, own),
    from,
    to: frame.to,
    type: frame.type,
    word: kindName(frame.type),
    text: textOf(frame),
    tone: refused || frame.type === REJECTED ? "bad" : "",
    fields: frame.fields,
    raw: frame.text,
    command: null,
  };
}

/** Readings are told as people say them; the rest field by field. */
function textOf(frame: FrameItem): string {
  const { fields } = frame;
  const [sensor = "", value = "", unit = "", at = ""] = fields;
  const isReading = (frame.type === VALUE || frame.type === EVENT) && fields.length === 5 && /^\d+$/.test(at);
  return isReading ? `${sensor}: ${value}${unit === "" ? "" : ` ${unit}`}` : fields.join(" · ");
}

function directionOf(from: string, to: string, own: string): Direction {
  if (own !== "" && (from === own || to === own)) return "mine";
  if (from === HUB) return "from_hub";
  return to === HUB ? "to_hub" : "between";
}

/** Of the news that are no frames; `null` for what the console does not show. */
export function fromNews(item: NewsItem): NewEntry | null {
  switch (item.e) {
    case "command":
      return fromCommand(item);
    case "presence":
      return fromPresence(item);
    case "alarm":
      return fromAlarm(item);
    default:
      return null;
  }
}

function fromCommand(item: CommandNews): NewEntry {
  const { command } = item;
  const state = t(`command.${command.state}`);
  const told = command.detail === "" ? state : `${state}: ${command.detail}`;
  return {
    at: item.at_ms,
    kind: "command",
    direction: null,
    from: command.issuer,
    to: String(command.address),
    type: command.type,
    word: kindName(command.type),
    text: [command.fields.join(" · "), told].filter((part) => part !== "").join(" → "),
    tone: toneOf(command.state),
    fields: command.fields,
    raw: "",
    command: command.id,
  };
}

function fromPresence(item: PresenceNews): NewEntry {
  const { state, reason } = item.presence;
  const told = t(`state.${state}`);
  return {
    at: item.at_ms,
    kind: "presence",
    direction: null,
    from: String(item.address),
    to: "",
    type: null,
    word: t("console.word.presence"),
    text: reason === "" ? told : `${told} (${reason})`,
    tone: state === "online" ? "good" : "warn",
    fields: [],
    raw: "",
    command: null,
  };
}

function fromAlarm(item: AlarmNews): NewEntry {
  const { alarm } = item;
  const value = item.what === "raised" ? `${alarm.sensor} ${alarm.raised_value}` : item.note;
  const what = t(`console.alarm.${item.what}`, { name: alarm.name });
  return {
    at: item.at_ms,
    kind: "alarm",
    direction: null,
    from: String(alarm.address),
    to: "",
    type: null,
    word: t("console.word.alarm"),
    text: [what, value.trim(), item.by].filter((part) => part !== "").join(" · "),
    tone: item.what === "raised" ? "bad" : item.what === "cleared" ? "good" : "",
    fields: [],
    raw: "",
    command: null,
  };
}

/** What the console says itself: what was left out, what was refused. */
export function note(text: string, tone: Tone): NewEntry {
  return {
    at: Date.now(),
    kind: "note",
    direction: null,
    from: "",
    to: "",
    type: null,
    word: t("console.word.note"),
    text,
    tone,
    fields: [],
    raw: "",
    command: null,
  };
}
