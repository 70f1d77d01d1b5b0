// Dates and times as people read them. The reader's own zone comes first; the library's stands beside it when it differs.
const language = "en-GB";

function format(at: string, options: Intl.DateTimeFormatOptions, timeZone?: string): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return "";
  try {
    return new Intl.DateTimeFormat(language, timeZone ? { ...options, timeZone } : options).format(date);
  } catch {
    // An IANA name this browser does not know.
    return new Intl.DateTimeFormat(language, options).format(date);
  }
}

export const ownZone = Intl.DateTimeFormat().resolvedOptions().timeZone;

export function day(at: string, timeZone?: string): string {
  return format(at, { weekday: "long", day: "numeric", month: "long" }, timeZone);
}

export function clock(at: string, timeZone?: string): string {
  return format(at, { hour: "2-digit", minute: "2-digit" }, timeZone);
}

export function dayAndClock(at: string, timeZone?: string): string {
  return format(at, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" }, timeZone);
}

/** Whether the clocks of two zones show different times at this moment. */
export function differs(at: string, timeZone: string): boolean {
  return timeZone !== "" && clock(at) !== clock(at, timeZone);
}

/** The moment that a local date ("2026-11-24") and time ("18:00") name in a zone, as RFC 3339 in UTC; "" when they name none. */
export function fromLocal(date: string, time: string, timeZone: string): string {
  const wanted = Date.parse(`${date}T${time}:00Z`);
  if (Number.isNaN(wanted)) return "";
  // Two steps: the first guess may lie on the other side of a clock change.
  let guess = wanted;
  for (let step = 0; step < 2; step++) guess = wanted - offset(guess, timeZone);
  return new Date(guess).toISOString().replace(".000Z", "Z");
}

/** The local date and time of a moment in a zone, as date and time fields take them. */
export function localOf(at: string, timeZone: string): { date: string; time: string } {
  const moment = Date.parse(at);
  const [date = "", rest = ""] = new Date(moment + offset(moment, timeZone)).toISOString().split("T");
  return { date, time: rest.slice(0, 5) };
}

/** How far a zone's clock is ahead of UTC at a moment, in milliseconds. */
function offset(at: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit",
  }).formatToParts(at);
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.find((p) => p.type === type)?.value ?? "00";
  const shown = Date.parse(`${part("year")}-${part("month")}-${part("day")}T${part("hour")}:${part("minute")}:${part("second")}Z`);
  return shown - Math.floor(at / 1000) * 1000;
}
