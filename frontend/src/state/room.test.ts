// The rule: welcome and events, in the server's order, give the server's state; a missed event is noticed.
import { describe, expect, it } from "vitest";
import { decode } from "../wire/decode";
import type { EventKind, Participant, RoomEvent, Settings } from "../wire/messages";
import { frame, vectors } from "../wire/vectors";
import { after, fromWelcome, heard, inCharge, inOrder, named, onStage } from "./room";
import type { RoomState } from "./room";

function person(id: string, more: Partial<Participant> = {}): Participant {
  return { id, name: `Reader ${id}`, role: "attendee", place: "floor", away: false, invited: false, spoke: false, denied: false, sources: {}, ...more };
}

const settings: Settings = {
  lobby: "open", locked: false, chat: { mode: "open", seconds: 0, hold: false },
  rights: { mic: "nobody", camera: "nobody", screen: "nobody" }, frozen: { chat: false, stage: false, floor: false },
};

function room(...people: Participant[]): RoomState {
  return fromWelcome("p1", { id: "e1", version: 0, participants: people, hands: [], chat: [], held: [], settings, inCharge: "" });
}

function play(state: RoomState, ...events: (Partial<RoomEvent> & { kind: EventKind })[]): RoomState {
  return events.reduce((current, event) => {
    const next = after(current, { version: current.version + 1, at: "", actor: "", participant: "", position: 0, ...event });
    if (next === "gap") throw new Error("gap");
    return next;
  }, state);
}

