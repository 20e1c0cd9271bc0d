// What a device has and what is known of it, kept true by news.

import { useEffect, useRef } from "preact/hooks";
import { api } from "../lib/api";
import { useNewsBatch, useWatch } from "../lib/live";
import { useResource, type Resource } from "../lib/resource";
import { KIND, type ActuatorInfo, type Capabilities, type Command, type KnownValue, type NewsFor, type Value } from "../lib/types";
import { isBefore, isEnded } from "./orders";

/** After a command has ended the hub is asked what is so now. */
const SETTLE_MS = 400;

export function useCapabilities(address: number): Resource<Capabilities> & { given(command: Command): void } {
  const caps = useResource(`caps ${address}`, () => api.get<Capabilities>(`/devices/${address}/capabilities`));
  const timer = useRef(0);
  useWatch({ devices: [address] });
  useEffect(() => () => window.clearTimeout(timer.current), []);
  const reloadSoon = () => {
    window.clearTimeout(timer.current);
    timer.current = window.setTimeout(caps.reload, SETTLE_MS);
  };
  useNewsBatch(["reading", "command", "device"], (items) => {
    const readings: NewsFor<"reading">[] = [];
    const commands: Command[] = [];
    for (const item of items) {
      if (item.e === "reading" && item.address === address) readings.push(item);
      else if (item.e === "command" && item.command.address === address) commands.push(item.command);
      else if (item.e === "device" && item.address === address && item.what === "changed") reloadSoon();
    }
    if (commands.some((c) => isEnded(c) && (c.type === KIND.WRITE || c.type === KIND.READ || c.type === KIND.EVENT_SET))) reloadSoon();
    if (readings.length || commands.length) caps.mutate((known) => commands.reduce(withCommand, withReadings(known, readings)));
  });
  return { ...caps, given: (command) => caps.mutate((known) => withCommand(known, command)) };
}

function newest(known: KnownValue | null, reading: NewsFor<"reading">): KnownValue | null {
  // What comes late does not take the place of what is newer.
  if (known && known.at_ms > reading.at_ms) return known;
  return { value: reading.value, at_ms: reading.at_ms, hub_ms: reading.hub_ms };
}

function withReadings(known: Capabilities, readings: NewsFor<"reading">[]): Capabilities {
  if (!readings.length) return known;
  const byName = new Map(readings.map((r) => [r.sensor, r]));
  const names = new Set([...known.sensors, ...known.actuators].map((c) => c.name));
  const added = readings.filter((r) => !names.has(r.sensor) && !r.sensor.includes("/"));
  return {
    ...known,
    sensors: [
      ...known.sensors.map((s) => {
        const reading = byName.get(s.name);
        return reading ? { ...s, last: newest(s.last, reading) } : s;
      }),
      ...[...new Map(added.map((r) => [r.sensor, r])).values()].map((r) => ({
        name: r.sensor, kind: "", unit: r.unit, min: null, max: null, by: "readings", last: newest(null, r),
      })),
    ],
    actuators: known.actuators.map((a) => {
      const reading = byName.get(a.name);
      return reading ? { ...a, reported: newest(a.reported, reading) } : a;
    }),
  };
}

/** A WRITE changes what is wanted; an older one than the last says nothing any more. */
function withCommand(known: Capabilities, command: Command): Capabilities {
  const [name, value] = command.fields;
  if (command.type !== KIND.WRITE || name === undefined || value === undefined) return known;
  const change = (a: ActuatorInfo): ActuatorInfo => {
    const older = a.desired && (a.desired.command > command.id || (a.desired.command === command.id && isBefore(command.state, a.desired.state)));
    return a.name !== name || older ? a : { ...a, desired: { value, command: command.id, state: command.state } };
  };
  return { ...known, actuators: known.actuators.map(change) };
}

/** Whether a value stands for on, for off, or for neither. */
export function asSwitch(value: Value | null | undefined): boolean | null {
  if (value === true || value === 1 || value === "true" || value === "1") return true;
  if (value === false || value === 0 || value === "false" || value === "0") return false;
  return null;
}

/** A written value and a reported one that mean the same. */
export function isSame(written: string, reported: Value): boolean {
  if (written === String(reported)) return true;
  return written.trim() !== "" && typeof reported === "number" && Number(written) === reported;
}
