// The rule: welcome and events, in the server's order, give the server's state; a missed event is noticed.
import { describe, expect, it } from "vitest";
import { decode } from "../wire/decode";
import type { EventKind, Participant, RoomEvent } from "../wire/messages";
import { frame, vectors } from "../wire/vectors";
import { after, fromWelcome, heard, inOrder } from "./room";
import type { RoomState } from "./room";

function person(id: string, more: Partial<Participant> = {}): Participant {
  return { id, name: `Reader ${id}`, role: "attendee", place: "floor", away: false, invited: false, sources: {}, ...more };
}

function room(...people: Participant[]): RoomState {
  return fromWelcome("p1", { id: "e1", version: 0, participants: people, hands: [], chat: [] });
}

function play(state: RoomState, ...events: (Partial<RoomEvent> & { kind: EventKind })[]): RoomState {
  return events.reduce((current, event) => {
    const next = after(current, { version: current.version + 1, at: "", actor: "", participant: "", ...event });
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
    const audible = () => heard(state.people.get("p1")!, "mic");
    expect(audible()).toBe(true);
    state = play(state, { kind: "paused", participant: "p1", source: "mic" });
    expect(audible()).toBe(false);
    state = play(state, { kind: "resumed", participant: "p1", source: "mic" }, { kind: "muted", participant: "p1", source: "mic" });
    expect(audible()).toBe(false);
    state = play(state, { kind: "allowed", participant: "p1", source: "mic" });
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
    expect(state.people.get("p1")?.sources.mic).toEqual({ published: true, paused: false, muted: true });
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

  it("notices a gap and ignores what it knows already", () => {
    const state = play(room(person("p1")), { kind: "other" });
    const event: RoomEvent = { version: 3, at: "", kind: "hand-raised", actor: "p1", participant: "p1" };
    expect(after(state, event)).toBe("gap");
    expect(after(state, { ...event, version: 1 })).toBe(state);
  });

  it("counts the version of a kind it does not know", () => {
    expect(play(room(person("p1")), { kind: "other" }).version).toBe(1);
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
