// Text from the socket becomes a ServerMessage here or nothing at all. Inside, the types are trusted.
// Unknown fields are ignored and unknown types are skipped, as the protocol asks: an older page must survive a newer server.
import { chatModes, closeCodes, eventKinds, lobbyModes, parts, rightsModes } from "./messages";
import type {
  ChatMessage, CloseReason, EventKind, Participant, Part, Place, Role, RoomEvent, RoomSnapshot, ServerMessage, Settings, Side, Source, SourceState, Track, Waiting,
} from "./messages";

type Fields = Record<string, unknown>;

class Malformed extends Error {}

const roles: readonly string[] = ["host", "co-host", "speaker", "captioner", "attendee"];
const places: readonly string[] = ["lobby", "floor", "stage"];
const sources: readonly string[] = ["mic", "camera", "screen"];
const sides: readonly string[] = ["publish", "subscribe"];

function object(value: unknown): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Malformed("an object is missing");
  return value as Fields;
}

/** Go leaves empty lists out or writes null; both mean none. */
function list<T>(value: unknown, each: (item: unknown) => T): T[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new Malformed("a list is missing");
  return value.map(each);
}

function text(value: unknown): string {
  if (typeof value !== "string") throw new Malformed("a text is missing");
  return value;
}

function optionalText(value: unknown): string {
  return value === undefined || value === null ? "" : text(value);
}

function count(value: unknown): number {
  if (typeof value !== "number" || !Number.isFinite(value)) throw new Malformed("a number is missing");
  return value;
}

function oneOf<T extends string>(value: unknown, allowed: readonly string[]): T {
  if (typeof value !== "string" || !allowed.includes(value)) throw new Malformed("an unknown word");
  return value as T;
}

function sourceState(value: unknown): SourceState {
  const fields = object(value);
  return { published: fields.published === true, paused: fields.paused === true, muted: fields.muted === true, granted: fields.granted === true };
}

function participant(value: unknown): Participant {
  const fields = object(value);
  const states: Partial<Record<Source, SourceState>> = {};
  for (const [name, state] of Object.entries(object(fields.sources ?? {}))) {
    if (sources.includes(name)) states[name as Source] = sourceState(state);
  }
  return {
    id: text(fields.id),
    name: optionalText(fields.name),
    role: oneOf<Role>(fields.role, roles),
    place: oneOf<Place>(fields.place, places),
    away: fields.away === true,
    invited: fields.invited === true,
    spoke: fields.spoke === true,
    denied: fields.waits === "denied",
    sources: states,
  };
}

function chatMessage(value: unknown): ChatMessage {
  const fields = object(value);
  return {
    id: text(fields.id),
    from: optionalText(fields.from),
    name: optionalText(fields.name),
    text: optionalText(fields.text),
    at: optionalText(fields.at),
    deleted: fields.deleted === true,
  };
}

function eventKind(word: string): EventKind {
  return (eventKinds as readonly string[]).includes(word) ? (word as EventKind) : "other";
}

function roomEvent(value: unknown): RoomEvent {
  const fields = object(value);
  const event: RoomEvent = {
    version: count(fields.version),
    at: optionalText(fields.at),
    kind: eventKind(text(fields.kind)),
    actor: optionalText(fields.actor),
    participant: optionalText(fields.participant),
    position: count(fields.position ?? 0),
  };
  if (fields.joined) event.joined = participant(fields.joined);
  if (fields.place) event.place = oneOf<Place>(fields.place, places);
  if (fields.source) event.source = oneOf<Source>(fields.source, sources);
  if (fields.message) event.message = chatMessage(fields.message);
  if (fields.settings) event.settings = settings(fields.settings);
  if (fields.part) event.part = oneOf<Part>(fields.part, parts);
  return event;
}

/** A word that an older page does not know is read as the strictest one it knows. */
function known<T extends string>(value: unknown, allowed: readonly T[], otherwise: T): T {
  return allowed.find((word) => word === value) ?? otherwise;
}

