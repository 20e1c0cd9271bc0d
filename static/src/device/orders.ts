// Commands to a device: given, followed, taken back.

import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { api, toApiError } from "../lib/api";
import { t } from "../lib/i18n";
import { live, resync, useNewsBatch } from "../lib/live";
import { KIND, type Command, type CommandState, type Page, type SendOrder } from "../lib/types";
import { toast, toastError } from "../ui";

// The socket is often quicker than the answer to the order: what it said of the last commands is kept for that long.
const MOST_HEARD = 200;
const heard = new Map<number, Command>();
live.listen(["command"], (items) => {
  for (const item of items) {
    if (item.e !== "command") continue;
    heard.delete(item.command.id);
    heard.set(item.command.id, item.command);
    if (heard.size > MOST_HEARD) heard.delete(heard.keys().next().value as number);
  }
});

const STEP: Record<CommandState, number> = { queued: 0, sent: 1, accepted: 2, timed_out: 3, expired: 4, cancelled: 4, rejected: 4, succeeded: 4 };

/** Whether the first state comes before the second. */
export function isBefore(a: CommandState | "", b: CommandState | ""): boolean {
  return a !== "" && b !== "" && STEP[a] < STEP[b];
}

/** A command as it was answered, or as it was heard of since. */
function newest(command: Command): Command {
  const known = heard.get(command.id);
  return known && isBefore(command.state, known.state) ? known : command;
}

/** A whole order to one device; what is not said is as its type has it. */
export async function order(address: number, type: number, fields: string[]): Promise<Command | undefined> {
  const body: SendOrder = {
    target: String(address), group: null, type, fields, expires_ms: null, expires_in_ms: null, never: false, condition: "",
  };
  const { items } = await api.post<{ items: Command[] }>("/commands", body);
  return items[0] && newest(items[0]);
}

export async function cancel(id: number): Promise<void> {
  try {
    await api.post(`/commands/${id}/cancel`);
    toast(t("command.taken_back"));
  } catch (error) {
    toastError(error);
  }
}

/** Gives an order and says whether it is on its way to the hub; a refusal is told in a toast, or to `onRefused`. */
export function useOrder(address: number, onGiven?: (command: Command) => void): {
  busy: boolean; give: (type: number, fields: string[]) => Promise<Command | undefined>; refused: string;
} {
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState("");
  const give = async (type: number, fields: string[]) => {
    setBusy(true);
    setRefused("");
    try {
      const command = await order(address, type, fields);
      if (command) onGiven?.(command);
      return command;
    } catch (error) {
      setRefused(toApiError(error).detail);
      return undefined;
    } finally {
      setBusy(false);
    }
  };
  return { busy, give, refused };
}

/** Whether a command has ended. */
export function isEnded(command: Command): boolean {
  const { state, type } = command;
  if (state === "queued" || state === "accepted") return false;
  return state !== "sent" || type === KIND.CLOCK_SET;
}

export interface History {
  items: Command[] | undefined;
  error?: ReturnType<typeof toApiError>;
  more: boolean;
  loading: boolean;
  loadMore(): void;
  reload(): void;
}

/** So many come at a time. */
const PAGE = 25;
/** Nothing grows without bound, a page that is left open for weeks neither. */
const MOST = 1_000;

/** The commands of a device, newest first, kept true by news. */
export function useHistory(address: number, state: string): History {
  const [items, setItems] = useState<Command[]>();
  const [next, setNext] = useState<string | null>(null);
  const [error, setError] = useState<ReturnType<typeof toApiError>>();
  const [loading, setLoading] = useState(false);
  const run = useRef(0);

  const read = useCallback(async (cursor: string | null) => {
    const mine = ++run.current;
    setLoading(true);
    try {
      const page = await api.get<Page<Command>>("/commands", { device: address, state, limit: PAGE, cursor });
      if (mine !== run.current) return;
      setItems((before) => (cursor && before ? [...before, ...page.items] : page.items));
      setNext(page.next);
      setError(undefined);
    } catch (refused) {
      if (mine === run.current) setError(toApiError(refused));
    } finally {
      if (mine === run.current) setLoading(false);
    }
  }, [address, state]);

  useEffect(() => {
    setItems(undefined);
    void read(null);
    return () => {
      run.current++;
    };
  }, [read]);
  useEffect(() => resync.subscribe(() => void read(null)), [read]);
  useNewsBatch(["command"], (news) => {
    const mine = news.filter((n) => n.command.address === address).map((n) => n.command);
    if (!mine.length) return;
    setItems((before) => {
      if (!before) return before;
      const byId = new Map(before.map((c) => [c.id, c]));
      for (const c of mine) {
        if (state && c.state !== state) byId.delete(c.id);
        else byId.set(c.id, c);
      }
      return [...byId.values()].sort((a, b) => b.id - a.id).slice(0, MOST);
    });
  });
  return {
    items, error, loading, more: next !== null && (items?.length ?? 0) < MOST, loadMore: () => void read(next), reload: () => void read(null),
  };
}
