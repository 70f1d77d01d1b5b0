// The devices of this page: what is chosen, what is on, and why something is not. Everything is off until a click.
import * as devices from "../live/devices";
import type { DeviceList, DeviceProblem } from "../live/devices";
import * as memory from "../live/memory";
import type { Chosen } from "../live/memory";
import type { Source } from "../wire/messages";

export class LocalMedia {
  tracks = $state.raw<Partial<Record<Source, MediaStreamTrack>>>({});
  problems = $state.raw<Partial<Record<Source, DeviceProblem>>>({});
  chosen = $state.raw<Chosen>(memory.devices.read());
  lists = $state.raw<DeviceList>({ microphones: [], cameras: [], speakers: [] });
  /** Called when a device is pulled out or the browser's own "stop sharing" was pressed. */
  onEnded: (source: Source) => void = () => undefined;
  readonly canShareScreen = devices.canShareScreen();
  readonly #forget: () => void;

  constructor() {
    this.#forget = devices.onChange(() => void this.refresh());
    void this.refresh();
  }

  async refresh(): Promise<void> {
    this.lists = await devices.list();
  }

  /** Turns a device on; false when there is none to be had, and then `problems` says why. */
  async start(source: Source): Promise<boolean> {
    if (this.tracks[source]) return true;
    const taken = await devices.take(source, this.chosen);
    if ("problem" in taken) {
      this.problems = { ...this.problems, [source]: taken.problem };
      return false;
    }
    this.#put(source, taken.track);
    // Only now does the browser tell the devices' names.
    await this.refresh();
    return true;
  }

  /** Turns a device on again after a reload, if the browser need not ask for it. */
  async resume(source: "mic" | "camera"): Promise<void> {
    if (!this.tracks[source] && (await devices.granted(source))) await this.start(source);
  }

  stop(source: Source): void {
    const track = this.tracks[source];
    if (!track) return;
    track.onended = null;
    track.stop();
    const { [source]: _, ...rest } = this.tracks;
    this.tracks = rest;
  }

  stopAll(): void {
    for (const source of ["mic", "camera", "screen"] as const) this.stop(source);
  }

  /** Remembers a choice; a device that is on is exchanged at once. Answers the new track, if any. */
  async choose(kind: keyof Chosen, id: string): Promise<Source | undefined> {
    this.chosen = { ...this.chosen, [kind]: id };
    memory.devices.write(this.chosen);
    const source = kind === "microphone" ? "mic" : kind === "camera" ? "camera" : undefined;
    if (!source || !this.tracks[source]) return undefined;
    const enabled = this.tracks[source].enabled;
    this.stop(source);
    if (!(await this.start(source))) return undefined;
    const track = this.tracks[source];
    if (track) track.enabled = enabled;
    return source;
  }

  close(): void {
    this.stopAll();
    this.#forget();
  }

  #put(source: Source, track: MediaStreamTrack): void {
    const { [source]: _, ...rest } = this.problems;
    this.problems = rest;
    track.onended = () => {
      this.stop(source);
      this.onEnded(source);
    };
    this.tracks = { ...this.tracks, [source]: track };
  }
}