function settings(value: unknown): Settings {
  const fields = object(value);
  const chat = object(fields.chat ?? {});
  const rights = object(fields.rights ?? {});
  const frozen = object(fields.frozen ?? {});
  const right = (name: Source) => known(rights[name], rightsModes, "nobody");
  return {
    lobby: known(fields.lobby ?? "open", lobbyModes, "admit"),
    locked: fields.locked === true,
    chat: { mode: known(chat.mode ?? "open", chatModes, "hosts"), seconds: count(chat.seconds ?? 0), hold: chat.hold === true },
    rights: { mic: right("mic"), camera: right("camera"), screen: right("screen") },
    frozen: { chat: frozen.chat === true, stage: frozen.stage === true, floor: frozen.floor === true },
  };
}

function snapshot(value: unknown): RoomSnapshot {
  const room = object(value);
  return {
    id: optionalText(room.id),
    version: count(room.version),
    participants: list(room.participants, participant),
    hands: list(room.hands, text),
    chat: list(room.chat, chatMessage),
    held: list(room.held, chatMessage),
    settings: settings(room.settings ?? {}),
    inCharge: optionalText(room.inCharge),
  };
}

function waiting(value: unknown): Waiting {
  const fields = object(value);
  return { hosts: fields.hosts === true, reason: known(text(fields.reason), ["new", "returned", "denied", "asked"], "new"), text: optionalText(fields.text) };
}

function track(value: unknown): Track {
  const fields = object(value);
  return { mid: text(fields.mid), participant: text(fields.participant), source: oneOf<Source>(fields.source, sources) };
}

const readers: Record<ServerMessage["type"], (fields: Fields) => ServerMessage> = {
  welcome(fields) {
    const limits = object(fields.limits ?? {});
    return {
      type: "welcome",
      resume: text(fields.resume),
      self: text(fields.self),
      room: snapshot(fields.room),
      ...(fields.waiting ? { waiting: waiting(fields.waiting) } : {}),
      limits: {
        messageBytes: count(limits.messageBytes ?? 65536),
        commandsPerSecond: count(limits.commandsPerSecond ?? 20),
        chatLength: count(limits.chatLength ?? 1000),
      },
    };
  },
  waiting: (fields) => ({ type: "waiting", waiting: waiting(fields.waiting) }),
  entered: (fields) => ({ type: "entered", room: snapshot(fields.room) }),
  done: (fields) => ({ type: "done", id: text(fields.id) }),
  error: (fields) => ({
    type: "error",
    id: optionalText(fields.id),
    code: text(fields.code),
    retryAfter: count(fields.retryAfter ?? 0),
  }),
  event: (fields) => ({ type: "event", event: roomEvent(fields.event) }),
  offer: (fields) => ({
    type: "offer",
    side: oneOf<Side>(fields.side, sides),
    number: count(fields.number),
    sdp: text(fields.sdp),
    tracks: list(fields.tracks, track),
  }),
  failed: (fields) => ({ type: "failed", side: oneOf<Side>(fields.side, sides) }),
  pong: (fields) => ({ type: "pong", id: optionalText(fields.id) }),
  bye: (fields) => ({ type: "bye", code: text(fields.code) }),
};

/** The message in a text frame, or undefined when it is malformed or of a type this page does not know. */
export function decode(frame: string): ServerMessage | undefined {
  try {
    const fields = object(JSON.parse(frame));
    const type = text(fields.type);
    if (!Object.hasOwn(readers, type)) return undefined;
    return readers[type as ServerMessage["type"]](fields);
  } catch (problem) {
    if (problem instanceof Malformed || problem instanceof SyntaxError) return undefined;
    throw problem;
  }
}

/** The reason behind a close frame's number; undefined for a plain lost connection (1006 and the like). */
export function closeReason(code: number): CloseReason | undefined {
  return Object.hasOwn(closeCodes, code) ? closeCodes[code as keyof typeof closeCodes] : undefined;
}
