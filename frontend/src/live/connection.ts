// The live connection of one participant: opens the socket, says hello, comes back after a loss, and keeps the
// two peer connections beside it. It holds no room state: what the server says goes to the handlers as it comes.
import type { CommandArgs, CommandName, Limits, Offer, RoomEvent, RoomSnapshot, ServerMessage, Source, Waiting as InLobby, Welcome } from "../wire/messages";
import * as memory from "./memory";
import { Peers } from "./peers";
import { waitBefore } from "./reconnect";
import { Socket } from "./socket";
import type { Closed } from "./socket";

/** What the join answer gives for the socket and the media. */
export interface Entry {
  token: string;
  /** Unix time in milliseconds. */
  expiresAt: number;
  live: string;
  iceServers: RTCIceServer[];
}

export type EntryAnswer = { entry: Entry } | { refused: string } | { offline: true };

export type Status =
  | { kind: "connecting" }
  | { kind: "open" }
  | { kind: "reconnecting" }
  | { kind: "elsewhere" }
  | { kind: "moved" }
  | { kind: "removed" }
  | { kind: "ended" }
  | { kind: "closed" }
  | { kind: "left" }
  | { kind: "failed"; code: string };

export interface ConnectionConfig {
  room: string;
  /** Asks the site for a (new) token. */
  join: () => Promise<EntryAnswer>;
  localTrack: (source: Source) => MediaStreamTrack | undefined;
  onStatus: (status: Status) => void;
  onWelcome: (welcome: Welcome) => void;
  /** A host sent this person to the lobby, or has answered there. */
  onWaiting: (waiting: InLobby) => void;
  onEntered: (room: RoomSnapshot) => void;
  /** False when the event does not follow on what is known: the connection then starts anew. */
  onEvent: (event: RoomEvent) => boolean;
  onStreams: (streams: ReadonlyMap<string, MediaStream>) => void;
  /** The network lets no media through: everything but sound and picture goes on. */
  onMediaBlocked: () => void;
}