describe("after", () => {
  it("puts raised hands in order, and forgets the hand of somebody who leaves", () => {
    const state = play(
      room(person("p1"), person("p2"), person("p3")),
      { kind: "hand-raised", participant: "p3" },
      { kind: "hand-raised", participant: "p2" },
      { kind: "hand-raised", participant: "p1" },
      { kind: "left", participant: "p2" },
    );
    expect(state.hands).toEqual(["p3", "p1"]);
    expect(inOrder(state).hands.map((p) => p.id)).toEqual(["p3", "p1"]);
  });

  it("takes the hand down and the invitation away when somebody comes on stage", () => {
    const state = play(
      room(person("p1")),
      { kind: "hand-raised", participant: "p1" },
      { kind: "invited", participant: "p1" },
      { kind: "moved", participant: "p1", place: "stage" },
    );
    expect(state.people.get("p1")).toMatchObject({ place: "stage", invited: false });
    expect(state.hands).toEqual([]);
  });

  it("hears a microphone only while it is published, not paused, not muted and on stage", () => {
    let state = play(room(person("p1", { place: "stage" })), { kind: "published", participant: "p1", source: "mic" });
    const audible = () => heard(state, state.people.get("p1")!, "mic");
    expect(audible()).toBe(true);
    state = play(state, { kind: "paused", participant: "p1", source: "mic" });
    expect(audible()).toBe(false);
    state = play(state, { kind: "resumed", participant: "p1", source: "mic" }, { kind: "muted", participant: "p1", source: "mic" });
    expect(audible()).toBe(false);
    state = play(state, { kind: "allowed", participant: "p1", source: "mic" });
    expect(audible()).toBe(false);
    state = play(state, { kind: "resumed", participant: "p1", source: "mic" });
    expect(audible()).toBe(true);
    state = play(state, { kind: "moved", participant: "p1", place: "floor" });
    expect(audible()).toBe(false);
  });

  it("keeps a host's mute when the person publishes again", () => {
    const state = play(
      room(person("p1", { place: "stage" })),
      { kind: "published", participant: "p1", source: "mic" },
      { kind: "muted", participant: "p1", source: "mic" },
      { kind: "unpublished", participant: "p1", source: "mic" },
      { kind: "published", participant: "p1", source: "mic" },
    );
    expect(state.people.get("p1")?.sources.mic).toEqual({ published: true, paused: false, muted: true, granted: false });
  });

  it("keeps the place and the hand of somebody who is away", () => {
    const state = play(room(person("p1")), { kind: "hand-raised", participant: "p1" }, { kind: "away", participant: "p1" });
    expect(state.people.get("p1")?.away).toBe(true);
    expect(state.hands).toEqual(["p1"]);
  });

  it("empties a deleted message and keeps its place", () => {
    const message = { id: "m1", from: "p1", name: "Reader p1", text: "Hello", at: "", deleted: false };
    const state = play(room(person("p1")), { kind: "said", message }, { kind: "chat-deleted", message: { ...message, text: "" } });
    expect(state.chat).toEqual([{ ...message, text: "", deleted: true }]);
  });

  it("keeps the last 200 messages", () => {
    let state = room(person("p1"));
    for (let n = 0; n < 250; n++) {
      state = play(state, { kind: "said", message: { id: `m${n}`, from: "p1", name: "", text: `${n}`, at: "", deleted: false } });
    }
    expect(state.chat.length).toBe(200);
    expect(state.chat[0]?.text).toBe("50");
  });

  it("stops everything in a panic, and lets it flow again by each person's own resume", () => {
    const frozen = { chat: true, stage: true, floor: true };
    let state = play(
      room(person("p1", { place: "stage" })),
      { kind: "published", participant: "p1", source: "mic" },
      { kind: "panicked", settings: { ...settings, frozen } },
    );
    const audible = () => heard(state, state.people.get("p1")!, "mic");
    expect(audible()).toBe(false);
    state = play(state, { kind: "unfrozen", part: "stage", settings });
    expect(audible()).toBe(false);
    state = play(state, { kind: "resumed", participant: "p1", source: "mic" });
    expect(audible()).toBe(true);
  });

  it("hears from the floor only with a host's leave, and shows such people beside the stage", () => {
    let state = play(room(person("p1")), { kind: "granted", participant: "p1", source: "mic" }, { kind: "published", participant: "p1", source: "mic" });
    expect(onStage(state).map((p) => p.id)).toEqual(["p1"]);
    expect(state.people.get("p1")?.spoke).toBe(true);
    state = play(state, { kind: "revoked", participant: "p1", source: "mic" });
    expect(onStage(state)).toEqual([]);
    state = play(state, { kind: "rights", source: "mic", settings: { ...settings, rights: { ...settings.rights, mic: "everyone" } } });
    expect(onStage(state).map((p) => p.id)).toEqual(["p1"]);
  });

  it("puts a hand where the server says: who has not spoken goes first", () => {
    const state = play(
      room(person("p1", { spoke: true }), person("p2", { spoke: true }), person("p3")),
      { kind: "hand-raised", participant: "p1" },
      { kind: "hand-raised", participant: "p2" },
      { kind: "hand-raised", participant: "p3", position: 1 },
    );
    expect(state.hands).toEqual(["p3", "p1", "p2"]);
  });

  it("shows who waits at the door, those who were refused last, and lets them in", () => {
    const waiting = (id: string) => ({ kind: "joined" as const, participant: id, joined: person(id, { place: "lobby" }) });
    let state = play(room(person("p1", { role: "host", place: "stage" })), waiting("p2"), waiting("p3"), { kind: "denied", participant: "p2" });
    expect(inOrder(state).waiting.map((p) => p.id)).toEqual(["p3", "p2"]);
    state = play(state, { kind: "asked", participant: "p2" }, { kind: "admitted", participant: "p3", joined: person("p3") });
    expect(inOrder(state).waiting.map((p) => [p.id, p.denied])).toEqual([["p2", false]]);
    expect(inOrder(state).floor.map((p) => p.id)).toEqual(["p3"]);
  });

  it("holds a first message until it is posted or dropped", () => {
    const message = { id: "m1", from: "p1", name: "", text: "Hello", at: "", deleted: false };
    const held = play(room(person("p1")), { kind: "held", message });
    expect([held.held.length, held.chat.length]).toEqual([1, 0]);
    const posted = play(held, { kind: "said", message });
    expect([posted.held.length, posted.chat.length]).toEqual([0, 1]);
    const dropped = play(held, { kind: "discarded", message: { ...message, text: "", deleted: true } });
    expect([dropped.held.length, dropped.chat.length]).toEqual([0, 0]);
  });

  it("gives the host's part to a co-host only until a host is back", () => {
    let state = play(room(person("p1", { role: "co-host", place: "stage" }), person("p2", { role: "host", place: "stage" })), { kind: "away", participant: "p2" });
    expect(inCharge(state, state.people.get("p1"))).toBe(false);
    state = play(state, { kind: "stood-in", participant: "p1" });
    expect(inCharge(state, state.people.get("p1"))).toBe(true);
    expect(play(state, { kind: "returned", participant: "p2" }).inCharge).toBe("");
    expect(play(state, { kind: "away", participant: "p1" }).inCharge).toBe("");
  });

  it("notices a gap and ignores what it knows already", () => {
    const state = play(room(person("p1")), { kind: "other" });
    const event: RoomEvent = { version: 3, at: "", kind: "hand-raised", actor: "p1", participant: "p1", position: 0 };
    expect(after(state, event)).toBe("gap");
    expect(after(state, { ...event, version: 1 })).toBe(state);
  });

  it("counts the version of a kind it does not know", () => {
    expect(play(room(person("p1")), { kind: "other" }).version).toBe(1);
  });
});

describe("named", () => {
  it("minds neither capitals nor accents", () => {
    expect(named("zoe")(person("p1", { name: "Zoë Example" }))).toBe(true);
    expect(named("Bo")(person("p1", { name: "Ada Example" }))).toBe(false);
  });
});

describe("the vectors of signaling/wire", () => {
  const messages = vectors.filter((v) => v.direction === "to-client" && v.valid).map((v) => ({ name: v.name, message: decode(frame(v)) }));
  const busy = messages.find((m) => m.name === "welcome to a busy room")?.message;
  for (const { name, message } of messages) {
    if (message?.type !== "event") continue;
    it(`follows: ${name}`, () => {
      if (busy?.type !== "welcome") throw new Error("the busy room's welcome is missing");
      const next = after(fromWelcome(busy.self, busy.room), message.event);
      expect(next).toMatchObject({ version: 43 });
    });
  }
});
