// What the form for an event holds, and how it becomes what the site takes. Pure.
import type { Draft } from "../../api/staff";
import { fromLocal } from "../../ui/time";

export interface Form {
  title: string;
  summary: string;
  description: string;
  speaker: string;
  branch: string;
  kind: string;
  audience: string;
  format: string;
  date: string;
  time: string;
  timeZone: string;
  minutes: string;
  capacity: string;
}

export interface Problem {
  field: keyof Form;
  code: string;
}

export const kinds = ["author-talk", "club-meeting", "workshop", "story-time", "class"] as const;
export const audiences = ["general", "0-5", "6-11", "12-18", "19+"] as const;
export const formats = ["online", "in-person", "hybrid"] as const;

export function emptyForm(timeZone: string): Form {
  return {
    title: "", summary: "", description: "", speaker: "", branch: "", kind: "author-talk", audience: "general",
    format: "online", date: "", time: "", timeZone, minutes: "60", capacity: "40",
  };
}

/** The draft to send, or what this page can already see is missing. The site checks everything again. */
export function toDraft(form: Form): Draft | Problem[] {
  const problems: Problem[] = [];
  const need = (field: keyof Form) => {
    if (form[field].trim() === "") problems.push({ field, code: "required" });
  };
  need("title");
  need("date");
  need("time");
  const whole = (field: "minutes" | "capacity") => {
    const value = Number(form[field]);
    if (!Number.isInteger(value) || value < 1) problems.push({ field, code: form[field].trim() === "" ? "required" : "out-of-range" });
    return value;
  };
  const minutes = whole("minutes");
  const capacity = whole("capacity");
  const startsAt = startOf(form);
  if (startsAt === undefined) problems.push({ field: "timeZone", code: "unknown" });
  else if (startsAt === "" && form.date !== "" && form.time !== "") problems.push({ field: "date", code: "wrong-type" });
  if (problems.length > 0 || !startsAt) return problems;
  const { title, summary, description, speaker, branch, kind, audience, format, timeZone } = form;
  return { title, summary, description, speaker, branch, kind, audience, format, startsAt, minutes, timeZone, capacity };
}

/** Undefined for a time zone that this browser does not know. */
function startOf(form: Form): string | undefined {
  try {
    return fromLocal(form.date, form.time, form.timeZone);
  } catch {
    return undefined;
  }
}

/** The field of this form that a field of the site's answer is about. */
export function fieldOf(name: string): keyof Form {
  const last = name.split(".").at(-1) ?? "";
  if (last === "startsAt") return "date";
  return Object.hasOwn(emptyForm(""), last) ? (last as keyof Form) : "title";
}
