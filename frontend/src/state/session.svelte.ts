// One person's visit to a room: the room's state, this page's devices, and the intents of the pages. It joins
// the live connection (which knows no state) and the reducer (which knows no network).
import { errorText, t } from "../../messages";
import { CommandError, Connection } from "../live/connection";
import type { Entry, EntryAnswer, Status } from "../live/connection";
import * as memory from "../live/memory";
import type { CommandArgs, CommandName, Participant, RoomEvent, RoomSnapshot, Source, Waiting, Welcome } from "../wire/messages";
import { announcement } from "./announce";
import { Announcer } from "./announcer.svelte";
import { LocalMedia } from "./local.svelte";
import { after, fromWelcome, heard, may } from "./room";
import type { RoomState } from "./room";
import { undo } from "./undo";

/** Louder than this, from 0 to 1, counts as speaking. */
const speakingFrom = 0.01;
const levelsEvery = 300;
const noticeFor = 7_000;
/** Long enough to read, decide and reach the button. */
const undoFor = 12_000;
const all = ["mic", "camera", "screen"] as const;

/** A sentence on the screen for a while, perhaps with a way back. */
export interface Notice {
  text: string;
  undo?: () => void;
}

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
  notice = $state.raw<Notice | undefined>();
  /** Set while this person waits in the lobby: there is then no room to show. */
  waiting = $state.raw<Waiting | undefined>();
  /** When one may write again in a slow chat, by this page's clock in milliseconds. */
  quietUntil = $state(0);
  /** What a host stopped and now allows: it starts again only by its owner's own click. */
  offered = $state.raw<ReadonlySet<Source>>(new Set());
  /** How many chat messages came in since the page began; pages compare it with what was seen. */
  said = $state(0);
  readonly announcer = new Announcer();
  readonly local: LocalMedia;
  readonly #connection: Connection;
  #self = "";
  #levels: ReturnType<typeof setInterval> | undefined;
  #noticeTimer: ReturnType<typeof setTimeout> | undefined;
  /** What a panic stopped here. */
  #stopped: Source[] = [];
  /** What was being sent before the reload or the loss; screens are not asked for again by themselves. */
  #wished = new Set<Source>(memory.published.read());

  constructor(room: string, join: () => Promise<EntryAnswer>, local: LocalMedia, entry?: Entry) {
    this.local = local;
    this.announcer.onShown = (text) => this.#show({ text });
    local.onEnded = (source) => void this.#ended(source);
    this.#connection = new Connection(
      {
        room,
        join,
        localTrack: (source) => local.tracks[source],
        onStatus: (status) => this.#onStatus(status),
        onWelcome: (welcome) => this.#onWelcome(welcome),
        onWaiting: (waiting) => this.#wait(waiting),
        onEntered: (room) => this.#onEntered(room),
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

  /** Sends a command; a refusal becomes a sentence on the screen and false. What can be taken back offers that. */
  async intend(name: CommandName, args: CommandArgs = {}): Promise<boolean> {
    const before = this.room;
    try {
      await this.#connection.command(name, args);
      const way = before && undo(before, name, args);
      if (way) {
        const text = t(way.key, way.values);
        this.announcer.say(text);
        this.#show({ text, undo: () => void this.#takeBack(way.name, way.args) }, undoFor);
      }
      return true;
    } catch (problem) {
      if (!(problem instanceof CommandError)) throw problem;
      // "already" means that what was asked for is so: somebody else, or an earlier click, did it.
      if (problem.code === "already") return true;
      if (problem.code === "slow") this.quietUntil = Date.now() + problem.retryAfter;
      else this.tell(errorText(problem.code));
      return false;
    }
  }

  /** Microphone, camera or screen on or off. The microphone, once sent, is only paused: it comes back at once. */
  async toggle(source: Source): Promise<void> {
    const state = this.self?.sources[source];
    const sent = state?.published === true && this.local.tracks[source] !== undefined;
    if (sent && (source === "mic" || state.paused)) await this.#pause(source, !state.paused);
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

  /** The owner's answer to "turn it on again?". */
  async answerOffer(source: Source, yes: boolean): Promise<void> {
    this.offered = new Set([...this.offered].filter((s) => s !== source));
    const state = this.self?.sources[source];
    if (yes && !(this.local.tracks[source] && state?.published && !state.paused)) await this.toggle(source);
  }

  /** Something typed was sent: in a slow chat a pause begins. */
  wrote(): void {
    const chat = this.room?.settings.chat;
    if (chat?.mode === "slow") this.quietUntil = Date.now() + chat.seconds * 1_000;
  }

  turnSoundOn(): void {
    this.soundBlocked = false;
    this.soundAsked += 1;
  }

  tell(text: string): void {
    this.announcer.say(text);
    this.#show({ text });
  }

  dismiss(): void {
    this.notice = undefined;
  }

  #show(notice: Notice, time = noticeFor): void {
    this.notice = notice;
    clearTimeout(this.#noticeTimer);
    this.#noticeTimer = setTimeout(() => (this.notice = undefined), time);
  }

  async #takeBack(name: CommandName, args: CommandArgs): Promise<void> {
    this.dismiss();
    try {
      await this.#connection.command(name, args);
      this.tell(t("undo.done"));
    } catch (problem) {
      if (!(problem instanceof CommandError)) throw problem;
      this.tell(errorText(problem.code));
    }
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
    this.#self = welcome.self;
    if (welcome.waiting) this.#wait(welcome.waiting);
    else this.#enter(welcome.room);
  }

  #onEntered(room: RoomSnapshot): void {
    this.announcer.say(t("lobby.entered"));
    this.#enter(room);
  }

  #enter(room: RoomSnapshot): void {
    this.waiting = undefined;
    this.room = fromWelcome(this.#self, room);
    void this.#republish();
  }

  /** Who waits knows nothing of the room, and sends nothing. */
  #wait(waiting: Waiting): void {
    this.waiting = waiting;
    this.room = undefined;
    this.streams = new Map();
    this.offered = new Set();
    this.dismiss();
    this.local.stopAll();
    this.#wished.clear();
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
    if (event.kind === "panicked") this.#afterPanic();
    if (event.kind === "unfrozen") this.#afterUnfreeze(next);
    return true;
  }

  /** Off the stage nothing is sent, so no camera light may stay on. */
  #afterOwn(event: RoomEvent): void {
    if (event.kind === "moved" && event.place !== "stage") {
      this.local.stopAll();
      this.#wished.clear();
      this.offered = new Set();
    }
    if (event.kind === "allowed" && event.source && this.local.tracks[event.source]) this.#offer([event.source]);
    if ((event.kind === "muted" || event.kind === "resumed" || event.kind === "unpublished") && event.source) this.offered = new Set([...this.offered].filter((s) => s !== event.source));
    this.#remember();
  }

  #offer(sources: readonly Source[]): void {
    this.offered = new Set([...this.offered, ...sources]);
  }

  /** Nothing is forwarded any more; nothing is recorded here either until its owner says so. */
  #afterPanic(): void {
    this.#stopped = all.filter((source) => this.self?.sources[source]?.published && this.local.tracks[source]?.enabled);
    for (const source of this.#stopped) {
      const track = this.local.tracks[source];
      if (track) track.enabled = false;
    }
    this.offered = new Set();
  }

  #afterUnfreeze(room: RoomState): void {
    const self = this.self;
    if (!self || room.settings.frozen[self.place === "stage" ? "stage" : "floor"]) return;
    this.#offer(this.#stopped.filter((source) => self.sources[source]?.published));
    this.#stopped = [];
  }

  async #send(source: Source): Promise<void> {
    if (!(await this.local.start(source))) return;
    const track = this.local.tracks[source];
    if (track) track.enabled = true;
    this.#wished.add(source);
    if (!(await this.intend("publish", { source }))) {
      this.#wished.delete(source);
      this.local.stop(source);
      return;
    }
    // It was sent already and stopped by a host, and this page was loaded anew since.
    if (this.self?.sources[source]?.paused) await this.intend("resume", { source });
  }

  async #withdraw(source: Source): Promise<void> {
    this.#wished.delete(source);
    this.local.stop(source);
    await this.intend("unpublish", { source });
  }

  async #pause(source: Source, paused: boolean): Promise<void> {
    const track = this.local.tracks[source];
    if (!track) return;
    // Silence begins here, before the server has answered; sound only after it has agreed.
    if (paused) track.enabled = false;
    const done = await this.intend(paused ? "pause" : "resume", { source });
    if (!paused) track.enabled = done;
  }

  async #ended(source: Source): Promise<void> {
    this.#wished.delete(source);
    if (this.self?.sources[source]?.published) await this.intend("unpublish", { source });
  }

  /** After a welcome or on stepping up: everything that is on here, or was before a reload, is sent again. */
  async #republish(): Promise<void> {
    for (const source of all) {
      const { room, self } = this;
      if (!room || !self) return;
      const state = self.sources[source];
      if (state?.muted || !may(room, self, source) || room.settings.frozen[self.place === "stage" ? "stage" : "floor"]) continue;
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
    const { room, self } = this;
    if (room && self) memory.published.write(all.filter((source) => heard(room, self, source)));
  }

  async #measure(): Promise<void> {
    if (this.status.kind !== "open") return;
    const levels = await this.#connection.levels();
    const speaking = new Set([...levels].filter(([, level]) => level > speakingFrom).map(([id]) => id));
    const same = speaking.size === this.speaking.size && [...speaking].every((id) => this.speaking.has(id));
    if (!same) this.speaking = speaking;
  }
}
