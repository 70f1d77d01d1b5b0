// Keyboard shortcuts of the room: always with Alt and Shift, so that no letter is taken from anybody's typing
// (WCAG 2.1.4). The physical key decides, so that Alt on a Mac, which writes other letters, works too.
export type Shortcut = "mic" | "camera" | "hand" | "chat" | "people" | "settings" | HostShortcut;
export type HostShortcut = "panic" | "lock" | "admit" | "invite" | "undo";

export const keys: Record<Shortcut, string> = {
  mic: "M",
  camera: "V",
  hand: "H",
  chat: "C",
  people: "L",
  settings: "K",
  panic: "P",
  lock: "D",
  admit: "A",
  invite: "I",
  undo: "Z",
};

/** Keys that do nothing for the audience, and are not shown to it. */
export const hostKeys: readonly Shortcut[] = ["panic", "lock", "admit", "invite", "undo"] satisfies HostShortcut[];

const byCode = new Map(Object.entries(keys).map(([name, letter]) => [`Key${letter}`, name as Shortcut]));

export function shortcut(event: Pick<KeyboardEvent, "code" | "altKey" | "shiftKey" | "ctrlKey" | "metaKey" | "repeat">): Shortcut | undefined {
  if (!event.altKey || !event.shiftKey || event.ctrlKey || event.metaKey || event.repeat) return undefined;
  return byCode.get(event.code);
}
