// What a screen reader is told of the room's events: what concerns this person at once, what concerns a host
// politely and gathered, and to the audience no word about who comes and goes. Pure.
import type { RoomEvent } from "../wire/messages";
import type { CountedKey, Key, Values } from "../../messages";
import { hosts } from "./room";
import type { RoomState } from "./room";

export interface Announcement {
  key: Key;
  values: Values;
  /** Interrupts: only for what the person must act on or would be startled by. */
  urgent: boolean;
  /** Shown on the screen too. */
  shown: boolean;
  /** Gathered for a moment; several of a kind become this one sentence with their count. */
  many?: CountedKey;
}

export function announcement(state: RoomState, event: RoomEvent): Announcement | undefined {
  const name = state.people.get(event.participant)?.name ?? "";
  const mine = event.participant === state.self;
  const byOther = event.actor !== state.self;
  const hosting = hosts(state.people.get(state.self));
  const gathered = (key: Key, many: CountedKey, shown = false): Announcement | undefined =>
    mine || !hosting ? undefined : { key, many, values: { name }, urgent: false, shown };
  const cameIn = (who: string): Announcement | undefined =>
    hosting ? { key: "room.said.came", many: "room.said.came-many", values: { name: who }, urgent: false, shown: false } : undefined;
  const say = (key: Key, urgent = false, shown = mine): Announcement => ({ key, values: { name }, urgent, shown });
  switch (event.kind) {
    case "hand-raised":
      return gathered("room.said.hand", "room.said.hands", true);
    case "joined":
      return event.joined?.id === state.self ? undefined : cameIn(event.joined?.name ?? "");
    case "left":
      return gathered("room.said.went", "room.said.went-many");
    case "invited":
      return mine ? say("room.said.invited", true, false) : undefined;
    case "invite-withdrawn":
      return mine ? say("room.said.withdrawn") : undefined;
    case "declined":
      return !mine && hosting ? say("room.said.declined", false, true) : undefined;
    case "moved":
      if (mine && event.place === "stage") return say("room.said.on-stage");
      if (mine && byOther) return say("room.said.sent-back", true);
      return !mine && event.place === "stage" ? say("room.said.joined-stage") : undefined;
    case "muted":
      return mine && byOther ? say(`room.said.muted-${event.source ?? "mic"}`, true) : undefined;
    case "allowed":
      return mine && byOther ? say(`room.said.allowed-${event.source ?? "mic"}`, true) : undefined;
    default:
      return undefined;
  }
}
