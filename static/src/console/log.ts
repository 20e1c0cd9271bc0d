// What the console has heard: the last 2,000 entries, and what of them is shown. Plain: no component, no socket.

export const KEPT = 2000;

export type EntryKind = "frame" | "command" | "presence" | "alarm" | "note";
export type Direction = "to_hub" | "from_hub" | "between" | "mine";
export type Tone = "good" | "bad" | "warn" | "busy" | "";

/** One line of the console. */
export interface Entry {
  /** Rises by one with each. */
  n: number;
  at: number;
  kind: EntryKind;
  direction: Direction | null;
  from: string;
  to: string;
  /** Of frames and commands. */
  type: number | null;
  /** What stands in the place of the type. */
  word: string;
  text: string;
  tone: Tone;
  /** The fields as they came. */
  fields: readonly string[];
  /** The whole frame, if it is one. */
  raw: string;
  command: number | null;
  /** What a search goes through, made when it is first needed. */
  found?: string;
}

export type NewEntry = Omit<Entry, "n" | "found">;

export interface Filter {
  /** An address, or a part of a name or address. */
  device: string;
  /** Empty: all; else names or numbers with commas, those to be left out with `-` before them. */
  type: string;
  direction: Direction | "";
  text: string;
  kinds: ReadonlySet<EntryKind>;
}

/** Says what an address is called; empty when that is not known. */
export type NameOf = (address: string) => string;

/** Nothing in it grows: a ring that is cut when it is twice as long as what is kept. */
export class Log {
  private entries: Entry[] = [];
  private next = 1;
  /** Taken when the console was paused; what comes meanwhile is kept too, but not shown. */
  private frozen: Entry[] | null = null;
  private pausedAt = 0;
  missed = 0;

  add(fresh: readonly NewEntry[]): void {
    for (const entry of fresh) this.entries.push({ ...entry, n: this.next++ });
    if (this.entries.length > KEPT * 2) this.entries = this.entries.slice(-KEPT);
  }

  /** What the page shows now, the oldest first. */
  get shown(): readonly Entry[] {
    return this.frozen ?? this.latest();
  }

  get paused(): boolean {
    return this.frozen !== null;
  }

  /** How many came while it was paused. */
  get waiting(): number {
    return this.frozen === null ? 0 : this.next - this.pausedAt;
  }

  /** How many have come in all. */
  get total(): number {
    return this.next - 1;
  }

  pause(): void {
    this.frozen ??= this.latest();
    this.pausedAt = this.next;
  }

  resume(): void {
    this.frozen = null;
  }

  clear(): void {
    this.entries = [];
    this.missed = 0;
    if (this.frozen !== null) {
      this.frozen = [];
      this.pausedAt = this.next;
    }
  }

  private latest(): Entry[] {
    return this.entries.slice(-KEPT);
  }
}

/** Those that a filter lets through; the same array when it lets all through. */
export function filtered(entries: readonly Entry[], filter: Filter, nameOf: NameOf): readonly Entry[] {
  const device = filter.device.trim().toLowerCase();
  const text = filter.text.trim().toLowerCase();
  const types = typesOf(filter.type);
  if (device === "" && text === "" && filter.type.trim() === "" && filter.direction === "" && filter.kinds.size === ALL_KINDS.length) {
    return entries;
  }
  return entries.filter(
    (entry) =>
      filter.kinds.has(entry.kind) &&
      (filter.direction === "" || entry.direction === filter.direction) &&
      types(entry) &&
      (device === "" || isOf(entry, device, nameOf)) &&
      (text === "" || searchable(entry).includes(text)),
  );
}

/** `READ, 26` lets these through, `-STORED` all but that. */
function typesOf(text: string): (entry: Entry) => boolean {
  const names = text.toLowerCase().split(/[\s,]+/).filter((name) => name !== "" && name !== "-");
  const without = names.filter((name) => name.startsWith("-")).map((name) => name.slice(1));
  const wanted = names.filter((name) => !name.startsWith("-"));
  const isOne = (entry: Entry, some: readonly string[]): boolean => some.includes(entry.word.toLowerCase()) || some.includes(String(entry.type ?? ""));
  return (entry) => (wanted.length === 0 || isOne(entry, wanted)) && !isOne(entry, without);
}

function searchable(entry: Entry): string {
  entry.found ??= `${entry.text}\n${entry.raw}\n${entry.word}`.toLowerCase();
  return entry.found;
}

export const ALL_KINDS: readonly EntryKind[] = ["command", "frame", "presence", "alarm", "note"];

function isOf(entry: Entry, device: string, nameOf: NameOf): boolean {
  if (/^\d+$/.test(device)) return entry.from === device || entry.to === device;
  return [entry.from, entry.to].some((address) => nameOf(address).toLowerCase().includes(device) || address.toLowerCase() === device);
}

/** As lines of text, for the clipboard: a time begins each, so that no cell of a table begins with a formula. */
export function asText(entries: readonly Entry[], nameOf: NameOf): string {
  const who = (address: string): string => {
    const name = nameOf(address);
    return name === "" ? address : `${address} (${name})`;
  };
  return entries
    .map((entry) => {
      const route = entry.to === "" ? who(entry.from) : `${who(entry.from)} -> ${who(entry.to)}`;
      return `${new Date(entry.at).toISOString()}  ${route}  ${entry.word}  ${entry.raw || entry.text}`;
    })
    .join("\n");
}
