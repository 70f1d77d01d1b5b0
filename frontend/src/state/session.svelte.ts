// One person's visit to a room: the room's state, this page's devices, and the intents of the pages. It joins
// the live connection (which knows no state) and the reducer (which knows no network).
import { errorText, t } from "../../messages";
import { CommandError, Connection } from "../live/connection";
import type { Entry, EntryAnswer, Status } from "../live/connection";
import * as memory from "../live/memory";
import type { CommandArgs, CommandName, Participant, RoomEvent, Source, Welcome } from "../wire/messages";
import { announcement } from "./announce";
import { Announcer } from "./announcer.svelte";
import { LocalMedia } from "./local.svelte";
import { after, fromWelcome, heard } from "./room";
import type { RoomState } from "./room";

/** Louder than this, from 0 to 1, counts as speaking. */
const speakingFrom = 0.01;
const levelsEvery = 300;
const noticeFor = 7_000;

export class Session {
  status = $state.raw<Status>({ kind: "connecting" });
  room = $state.raw<RoomState | undefined>();
  streams = $state.raw<ReadonlyMap<string, MediaStream>>(new Map());
  speaking = $state.raw<ReadonlySet<string>>(new Set());
  /** The browser wants a click before it plays sound. */
  soundBlocked = $state(false);
  /** Counted up by the click that turns sound on: players try again. */
  soundAsked = $state(0);
  /** The network lets neither sound nor picture through. */
  mediaBlocked = $state(false);
  notice = $state("");
  /** How many chat messages came in since the page began; pages compare it with what was seen. */
  said = $state(0);
  readonly announcer = new Announcer();
  readonly local: LocalMedia;
  readonly #connection: Connection;
  #levels: ReturnType<typeof setInterval> | undefined;
  #noticeTimer: ReturnType<typeof setTimeout> | undefined;
  /** What was being sent before the reload or the loss; screens are not asked for again by themselves. */
  #wished = new Set<Source>(memory.published.read());

