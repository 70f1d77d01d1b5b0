// What must survive a reload of this tab, and nothing longer: kept in sessionStorage only, so that closing the tab
// on a shared library computer forgets it. Storage may be refused (private windows); then the tab forgets on reload.
import type { Source } from "../wire/messages";

const names = {
  ticket: "lyceum.ticket",
  resume: "lyceum.resume",
  published: "lyceum.published",
  draft: "lyceum.draft",
  devices: "lyceum.devices",
} as const;

function read(name: string): string {
  try {
    return sessionStorage.getItem(name) ?? "";
  } catch {
    return "";
  }
}

function write(name: string, value: string): void {
  try {
    if (value === "") sessionStorage.removeItem(name);
    else sessionStorage.setItem(name, value);
  } catch {
    // The tab then works until it is reloaded, which is all it can do.
  }
}

export const ticket = { read: () => read(names.ticket), write: (value: string) => write(names.ticket, value) };

/** The secret of the last welcome, one per room. */
export const resume = {
  read: (room: string) => read(`${names.resume}.${room}`),
  write: (room: string, value: string) => write(`${names.resume}.${room}`, value),
};

/** The unsent chat text. */
export const draft = { read: () => read(names.draft), write: (value: string) => write(names.draft, value) };

/** The sources this tab was sending, so that a reload sends them again. A screen is always asked for anew. */
export const published = {
  read: (): Source[] => read(names.published).split(",").filter((s): s is Source => s === "mic" || s === "camera"),
  write: (sources: Source[]) => write(names.published, sources.filter((s) => s !== "screen").join(",")),
};

/** Chosen devices by kind; an empty id means the system's choice. */
export interface Chosen {
  microphone: string;
  camera: string;
  speaker: string;
}

export const devices = {
  read(): Chosen {
    const [microphone = "", camera = "", speaker = ""] = read(names.devices).split("\n");
    return { microphone, camera, speaker };
  },
  write: (chosen: Chosen) => write(names.devices, [chosen.microphone, chosen.camera, chosen.speaker].join("\n").trimEnd()),
};
