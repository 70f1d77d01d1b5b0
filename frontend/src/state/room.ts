// What everyone in the room agrees on, rebuilt from the server's welcome and its events. Pure: a new state for
// each event, no network, no clock. The server decides; this only follows.
import type { ChatMessage, Participant, RoomEvent, RoomSnapshot, Settings, Source, SourceState } from "../wire/messages";

export interface RoomState {
  readonly self: string;
  readonly version: number;
  readonly people: ReadonlyMap<string, Participant>;
  /** Raised hands, first come first. */
  readonly hands: readonly string[];
  readonly chat: readonly ChatMessage[];
  /** Messages that wait for a host. */
  readonly held: readonly ChatMessage[];
  readonly settings: Settings;
  /** The co-host who stands in for the host; empty for none. */
  readonly inCharge: string;
}

/** The server keeps as many; older lines are gone for newcomers too. */
const chatKept = 200;

const unused: SourceState = { published: false, paused: false, muted: false, granted: false };

export function fromWelcome(self: string, room: RoomSnapshot): RoomState {
  return {
    self,
    version: room.version,
    people: new Map(room.participants.map((p) => [p.id, p])),
    hands: room.hands,
    chat: room.chat,
    held: room.held,
    settings: room.settings,
    inCharge: room.inCharge,
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
    case "admitted":
      return event.joined ? relieved({ ...state, people: new Map(state.people).set(event.joined.id, event.joined) }, event.joined) : state;
    case "left":
    case "removed":
      return without(state, who);
    case "away":
    case "returned": {
      const next = change(state, who, (p) => ({ ...p, away: event.kind === "away" }));
      if (event.kind === "away" && state.inCharge === who) return { ...next, inCharge: "" };
      return event.kind === "returned" ? relieved(next, next.people.get(who)) : next;
    }
    case "said":
      return event.message ? { ...unheld(state, event.message), chat: [...state.chat, event.message].slice(-chatKept) } : state;
    case "held":
      return event.message ? { ...state, held: [...state.held, event.message] } : state;
    case "discarded":
      return event.message ? unheld(state, event.message) : state;
    case "chat-deleted":
      return { ...state, chat: state.chat.map((m) => (m.id === event.message?.id ? { ...m, text: "", deleted: true } : m)) };
    case "hand-raised":
      return state.hands.includes(who) ? state : { ...state, hands: queued(state.hands, who, event.position) };
    case "hand-lowered":
      return { ...state, hands: state.hands.filter((id) => id !== who) };
    case "invited":
    case "invite-withdrawn":
    case "declined":
      return change(state, who, (p) => ({ ...p, invited: event.kind === "invited" }));
    case "moved":
      return moved(state, event);
    case "asked":
    case "denied":
      return change(state, who, (p) => ({ ...p, denied: event.kind === "denied" }));
    case "stood-in":
      return { ...state, inCharge: who };
    case "published":
      return source(spoken(state, event), event, (s) => ({ ...s, published: true, paused: false }));
    case "unpublished":
      return source(state, event, (s) => ({ ...s, published: false, paused: false }));
    case "paused":
    case "resumed":
      return source(state, event, (s) => ({ ...s, paused: event.kind === "paused" }));
    case "muted":
      return source(state, event, (s) => ({ ...s, muted: true }));
    case "allowed":
      // The host only opens the way: the sound comes when its owner resumes it.
      return source(state, event, (s) => ({ ...s, muted: false, paused: s.published }));
    case "granted":
    case "revoked":
      return source(state, event, (s) => ({ ...s, granted: event.kind === "granted" }));
    case "panicked":
      return set(stilled(state), event);
    case "lobby-mode":
    case "locked":
    case "unlocked":
    case "unfrozen":
    case "rights":
    case "chat-mode":
    case "chat-hold":
      return set(state, event);
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
  return { ...state, people, hands: state.hands.filter((h) => h !== id), inCharge: state.inCharge === id ? "" : state.inCharge };
}

function set(state: RoomState, event: RoomEvent): RoomState {
  return event.settings ? { ...state, settings: event.settings } : state;
}

function unheld(state: RoomState, message: ChatMessage): RoomState {
  return state.held.length === 0 ? state : { ...state, held: state.held.filter((m) => m.id !== message.id) };
}

/** Who has not spoken goes before those who have, so a new hand may not be the last. */
function queued(hands: readonly string[], id: string, position: number): string[] {
  const at = position > 0 ? position - 1 : hands.length;
  return [...hands.slice(0, at), id, ...hands.slice(at)];
}

/** A host who comes in or back takes over from the co-host. */
function relieved(state: RoomState, person: Participant | undefined): RoomState {
  return person?.role === "host" && person.place !== "lobby" && state.inCharge !== "" ? { ...state, inCharge: "" } : state;
}

/** A microphone sent from the floor was a turn. */
function spoken(state: RoomState, event: RoomEvent): RoomState {
  if (event.source !== "mic") return state;
  return change(state, event.participant, (p) => (p.place === "floor" ? { ...p, spoke: true } : p));
}

/** After a panic each person's own "resume" lets their media flow again. */
function stilled(state: RoomState): RoomState {
  const people = new Map(state.people);
  for (const [id, person] of people) {
    const sources: Participant["sources"] = {};
    for (const [name, s] of Object.entries(person.sources)) sources[name as Source] = s.published ? { ...s, paused: true } : s;
    people.set(id, { ...person, sources });
  }
  return { ...state, people };
}

/** Who comes on stage has been heard: the hand goes down. Who leaves it sends nothing any more. */
function moved(state: RoomState, event: RoomEvent): RoomState {
  const place = event.place;
  if (!place) return state;
  const next = change(state, event.participant, (p) => {
    if (place === "stage") return { ...p, place, invited: false, spoke: p.spoke || p.role === "attendee" || p.role === "captioner" };
    const sources: Participant["sources"] = {};
    for (const [name, s] of Object.entries(p.sources)) sources[name as Source] = { ...s, published: false, paused: false };
    return { ...p, place, invited: false, sources };
  });
  return place === "stage" || place === "lobby" ? { ...next, hands: next.hands.filter((h) => h !== event.participant) } : next;
}

function source(state: RoomState, event: RoomEvent, edit: (s: SourceState) => SourceState): RoomState {
  const name = event.source;
  if (!name) return state;
  return change(state, event.participant, (p) => ({ ...p, sources: { ...p.sources, [name]: edit(p.sources[name] ?? unused) } }));
}

/** Whether somebody may send a source from where they are. Of the right "known" the server alone knows to whom it was given. */
export function may(state: RoomState, person: Participant, name: Source): boolean {
  if (person.place === "lobby") return false;
  if (person.place === "stage" && (name !== "screen" || stageRole(person))) return true;
  return person.sources[name]?.granted === true || (person.place === "floor" && state.settings.rights[name] !== "nobody");
}

/** Whether a source is sent on to the others, as the server's gate decides. */
export function heard(state: RoomState, person: Participant, name: Source): boolean {
  const s = person.sources[name];
  if (s === undefined || !s.published || s.paused || s.muted || !may(state, person, name)) return false;
  return person.place === "stage" ? !state.settings.frozen.stage : !state.settings.frozen.floor;
}

/** Who is on stage, and then who is heard or seen from the floor. */
export function onStage(state: RoomState): Participant[] {
  const people = [...state.people.values()];
  const sent = (p: Participant) => p.place === "floor" && (["mic", "camera", "screen"] as const).some((name) => heard(state, p, name));
  return [...people.filter((p) => p.place === "stage"), ...people.filter(sent)];
}

export function anyFrozen(state: RoomState): boolean {
  const { chat, stage, floor } = state.settings.frozen;
  return chat || stage || floor;
}

export function here(state: RoomState): number {
  return [...state.people.values()].filter((p) => p.place !== "lobby").length;
}

const byName = new Intl.Collator(undefined, { sensitivity: "base", numeric: true });

export interface Groups {
  waiting: Participant[];
  hands: Participant[];
  stage: Participant[];
  floor: Participant[];
}

/** The people list in the order hosts need it: who waits at the door, raised hands, the stage, then everybody else by name. */
export function inOrder(state: RoomState, wanted: (p: Participant) => boolean = () => true): Groups {
  const hands = state.hands.flatMap((id) => state.people.get(id) ?? []).filter(wanted);
  const rest = [...state.people.values()].filter((p) => !state.hands.includes(p.id) && wanted(p)).sort((a, b) => byName.compare(a.name, b.name));
  const at = (place: Participant["place"]) => rest.filter((p) => p.place === place);
  // Who was told "not now" stands behind those who still hope.
  const waiting = at("lobby").sort((a, b) => Number(a.denied) - Number(b.denied));
  return { waiting, hands, stage: at("stage"), floor: at("floor") };
}

/** Whether somebody's name has these letters in it; accents and capitals do not matter. */
export function named(letters: string): (p: Participant) => boolean {
  const plain = (text: string) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const wanted = plain(letters.trim());
  return (p) => plain(p.name).includes(wanted);
}

/** Whether this person may do what only a host may: end a panic, keep somebody out of every event. */
export function inCharge(state: RoomState, person: Participant | undefined): boolean {
  return person?.role === "host" || (person !== undefined && state.inCharge === person.id);
}

/** Roles that come in on the stage and may show their screen there. */
export function stageRole(person: Participant): boolean {
  return hosts(person) || person.role === "speaker";
}

export function hosts(person: Participant | undefined): boolean {
  return person?.role === "host" || person?.role === "co-host";
}
