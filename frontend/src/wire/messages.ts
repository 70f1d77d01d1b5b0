// The messages of the live protocol (signaling/PROTOCOL.md), one JSON object each, `type` first.
// This file only says what they look like; decode.ts turns text into them.

export type Role = "host" | "co-host" | "speaker" | "captioner" | "attendee";
export type Place = "lobby" | "floor" | "stage";
export type Source = "mic" | "camera" | "screen";
export type Side = "publish" | "subscribe";

export interface SourceState {
  published: boolean;
  paused: boolean;
  muted: boolean;
  /** A host's leave to send it from the floor. */
  granted: boolean;
}

export const lobbyModes = ["open", "admit", "known", "closed"] as const;
export type LobbyMode = (typeof lobbyModes)[number];
export const chatModes = ["open", "slow", "hosts", "off"] as const;
export type ChatMode = (typeof chatModes)[number];
export const rightsModes = ["nobody", "known", "everyone"] as const;
export type Right = (typeof rightsModes)[number];
export const parts = ["chat", "stage", "floor"] as const;
export type Part = (typeof parts)[number];

/** What hosts have decided about the room as a whole. */
export interface Settings {
  lobby: LobbyMode;
  locked: boolean;
  chat: { mode: ChatMode; seconds: number; hold: boolean };
  /** Who may send a source from the floor. */
  rights: Record<Source, Right>;
  /** What a panic has stopped. */
  frozen: Record<Part, boolean>;
}

/** Why somebody waits in the lobby, and whether anybody is there who can open. */
export interface Waiting {
  hosts: boolean;
  reason: "new" | "returned" | "denied" | "asked";
  /** A host's words to them; empty for none. */
  text: string;
}

export interface Participant {
  id: string;
  name: string;
  role: Role;
  place: Place;
  away: boolean;
  invited: boolean;
  /** Has already had a turn. */
  spoke: boolean;
  /** Was refused while waiting; only hosts see it. */
  denied: boolean;
  sources: Partial<Record<Source, SourceState>>;
}

export interface ChatMessage {
  id: string;
  from: string;
  name: string;
  text: string;
  at: string;
  deleted: boolean;
}

export const eventKinds = [
  "joined", "left", "away", "returned", "said", "chat-deleted", "hand-raised", "hand-lowered",
  "invited", "invite-withdrawn", "declined", "moved", "published", "unpublished", "paused", "resumed",
  "muted", "allowed", "removed", "lobby-mode", "admitted", "denied", "asked", "locked", "unlocked", "panicked", "unfrozen",
  "granted", "revoked", "rights", "chat-mode", "chat-hold", "held", "discarded", "stood-in",
] as const;
/** "other" stands for a kind of a newer server: it changes nothing here, but its version counts. */
export type EventKind = (typeof eventKinds)[number] | "other";

/** What happened in the room, as the server tells everyone. */
export interface RoomEvent {
  version: number;
  at: string;
  kind: EventKind;
  actor: string;
  participant: string;
  joined?: Participant;
  place?: Place;
  source?: Source;
  message?: ChatMessage;
  settings?: Settings;
  part?: Part;
  /** Where a new hand stands in the queue, from 1; 0 for the end. */
  position: number;
}

export interface Track {
  mid: string;
  participant: string;
  source: Source;
}

export interface Limits {
  messageBytes: number;
  commandsPerSecond: number;
  /** In characters (runes), not bytes. */
  chatLength: number;
}

export interface RoomSnapshot {
  id: string;
  version: number;
  participants: Participant[];
  hands: string[];
  chat: ChatMessage[];
  /** Messages that wait for a host: all of them for hosts, one's own for others. */
  held: ChatMessage[];
  settings: Settings;
  /** The co-host who stands in for the host; empty for none. */
  inCharge: string;
}

export interface Welcome {
  type: "welcome";
  resume: string;
  self: string;
  room: RoomSnapshot;
  /** Set for somebody in the lobby; the room then holds nobody else. */
  waiting?: Waiting;
  limits: Limits;
}

export interface Offer {
  type: "offer";
  side: Side;
  number: number;
  sdp: string;
  tracks: Track[];
}

export type ServerMessage =
  | Welcome
  | Offer
  | { type: "waiting"; waiting: Waiting }
  | { type: "entered"; room: RoomSnapshot }
  | { type: "done"; id: string }
  | { type: "error"; id: string; code: string; retryAfter: number }
  | { type: "event"; event: RoomEvent }
  | { type: "failed"; side: Side }
  | { type: "pong"; id: string }
  | { type: "bye"; code: string };

export const commandNames = [
  "chat.send", "chat.delete", "hand.raise", "hand.lower", "stage.invite", "stage.withdraw", "stage.accept",
  "stage.decline", "stage.leave", "stage.return", "publish", "unpublish", "pause", "resume", "mute", "allow", "remove",
  "ban", "lobby.mode", "lobby.admit", "lobby.admit-all", "lobby.deny", "lobby.ask", "lobby.return", "lock", "unlock", "panic", "unfreeze",
  "grant", "revoke", "rights", "chat.mode", "chat.hold", "chat.approve", "chat.discard",
] as const;
export type CommandName = (typeof commandNames)[number];

export interface CommandArgs {
  participant?: string;
  source?: Source;
  text?: string;
  message?: string;
  mode?: string;
  seconds?: number;
  part?: Part;
  scope?: "event" | "site";
}

export type ClientMessage =
  | { type: "hello"; token: string; resume?: string; move?: boolean }
  | { type: "command"; id: string; name: CommandName; args: CommandArgs }
  | { type: "answer"; side: Side; number: number; sdp: string }
  | { type: "candidate"; side: Side; candidate: string; mid: string }
  | { type: "ping"; id: string }
  | { type: "bye" };

/** Why the server said goodbye, with the number of the close frame that follows (PROTOCOL.md section 6). */
export const closeCodes = {
  4400: "malformed",
  4401: "token",
  4403: "removed",
  4404: "room-over",
  4408: "hello-timeout",
  4409: "elsewhere",
  4410: "moved",
  4413: "too-large",
  4420: "silent",
  4423: "closed",
  4429: "too-fast",
  4430: "too-slow",
  4500: "internal",
  4503: "restarting",
} as const;
export type CloseReason = (typeof closeCodes)[keyof typeof closeCodes];
