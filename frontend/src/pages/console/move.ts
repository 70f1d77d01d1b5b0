// What the form for another time holds, and how it becomes what the site takes. Pure.
import type { StaffEvent } from "../../api/staff";
import { fromLocal, localOf } from "../../ui/time";

export interface MoveForm {
  date: string;
  time: string;
  minutes: string;
}

export interface MoveProblem {
  field: keyof MoveForm;
  code: string;
}

export interface Move {
  startsAt: string;
  minutes: number;
}

/** The form as it opens: the event's own time, on the clock of its zone. */
export function formOf(event: Pick<StaffEvent, "startsAt" | "endsAt" | "timeZone">): MoveForm {
  const minutes = Math.round((Date.parse(event.endsAt) - Date.parse(event.startsAt)) / 60_000);
  return { ...localOf(event.startsAt, event.timeZone), minutes: String(minutes) };
}

/** What to send, or what this page can already see is missing. The site checks everything again. */
export function toMove(form: MoveForm, timeZone: string): Move | MoveProblem[] {
  const problems: MoveProblem[] = [];
  for (const field of ["date", "time", "minutes"] as const) {
    if (form[field].trim() === "") problems.push({ field, code: "required" });
  }
  const minutes = Number(form.minutes);
  if (form.minutes.trim() !== "" && (!Number.isInteger(minutes) || minutes < 1)) problems.push({ field: "minutes", code: "out-of-range" });
  const startsAt = fromLocal(form.date, form.time, timeZone);
  if (startsAt === "" && form.date !== "" && form.time !== "") problems.push({ field: "date", code: "wrong-type" });
  return problems.length > 0 ? problems : { startsAt, minutes };
}

/** The field of this form that a field of the site's answer is about. */
export function moveFieldOf(name: string): keyof MoveForm {
  return name.endsWith("minutes") ? "minutes" : "date";
}