export class CommandError extends Error {
  readonly code: string;
  /** How long until it would not be refused, in milliseconds; 0 when nobody said. */
  readonly retryAfter: number;
  constructor(code: string, retryAfter = 0) {
    super(code);
    this.name = "CommandError";
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

/** A token this near its end, in milliseconds, is not worth a hello. */
const tokenReserve = 30_000;
/** After "too-fast" the server wants quiet for 5 s. */
const coolDown = 5_000;
const answerWithin = 10_000;
/** Media that never worked is tried so often; after that the network is to blame, and coming back anew is no help. */
const mediaAttempts = 3;

interface Waiting {
  resolve: () => void;
  reject: (problem: CommandError) => void;
  timer: ReturnType<typeof setTimeout>;
}

export class Connection {
  readonly #config: ConnectionConfig;
  #entry: Entry | undefined;
  #socket: Socket | undefined;
  #peers: Peers | undefined;
  #commands = 0;
  readonly #waiting = new Map<string, Waiting>();
  #wake: (() => void) | undefined;
  #over = false;
  #move = false;
  /** Between welcome and the socket's end: only then are commands sent. */
  #open = false;
  #mediaFailures = 0;
  limits: Limits = { messageBytes: 65_536, commandsPerSecond: 20, chatLength: 1_000 };

  constructor(config: ConnectionConfig, entry?: Entry) {
    this.#config = config;
    this.#entry = entry;
  }

  /** Connects and stays connected until something final happens. Call once, or again after "elsewhere" or "failed". */
  async run(move = false): Promise<void> {
    this.#over = false;
    this.#move = move;
    this.#status({ kind: "connecting" });
    const awake = () => this.#wake?.();
    addEventListener("online", awake);
    try {
      const end = await this.#stay();
      if (end) this.#finish(end);
    } finally {
      removeEventListener("online", awake);
    }
  }

  /** Sends a command; resolves when the server says it is so, rejects with a CommandError. */
  command(name: CommandName, args: CommandArgs = {}): Promise<void> {
    return new Promise((resolve, reject) => {
      const id = String(++this.#commands);
      if (!this.#open || !this.#socket?.send({ type: "command", id, name, args })) {
        reject(new CommandError("offline"));
        return;
      }
      const timer = setTimeout(() => this.#settle(id, "offline"), answerWithin);
      this.#waiting.set(id, { resolve, reject, timer });
    });
  }

  replaceTrack(source: Source, track: MediaStreamTrack | null): Promise<void> {
    return this.#peers?.replace(source, track) ?? Promise.resolve();
  }

  levels(): Promise<Map<string, number>> {
    return this.#peers?.levels() ?? Promise.resolve(new Map());
  }

  /** Leaves the room for good. */
  leave(): void {
    this.#over = true;
    this.#socket?.leave();
    memory.resume.write(this.#config.room, "");
    this.#finish({ kind: "left" });
    this.#wake?.();
  }

  async #stay(): Promise<Status | undefined> {
    let attempt = 0;
    let lostAt = 0;
    let tokensRefused = 0;
    for (;;) {
      if (this.#over) return undefined;
      const answer = await this.#freshEntry();
      if (this.#over) return undefined;
      let reason: Closed = "lost";
      if ("refused" in answer) return refusal(answer.refused);
      if ("entry" in answer) {
        const visit = await this.#visit(answer.entry);
        reason = visit.reason;
        if (visit.welcomed) {
          attempt = 0;
          lostAt = Date.now();
          tokensRefused = 0;
        }
      }
      if (this.#over) return undefined;
      if (reason === "token") {
        this.#entry = undefined;
        tokensRefused += 1;
        if (tokensRefused > 1) return { kind: "failed", code: "token" };
        continue;
      }
      const end = final(reason);
      if (end) return end;
      lostAt ||= Date.now();
      const wait = waitBefore(attempt++, Date.now() - lostAt, Math.random());
      if (wait === "give-up") return { kind: "failed", code: "offline" };
      this.#status(memory.resume.read(this.#config.room) || attempt > 1 ? { kind: "reconnecting" } : { kind: "connecting" });
      await this.#pause(reason === "too-fast" ? Math.max(wait, coolDown) : wait);
    }
  }

  async #freshEntry(): Promise<EntryAnswer> {
    if (this.#entry && this.#entry.expiresAt - Date.now() > tokenReserve) return { entry: this.#entry };
    const answer = await this.#config.join();
    if ("entry" in answer) this.#entry = answer.entry;
    return answer;
  }

  /** One socket from hello to its end. */
  #visit(entry: Entry): Promise<{ reason: Closed; welcomed: boolean }> {
    return new Promise((resolve) => {
      let welcomed = false;
      const resume = memory.resume.read(this.#config.room);
      const hello = { type: "hello" as const, token: entry.token, ...(resume && { resume }), ...(this.#move && { move: true }) };
      const socket = new Socket(
        entry.live,
        hello,
        (message) => {
          if (message.type === "welcome") {
            welcomed = true;
            this.#enter(message, entry);
          } else this.#take(message);
        },
        (reason) => {
          this.#open = false;
          this.#failWaiting();
          resolve({ reason, welcomed });
        },
      );
      this.#socket = socket;
    });
  }

  #enter(welcome: Welcome, entry: Entry): void {
    this.#open = true;
    this.#move = false;
    this.limits = welcome.limits;
    memory.resume.write(this.#config.room, welcome.resume);
    this.#peers?.retire();
    this.#peers ??= this.#newPeers(entry);
    this.#config.onWelcome(welcome);
    this.#status({ kind: "open" });
  }

  #newPeers(entry: Entry): Peers {
    return new Peers({
      iceServers: entry.iceServers,
      send: (message) => this.#socket?.send(message),
      onStreams: this.#config.onStreams,
      onBroken: (_, worked) => this.#mediaBroke(worked),
      localTrack: this.#config.localTrack,
    });
  }

  /** Media that broke is begun anew with a new visit: the server then offers again. */
  #mediaBroke(worked: boolean): void {
    this.#mediaFailures = worked ? 0 : this.#mediaFailures + 1;
    if (this.#mediaFailures >= mediaAttempts) {
      if (this.#mediaFailures === mediaAttempts) this.#config.onMediaBlocked();
      return;
    }
    this.#peers?.closeAll();
    this.#peers = undefined;
    this.#socket?.drop();
  }

  #take(message: ServerMessage): void {
    switch (message.type) {
      case "event":
        if (!this.#config.onEvent(message.event)) this.#socket?.drop();
        break;
      case "waiting":
        // Offers follow anew when somebody lets us in.
        this.#peers?.closeAll();
        this.#peers = undefined;
        this.#config.onWaiting(message.waiting);
        break;
      case "entered":
        this.#peers ??= this.#entry && this.#newPeers(this.#entry);
        this.#config.onEntered(message.room);
        break;
      case "offer":
        this.#offer(message);
        break;
      case "failed":
        this.#peers?.close(message.side);
        break;
      case "done":
        this.#settle(message.id);
        break;
      case "error":
        if (message.id) this.#settle(message.id, message.code, message.retryAfter);
        break;
    }
  }

  #offer(offer: Offer): void {
    this.#peers?.take(offer);
  }

  #settle(id: string, code?: string, retryAfter = 0): void {
    const waiting = this.#waiting.get(id);
    if (!waiting) return;
    this.#waiting.delete(id);
    clearTimeout(waiting.timer);
    if (code === undefined) waiting.resolve();
    else waiting.reject(new CommandError(code, retryAfter));
  }

  #failWaiting(): void {
    for (const id of [...this.#waiting.keys()]) this.#settle(id, "offline");
  }

  #pause(wait: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, wait);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #finish(status: Status): void {
    this.#peers?.closeAll();
    this.#peers = undefined;
    this.#failWaiting();
    this.#status(status);
  }

  #status(status: Status): void {
    this.#config.onStatus(status);
  }
}

function final(reason: Closed): Status | undefined {
  switch (reason) {
    case "removed":
      return { kind: "removed" };
    case "room-over":
      return { kind: "ended" };
    case "closed":
      return { kind: "closed" };
    case "elsewhere":
      return { kind: "elsewhere" };
    case "moved":
      return { kind: "moved" };
    case "malformed":
    case "too-large":
      return { kind: "failed", code: "internal" };
    default:
      return undefined;
  }
}

/** What a refusal of the join request means for somebody at the door or coming back. */
function refusal(code: string): Status {
  if (code === "banned") return { kind: "removed" };
  if (code === "event-over" || code === "event-cancelled") return { kind: "ended" };
  return { kind: "failed", code };
}
