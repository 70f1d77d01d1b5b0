// Two live regions' texts. Chat is gathered for a moment first, so that a lively chat is one sentence and not a flood.
import { t, tn } from "../../messages";
import type { ChatMessage } from "../wire/messages";

/** How long chat lines are gathered before they are read out, in milliseconds. */
const gatherFor = 2_500;

export class Announcer {
  polite = $state("");
  urgent = $state("");
  #lines: ChatMessage[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  say(text: string, urgent = false): void {
    // The same words twice would not be read again; a changed space is enough to make them new.
    if (urgent) this.urgent = text === this.urgent ? `${text}\u00a0` : text;
    else this.polite = text === this.polite ? `${text}\u00a0` : text;
  }

  chat(message: ChatMessage): void {
    this.#lines.push(message);
    this.#timer ??= setTimeout(() => this.#readOut(), gatherFor);
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #readOut(): void {
    const lines = this.#lines.splice(0);
    this.#timer = undefined;
    const [only] = lines;
    if (!only) return;
    this.say(lines.length === 1 ? t("room.chat.read-one", { name: only.name, text: only.text }) : tn("room.chat.read", lines.length));
  }
}
