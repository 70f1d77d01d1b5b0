// What a patron's or host's page asks before the live connection: whose ticket this is, and a token for the room.
import { call, record, string } from "./http";
import type { Role } from "../wire/messages";

export interface EventSummary {
  id: string;
  slug: string;
  title: string;
  startsAt: string;
  endsAt: string;
  timeZone: string;
}

export interface Registration {
  id: string;
  name: string;
  status: "confirmed" | "waitlisted" | "cancelled" | "refused";
  event: EventSummary;
}

export interface Pass {
  token: string;
  /** Unix time in milliseconds. */
  expiresAt: number;
  live: string;
  iceServers: RTCIceServer[];
  participant: { id: string; name: string; role: Role };
  event: EventSummary;
}

function eventSummary(value: unknown): EventSummary {
  const fields = record(value);
  return {
    id: string(fields.id),
    slug: string(fields.slug),
    title: string(fields.title),
    startsAt: string(fields.startsAt),
    endsAt: string(fields.endsAt),
    timeZone: string(fields.timeZone),
  };
}

/** The registration a ticket stands for. Throws ApiError "ticket-refused" when it stands for none. */
export async function registration(ticket: string): Promise<Registration> {
  const fields = record(await call("/api/registration", { ticket }));
  const status = string(fields.status);
  return {
    id: string(fields.id),
    name: string(fields.name),
    status: status === "waitlisted" || status === "cancelled" || status === "refused" ? status : "confirmed",
    event: eventSummary(fields.event),
  };
}

const roles: readonly string[] = ["host", "co-host", "speaker", "captioner", "attendee"];

/** A token for the room, by ticket or, without one, by the staff session's cookie. */
export async function join(event: string, ticket: string | undefined): Promise<Pass> {
  const fields = record(await call(`/api/rooms/${encodeURIComponent(event)}/join`, { method: "POST", ticket, body: {} }));
  const self = record(fields.participant);
  const role = string(self.role);
  return {
    token: string(fields.token),
    expiresAt: Date.parse(string(fields.expiresAt)) || 0,
    live: string(fields.live),
    iceServers: iceServers(fields.iceServers),
    participant: { id: string(self.id), name: string(self.name), role: roles.includes(role) ? (role as Role) : "attendee" },
    event: eventSummary(fields.event),
  };
}

function iceServers(value: unknown): RTCIceServer[] {
  if (!Array.isArray(value)) return [];
  return value.map(record).flatMap((server) => {
    const urls = Array.isArray(server.urls) ? server.urls.map(string) : [string(server.urls)];
    const usable = urls.filter((url) => url !== "");
    if (usable.length === 0) return [];
    return [{ urls: usable, username: string(server.username), credential: string(server.credential) }];
  });
}
