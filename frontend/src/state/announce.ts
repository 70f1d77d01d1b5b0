// What a screen reader is told of the room's events: what concerns this person at once, what concerns a host
// politely, and no word about who comes and goes. Pure.
import type { RoomEvent } from "../wire/messages";
import type { Key, Values } from "../../messages";
import { hosts } from "./room";
import type { RoomState } from "./room";

export interface Announcement {
  key: Key;
  values: Values;
  /** Interrupts: only for what the person must act on or would be startled by. */
  urgent: boolean;
  /** Shown on the screen too. */
  shown: boolean;
}

export function announcement(state: RoomState, event: RoomEvent): Announcement | undefined {
  const name = state.people.get(event.participant)?.name ?? "";
  const mine = event.participant === state.self;
  const byOther = event.actor !== state.self;
  const say = (key: Key, urgent = false, shown = mine): Announcement => ({ key, values: { name }, urgent, shown });
  switch (event.kind) {
    case "hand-raised":
      return !mine && hosts(state.people.get(state.self)) ? say("room.said.hand", false, true) : undefined;
    case "invited":
      return mine ? say("room.said.invited", true, false) : undefined;
    case "invite-withdrawn":
      return mine ? say("room.said.withdrawn") : undefined;
    case "declined":
      return !mine && hosts(state.people.get(state.self)) ? say("room.said.declined", false, true) : undefined;
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
