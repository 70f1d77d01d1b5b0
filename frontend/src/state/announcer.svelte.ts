// Two live regions' texts. Chat, comings and goings and hands are gathered for a moment first, so that a lively room
// is one sentence now and then and not a flood.
import { t, tn } from "../../messages";
import type { CountedKey } from "../../messages";
import type { ChatMessage } from "../wire/messages";
import type { Announcement } from "./announce";

/** How long lines are gathered before they are read out, in milliseconds. */
const gatherFor = 2_500;

export class Announcer {
  polite = $state("");
  urgent = $state("");
  /** Gathered sentences that belong on the screen too. */
  onShown: (text: string) => void = () => undefined;
  #lines: ChatMessage[] = [];
  #gathered = new Map<CountedKey, Announcement[]>();
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

  gather(one: Announcement, many: CountedKey): void {
    this.#gathered.set(many, [...(this.#gathered.get(many) ?? []), one]);
    this.#timer ??= setTimeout(() => this.#readOut(), gatherFor);
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #readOut(): void {
    this.#timer = undefined;
    const sentences: string[] = [];
    for (const [many, all] of this.#gathered) {
      const [first] = all;
      if (!first) continue;
      const text = all.length === 1 ? t(first.key, first.values) : tn(many, all.length);
      if (first.shown) this.onShown(text);
      sentences.push(text);
    }
    this.#gathered.clear();
    const lines = this.#lines.splice(0);
    const [only] = lines;
    if (only) sentences.push(lines.length === 1 ? t("room.chat.read-one", { name: only.name, text: only.text }) : tn("room.chat.read", lines.length));
    if (sentences.length > 0) this.say(sentences.join(" "));
  }
}
