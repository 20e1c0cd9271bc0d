/** Time zones: their names, and what their clocks show. */

export function zones(): string[] {
  const all = Intl.supportedValuesOf("timeZone");
  return all.includes("UTC") ? all : ["UTC", ...all];
}

/** An instant for <input type="datetime-local">, as the zone's clocks show it. */
export function zonedInput(ms: number, zone: string): string {
  try {
    const parts = new Intl.DateTimeFormat("en-CA", {
      timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
    }).formatToParts(ms);
    const of = (type: Intl.DateTimeFormatPartTypes) => parts.find((part) => part.type === type)?.value ?? "";
    const seconds = of("second");
    return `${of("year")}-${of("month")}-${of("day")}T${of("hour")}:${of("minute")}${seconds === "00" ? "" : `:${seconds}`}`;
  } catch {
    return "";
  }
}
