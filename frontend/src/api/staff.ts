// What the console asks. Who asks is known by the session's cookie, which scripts cannot read.
import { call, items, number, record, string } from "./http";

export interface Me {
  id: string;
  name: string;
  email: string;
  rights: string[];
  /** The actions that the rights allow, such as "site.write". */
  may: string[];
}

export interface StaffEvent {
  id: string;
  slug: string;
  title: string;
  kind: string;
  format: string;
  branch: string;
  startsAt: string;
  endsAt: string;
  timeZone: string;
  capacity: number;
  taken: number;
  waiting: number;
  live: boolean;
  status: "scheduled" | "cancelled";
}

export interface Draft {
  title: string;
  summary: string;
  description: string;
  speaker: string;
  branch: string;
  kind: string;
  audience: string;
  format: string;
  startsAt: string;
  minutes: number;
  timeZone: string;
  capacity: number;
}

export interface StaffRegistration {
  id: string;
  name: string;
  email: string;
  status: string;
  position: number;
  createdAt: string;
}

export interface OutboxItem {
  id: string;
  kind: string;
  recipient: string;
  subject: string;
  state: string;
  attempts: number;
  detail: string;
  /** The link inside the mail, masked by the server except in the demo. */
  link: string;
  createdAt: string;
  updatedAt: string;
}

function staffEvent(value: unknown): StaffEvent {
  const fields = record(value);
  return {
    id: string(fields.id),
    slug: string(fields.slug),
    title: string(fields.title),
    kind: string(fields.kind),
    format: string(fields.format),
    branch: string(fields.branch),
    startsAt: string(fields.startsAt),
    endsAt: string(fields.endsAt),
    timeZone: string(fields.timeZone),
    capacity: number(fields.capacity),
    taken: number(fields.taken),
    waiting: number(fields.waiting),
    live: fields.live === true,
    status: fields.status === "cancelled" ? "cancelled" : "scheduled",
  };
}

function person(value: unknown): Me {
  const fields = record(value);
  return {
    id: string(fields.id),
    name: string(fields.name),
    email: string(fields.email),
    rights: Array.isArray(fields.rights) ? fields.rights.map(string) : [],
    may: Array.isArray(fields.may) ? fields.may.map(string) : [],
  };
}

export async function me(): Promise<Me> {
  return person(await call("/api/staff/me"));
}

export async function askForLink(email: string): Promise<void> {
  await call("/api/staff/sign-in-link", { method: "POST", body: { email } });
}

export async function signIn(code: string): Promise<void> {
  await call("/api/staff/session", { method: "POST", body: { code } });
}

export async function signOut(): Promise<void> {
  await call("/api/staff/session", { method: "DELETE" });
}

export async function events(): Promise<StaffEvent[]> {
  return items(await call("/api/staff/events")).map(staffEvent);
}

export async function addEvent(draft: Draft): Promise<StaffEvent> {
  return staffEvent(await call("/api/staff/events", { method: "POST", body: draft }));
}

export async function moveEvent(id: string, startsAt: string, minutes: number): Promise<void> {
  await call(`/api/staff/events/${encodeURIComponent(id)}`, { method: "PATCH", body: { startsAt, minutes } });
}

export async function cancelEvent(id: string): Promise<void> {
  await call(`/api/staff/events/${encodeURIComponent(id)}/cancel`, { method: "POST", body: {} });
}

export async function registrations(id: string): Promise<StaffRegistration[]> {
  return items(await call(`/api/staff/events/${encodeURIComponent(id)}/registrations`)).map((fields) => ({
    id: string(fields.id),
    name: string(fields.name),
    email: string(fields.email),
    status: string(fields.status),
    position: number(fields.position),
    createdAt: string(fields.createdAt),
  }));
}

export async function outbox(): Promise<OutboxItem[]> {
  return items(await call("/api/staff/outbox")).map((fields) => ({
    id: string(fields.id),
    kind: string(fields.kind),
    recipient: string(fields.recipient),
    subject: string(fields.subject),
    state: string(fields.state),
    attempts: number(fields.attempts),
    detail: string(fields.detail),
    link: string(fields.link),
    createdAt: string(fields.createdAt),
    updatedAt: string(fields.updatedAt),
  }));
}

/** Somebody whom a host keeps out, of one event or of all. */
export interface Ban {
  id: string;
  scope: "event" | "site";
  /** As shown in the room then; may be empty, like `by`. */
  name: string;
  by: string;
  eventTitle: string;
  at: string;
  /** Empty for a ban without an end. */
  until: string;
}

export async function bans(): Promise<Ban[]> {
  return items(await call("/api/staff/bans")).map((fields) => ({
    id: string(fields.id),
    scope: fields.scope === "site" ? "site" : "event",
    name: string(fields.name),
    by: string(fields.by),
    eventTitle: string(fields.eventTitle),
    at: string(fields.at),
    until: string(fields.until),
  }));
}

export async function liftBan(id: string): Promise<void> {
  await call(`/api/staff/bans/${encodeURIComponent(id)}`, { method: "DELETE" });
}