  constructor(room: string, join: () => Promise<EntryAnswer>, local: LocalMedia, entry?: Entry) {
    this.local = local;
    this.announcer.onShown = (text) => this.#show(text);
    local.onEnded = (source) => void this.#ended(source);
    this.#connection = new Connection(
      {
        room,
        join,
        localTrack: (source) => local.tracks[source],
        onStatus: (status) => this.#onStatus(status),
        onWelcome: (welcome) => this.#onWelcome(welcome),
        onEvent: (event) => this.#onEvent(event),
        onStreams: (streams) => (this.streams = streams),
        onMediaBlocked: () => this.#mediaIsBlocked(),
      },
      entry,
    );
  }

  get self(): Participant | undefined {
    return this.room?.people.get(this.room.self);
  }

  get chatLength(): number {
    return this.#connection.limits.chatLength;
  }

  open(move = false): void {
    this.#levels ??= setInterval(() => void this.#measure(), levelsEvery);
    void this.#connection.run(move);
  }

  leave(): void {
    memory.published.write([]);
    memory.draft.write("");
    this.#connection.leave();
  }

  close(): void {
    clearInterval(this.#levels);
    clearTimeout(this.#noticeTimer);
    this.announcer.close();
    this.local.close();
  }

  /** Sends a command; a refusal becomes a sentence on the screen and false. */
  async intend(name: CommandName, args: CommandArgs = {}): Promise<boolean> {
    try {
      await this.#connection.command(name, args);
      return true;
    } catch (problem) {
      if (!(problem instanceof CommandError)) throw problem;
      // "already" means that what was asked for is so: somebody else, or an earlier click, did it.
      if (problem.code === "already") return true;
      this.tell(errorText(problem.code));
      return false;
    }
  }

  /** Microphone, camera or screen on or off. The microphone, once sent, is only paused: it comes back at once. */
  async toggle(source: Source): Promise<void> {
    const state = this.self?.sources[source];
    const sent = state?.published === true && this.local.tracks[source] !== undefined;
    if (source === "mic" && sent) await this.#pause(!state.paused);
    else if (sent) await this.#withdraw(source);
    else await this.#send(source);
  }

  /** Accepts the invitation; what is already on in the preview is sent from the first moment. */
  async stepUp(): Promise<void> {
    if (await this.intend("stage.accept")) await this.#republish();
  }

  async choose(kind: "microphone" | "camera" | "speaker", id: string): Promise<void> {
    const source = await this.local.choose(kind, id);
    if (source) await this.#connection.replaceTrack(source, this.local.tracks[source] ?? null);
  }

  turnSoundOn(): void {
    this.soundBlocked = false;
    this.soundAsked += 1;
  }

  tell(text: string): void {
    this.announcer.say(text);
    this.#show(text);
  }

  #show(text: string): void {
    this.notice = text;
    clearTimeout(this.#noticeTimer);
    this.#noticeTimer = setTimeout(() => (this.notice = ""), noticeFor);
  }

  #onStatus(status: Status): void {
    const before = this.status.kind;
    this.status = status;
    if (status.kind === "reconnecting" && before === "open") this.announcer.say(t("room.reconnecting"));
    if (status.kind === "open" && before === "reconnecting") this.announcer.say(t("room.said.back"));
    if (status.kind === "removed" || status.kind === "ended" || status.kind === "moved" || status.kind === "left") this.local.stopAll();
  }

  #mediaIsBlocked(): void {
    this.mediaBlocked = true;
    this.announcer.say(t("room.media-blocked"), true);
  }

  #onWelcome(welcome: Welcome): void {
    this.room = fromWelcome(welcome.self, welcome.room);
    void this.#republish();
  }

  #onEvent(event: RoomEvent): boolean {
    if (!this.room) return true;
    const said = announcement(this.room, event);
    const next = after(this.room, event);
    if (next === "gap") return false;
    if (next === this.room) return true;
    this.room = next;
    if (said?.many) this.announcer.gather(said, said.many);
    else if (said) {
      const text = t(said.key, said.values);
      if (said.shown) this.tell(text);
      this.announcer.say(text, said.urgent);
    }
    if (event.kind === "said" && event.message && event.message.from !== next.self) {
      this.said += 1;
      this.announcer.chat(event.message);
    }
    if (event.participant === next.self) this.#afterOwn(event);
    return true;
  }

  /** Off the stage nothing is sent, so no camera light may stay on. */
  #afterOwn(event: RoomEvent): void {
    if (event.kind === "moved" && event.place !== "stage") {
      this.local.stopAll();
      this.#wished.clear();
    }
    this.#remember();
  }

  async #send(source: Source): Promise<void> {
    if (!(await this.local.start(source))) return;
    const track = this.local.tracks[source];
    if (track) track.enabled = true;
    this.#wished.add(source);
    if (!(await this.intend("publish", { source }))) {
      this.#wished.delete(source);
      this.local.stop(source);
    }
  }

  async #withdraw(source: Source): Promise<void> {
    this.#wished.delete(source);
    this.local.stop(source);
    await this.intend("unpublish", { source });
  }

  async #pause(paused: boolean): Promise<void> {
    const track = this.local.tracks.mic;
    if (!track) return;
    // Silence begins here, before the server has answered; sound only after it has agreed.
    if (paused) track.enabled = false;
    const done = await this.intend(paused ? "pause" : "resume", { source: "mic" });
    if (!paused) track.enabled = done;
  }

  async #ended(source: Source): Promise<void> {
    this.#wished.delete(source);
    if (this.self?.sources[source]?.published) await this.intend("unpublish", { source });
  }

  /** After a welcome or on stepping up: everything that is on here, or was before a reload, is sent again. */
  async #republish(): Promise<void> {
    if (this.self?.place !== "stage") return;
    for (const source of ["mic", "camera", "screen"] as const) {
      const state = this.self?.sources[source];
      if (state?.muted) continue;
      if (source !== "screen" && this.#wished.has(source)) await this.local.resume(source);
      const track = this.local.tracks[source];
      if (!track) {
        if (state?.published) await this.intend("unpublish", { source });
        continue;
      }
      this.#wished.add(source);
      // An offer that came while the device was still waking found no track to put on it.
      if (state?.published) await this.#connection.replaceTrack(source, track);
      else await this.intend("publish", { source });
      if (source === "mic" && !track.enabled) await this.intend("pause", { source });
    }
    this.#remember();
  }

  #remember(): void {
    const self = this.self;
    if (self) memory.published.write((["mic", "camera"] as const).filter((source) => heard(self, source)));
  }

  async #measure(): Promise<void> {
    if (this.status.kind !== "open") return;
    const levels = await this.#connection.levels();
    const speaking = new Set([...levels].filter(([, level]) => level > speakingFrom).map(([id]) => id));
    const same = speaking.size === this.speaking.size && [...speaking].every((id) => this.speaking.has(id));
    if (!same) this.speaking = speaking;
  }
}
