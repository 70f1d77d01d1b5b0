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
  const cameIn = (who: string, waits: boolean): Announcement | undefined => {
    if (!hosting) return undefined;
    const values = { name: who };
    return waits
      ? { key: "room.said.waits", many: "room.said.wait-many", values, urgent: false, shown: true }
      : { key: "room.said.came", many: "room.said.came-many", values, urgent: false, shown: false };
  };
  /** To everybody but the host who did it. */
  const others = (key: Key, urgent = false): Announcement | undefined => (byOther ? say(key, urgent, true) : undefined);
  const say = (key: Key, urgent = false, shown = mine): Announcement => ({ key, values: { name }, urgent, shown });
  switch (event.kind) {
    case "hand-raised":
      return gathered("room.said.hand", "room.said.hands", true);
    case "joined":
      return event.joined?.id === state.self ? undefined : cameIn(event.joined?.name ?? "", event.joined?.place === "lobby");
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
    case "granted":
      return mine && byOther ? say(`room.said.granted-${event.source ?? "mic"}`) : undefined;
    case "revoked":
      return mine && byOther ? say(`room.said.revoked-${event.source ?? "mic"}`) : undefined;
    case "asked":
      return hosting ? say("room.said.asks", false, true) : undefined;
    case "held":
      return hosting && byOther ? { key: "room.said.held", many: "room.said.held-many", values: { name: event.message?.name ?? name }, urgent: false, shown: true } : undefined;
    case "discarded":
      return event.participant === state.self || event.message?.from === state.self ? say("room.said.discarded", false, true) : undefined;
    case "stood-in":
      return mine ? say("room.said.stood-in", false, false) : hosting ? say("room.said.stands-in", false, true) : undefined;
    case "panicked":
      // The banner shows the same.
      return byOther ? say("room.said.panicked", true, false) : undefined;
    case "unfrozen":
      return others(`room.said.unfrozen-${event.part ?? "stage"}`);
    case "locked":
    case "unlocked":
      return hosting ? others(`room.said.${event.kind}`) : undefined;
    case "chat-mode":
      return others(`room.said.chat-${event.settings?.chat.mode ?? "open"}`);
    case "rights": {
      const source = event.source ?? "mic";
      const right = event.settings?.rights[source];
      if (right === "known" || hosts(state.people.get(state.self))) return undefined;
      return others(right === "everyone" ? `room.said.open-${source}` : `room.said.shut-${source}`);
    }
    default:
      return undefined;
  }
}
