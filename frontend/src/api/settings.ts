// What the console asks about the library itself: its settings and its mail.
import { call, record, string } from "./http";

export interface Mail {
  /** "works", "untested" (registration opens after a test mail) or "files" (for demos and tests). */
  state: string;
  server: string;
  from: string;
  testedAt: string;
}

export interface Settings {
  library: string;
  timeZone: string;
  languages: string[];
  contact: string;
  accent: string;
  privacy: string;
  sender: string;
}

export interface House extends Settings {
  /** Whether an administrator has saved the settings at least once. */
  setUp: boolean;
  /** The languages one can choose. */
  known: string[];
  /** Whether registrations are taken. */
  open: boolean;
  mail: Mail;
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.map(string) : [];
}

function house(value: unknown): House {
  const fields = record(value);
  const mail = record(fields.mail);
  return {
    library: string(fields.library),
    timeZone: string(fields.timeZone),
    languages: strings(fields.languages),
    contact: string(fields.contact),
    accent: string(fields.accent),
    privacy: string(fields.privacy),
    sender: string(fields.sender),
    setUp: fields.setUp === true,
    known: strings(fields.known),
    open: fields.open === true,
    mail: { state: string(mail.state), server: string(mail.server), from: string(mail.from), testedAt: string(mail.testedAt) },
  };
}

export async function settings(): Promise<House> {
  return house(await call("/api/staff/settings"));
}

export async function saveSettings(changed: Settings): Promise<House> {
  return house(await call("/api/staff/settings", { method: "PUT", body: changed }));
}

/** Sends a test mail to oneself. */
export async function testMail(): Promise<House> {
  return house(await call("/api/staff/test-mail", { method: "POST", body: {} }));
}
