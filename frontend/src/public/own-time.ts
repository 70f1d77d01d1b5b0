// Adds the visitor's own clock to an event's time, when the two differ at that moment.

const hours = (at: Date, timeZone: string) =>
  at.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", timeZone });

const day = (at: Date, timeZone: string) =>
  at.toLocaleDateString("en-GB", { weekday: "long", day: "numeric", month: "long", timeZone });

/** The sentence for one place, or "" when the visitor's clock shows the same as the event's. */
export function ownTime(data: DOMStringMap, zone: string): string {
  const start = new Date(data.start ?? "");
  const end = new Date(data.end ?? "");
  const there = data.zone ?? "";
  if (isNaN(start.getTime()) || isNaN(end.getTime()) || !there || !zone) return "";
  const sameDay = day(start, zone) === day(start, there);
  if (sameDay && hours(start, zone) === hours(start, there)) return "";
  const text = (sameDay ? data.text : data.textDay) ?? "";
  return text
    .replace("{day}", day(start, zone))
    .replace("{time}", `${hours(start, zone)} – ${hours(end, zone)}`);
}

export function showOwnTimes(page: ParentNode, zone: string): void {
  for (const place of page.querySelectorAll<HTMLElement>(".own-time")) {
    const text = ownTime(place.dataset, zone);
    place.textContent = text;
    place.hidden = text === "";
  }
}
