// One websocket to the room: hello first, a ping every 5 s, and the knowledge that it is dead.
// It does not come back by itself; connection.ts decides that.
import { closeReason, decode } from "../wire/decode";
import { encode } from "../wire/encode";
import type { ClientMessage, CloseReason, ServerMessage } from "../wire/messages";

export const subprotocol = "lyceum.v1";

const pingEvery = 5_000;
/** Two pings without any word from the server: the network is gone though the browser has not noticed. */
const silentAfter = 11_000;
/** A connection that does not open is given up after this long, in milliseconds. */
const openWithin = 10_000;

export type Closed = CloseReason | "lost";

export class Socket {
  readonly #ws: WebSocket;
  #timer: ReturnType<typeof setInterval> | undefined;
  #opening: ReturnType<typeof setTimeout>;
  #heard = 0;
  #pings = 0;
  #over = false;
  #reason: Closed = "lost";
  readonly #onMessage: (message: ServerMessage) => void;
  readonly #onClosed: (reason: Closed) => void;

  constructor(url: string, hello: ClientMessage, onMessage: (message: ServerMessage) => void, onClosed: (reason: Closed) => void) {
    this.#onMessage = onMessage;
    this.#onClosed = onClosed;
    this.#ws = new WebSocket(url, subprotocol);
    this.#opening = setTimeout(() => this.#end("lost"), openWithin);
    this.#ws.onopen = () => {
      clearTimeout(this.#opening);
      this.#ws.send(encode(hello));
      this.#heard = Date.now();
      this.#timer = setInterval(() => this.#ping(), pingEvery);
    };
    this.#ws.onmessage = (frame) => this.#read(frame.data);
    this.#ws.onclose = (close) => this.#end(closeReason(close.code) ?? this.#reason);
  }

  send(message: ClientMessage): boolean {
    if (this.#over || this.#ws.readyState !== WebSocket.OPEN) return false;
    this.#ws.send(encode(message));
    return true;
  }

  /** Ends the connection as if the network had gone: the server keeps the place. */
  drop(): void {
    this.#end("lost");
  }

  /** Leaves for good: nobody is told it ended. */
  leave(): void {
    this.send({ type: "bye" });
    this.#over = true;
    this.#quiet();
  }

  #read(data: unknown): void {
    if (this.#over || typeof data !== "string") return;
    this.#heard = Date.now();
    const message = decode(data);
    if (!message) return;
    // The goodbye's word is kept in case the close frame's number gets lost on the way.
    if (message.type === "bye") this.#reason = knownReason(message.code);
    this.#onMessage(message);
  }

  #ping(): void {
    if (Date.now() - this.#heard > silentAfter) this.#end("lost");
    else this.send({ type: "ping", id: String(++this.#pings) });
  }

  #end(reason: Closed): void {
    if (this.#over) return;
    this.#over = true;
    this.#quiet();
    this.#onClosed(reason);
  }

  #quiet(): void {
    clearInterval(this.#timer);
    clearTimeout(this.#opening);
    this.#ws.onclose = null;
    this.#ws.onmessage = null;
    this.#ws.close(1000);
  }
}

function knownReason(word: string): Closed {
  for (let code = 4400; code < 4600; code++) {
    const reason = closeReason(code);
    if (reason === word) return reason;
  }
  return "lost";
}
