// What everyone in the room agrees on, rebuilt from the server's welcome and its events. Pure: a new state for
// each event, no network, no clock. The server decides; this only follows.
import type { ChatMessage, Participant, RoomEvent, RoomSnapshot, Source, SourceState } from "../wire/messages";

export interface RoomState {
  readonly self: string;
  readonly version: number;
  readonly people: ReadonlyMap<string, Participant>;
  /** Raised hands, first come first. */
  readonly hands: readonly string[];
  readonly chat: readonly ChatMessage[];
}

/** The server keeps as many; older lines are gone for newcomers too. */
const chatKept = 200;

const unused: SourceState = { published: false, paused: false, muted: false };

export function fromWelcome(self: string, room: RoomSnapshot): RoomState {
  return {
    self,
    version: room.version,
    people: new Map(room.participants.map((p) => [p.id, p])),
    hands: room.hands,
    chat: room.chat,
  };
}

/** The state after an event; "gap" when events in between were missed. Events already known change nothing. */
export function after(state: RoomState, event: RoomEvent): RoomState | "gap" {
  if (event.version <= state.version) return state;
  if (event.version > state.version + 1) return "gap";
  return { ...step(state, event), version: event.version };
}

function step(state: RoomState, event: RoomEvent): RoomState {
  const who = event.participant;
  switch (event.kind) {
    case "joined":
      return event.joined ? { ...state, people: new Map(state.people).set(event.joined.id, event.joined) } : state;
    case "left":
    case "removed":
      return without(state, who);
    case "away":
    case "returned":
      return change(state, who, (p) => ({ ...p, away: event.kind === "away" }));
    case "said":
      return event.message ? { ...state, chat: [...state.chat, event.message].slice(-chatKept) } : state;
    case "chat-deleted":
      return { ...state, chat: state.chat.map((m) => (m.id === event.message?.id ? { ...m, text: "", deleted: true } : m)) };
    case "hand-raised":
      return state.hands.includes(who) ? state : { ...state, hands: [...state.hands, who] };
    case "hand-lowered":
      return { ...state, hands: state.hands.filter((id) => id !== who) };
    case "invited":
    case "invite-withdrawn":
    case "declined":
      return change(state, who, (p) => ({ ...p, invited: event.kind === "invited" }));
    case "moved":
      return moved(state, event);
    case "published":
    case "unpublished":
      return source(state, event, (s) => ({ ...s, published: event.kind === "published", paused: false }));
    case "paused":
    case "resumed":
      return source(state, event, (s) => ({ ...s, paused: event.kind === "paused" }));
    case "muted":
    case "allowed":
      return source(state, event, (s) => ({ ...s, muted: event.kind === "muted" }));
    case "other":
      return state;
  }
}

function change(state: RoomState, id: string, edit: (p: Participant) => Participant): RoomState {
  const person = state.people.get(id);
  return person ? { ...state, people: new Map(state.people).set(id, edit(person)) } : state;
}

function without(state: RoomState, id: string): RoomState {
  const people = new Map(state.people);
  people.delete(id);
  return { ...state, people, hands: state.hands.filter((h) => h !== id) };
}

/** Who comes on stage has been heard: the hand goes down. Who leaves it sends nothing any more. */
function moved(state: RoomState, event: RoomEvent): RoomState {
  const place = event.place;
  if (!place) return state;
  const next = change(state, event.participant, (p) => {
    if (place === "stage") return { ...p, place, invited: false };
    const sources: Participant["sources"] = {};
    for (const [name, s] of Object.entries(p.sources)) sources[name as Source] = { ...s, published: false, paused: false };
    return { ...p, place, invited: false, sources };
  });
  return place === "stage" ? { ...next, hands: next.hands.filter((h) => h !== event.participant) } : next;
}

function source(state: RoomState, event: RoomEvent, edit: (s: SourceState) => SourceState): RoomState {
  const name = event.source;
  if (!name) return state;
  return change(state, event.participant, (p) => ({ ...p, sources: { ...p.sources, [name]: edit(p.sources[name] ?? unused) } }));
}

/** Whether a source is sent on to the others, as the server's gate decides. */
export function heard(person: Participant, name: Source): boolean {
  const s = person.sources[name];
  return person.place === "stage" && s !== undefined && s.published && !s.paused && !s.muted;
}

export function onStage(state: RoomState): Participant[] {
  return [...state.people.values()].filter((p) => p.place === "stage");
}

const byName = new Intl.Collator(undefined, { sensitivity: "base", numeric: true });

/** The people list in the order hosts need it: raised hands first, then the stage, then everybody else by name. */
export function inOrder(state: RoomState, wanted: (p: Participant) => boolean = () => true): { hands: Participant[]; stage: Participant[]; floor: Participant[] } {
  const hands = state.hands.flatMap((id) => state.people.get(id) ?? []).filter(wanted);
  const rest = [...state.people.values()].filter((p) => !state.hands.includes(p.id) && wanted(p)).sort((a, b) => byName.compare(a.name, b.name));
  return { hands, stage: rest.filter((p) => p.place === "stage"), floor: rest.filter((p) => p.place !== "stage") };
}

/** Whether somebody's name has these letters in it; accents and capitals do not matter. */
export function named(letters: string): (p: Participant) => boolean {
  const plain = (text: string) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const wanted = plain(letters.trim());
  return (p) => plain(p.name).includes(wanted);
}

export function hosts(person: Participant | undefined): boolean {
  return person?.role === "host" || person?.role === "co-host";
}
