// What a host did a moment ago can mostly be taken back: which commands do that, and what the notice says. Pure; asked
// with the state from before.
import type { CommandArgs, CommandName } from "../wire/messages";
import type { Key, Values } from "../../messages";
import type { RoomState } from "./room";

export interface Undo {
  key: Key;
  values: Values;
  name: CommandName;
  args: CommandArgs;
}

export function undo(state: RoomState, name: CommandName, args: CommandArgs): Undo | undefined {
  const { settings } = state;
  const values = { name: state.people.get(args.participant ?? "")?.name ?? "" };
  const back = (key: Key, command: CommandName, commandArgs: CommandArgs = {}): Undo => ({ key, values, name: command, args: commandArgs });
  const { participant, source } = args;
  const person = participant === undefined ? {} : { participant };
  switch (name) {
    case "lock":
      return back("undo.lock", "unlock");
    case "unlock":
      return back("undo.unlock", "lock");
    case "lobby.mode":
      return back("undo.lobby-mode", "lobby.mode", { mode: settings.lobby });
    case "chat.mode":
      return back("undo.chat-mode", "chat.mode", { mode: settings.chat.mode, ...(settings.chat.mode === "slow" && { seconds: settings.chat.seconds }) });
    case "chat.hold":
      return back("undo.chat-hold", "chat.hold", { mode: settings.chat.hold ? "newcomers" : "nobody" });
    case "rights":
      return source && back("undo.rights", "rights", { source, mode: settings.rights[source] });
    case "grant":
      return source && back(`undo.grant-${source}`, "revoke", { ...person, source });
    case "revoke":
      return source && back(`undo.revoke-${source}`, "grant", { ...person, source });
    case "mute":
      return source && back(`undo.mute-${source}`, "allow", { ...person, source });
    case "stage.return":
      return back("undo.stage-return", "stage.invite", person);
    case "lobby.return":
      return back("undo.lobby-return", "lobby.admit", person);
    default:
      return undefined;
  }
}
