// The rule (PROTOCOL.md section 5): each offer is answered once and in order, own tracks go only on the sections made for
// them, streams are known by participant and source, and a server that begins anew gets a new connection.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ClientMessage, Offer, Source, Track } from "../wire/messages";
import { Peers, streamKey } from "./peers";

interface Transceiver {
  mid: string;
  direction: string;
  currentDirection: string | null;
  sender: { track: object | null; replaceTrack: (track: object | null) => Promise<void> };
  receiver: { track: object };
}

/** As much of RTCPeerConnection as an answering side needs. The made-up SDP lists its mids in one line. */
class FakePeerConnection {
  static made: FakePeerConnection[] = [];
  connectionState = "new";
  localDescription: { sdp: string } | null = null;
  onconnectionstatechange: (() => void) | null = null;
  onicecandidate: ((event: { candidate: object | null }) => void) | null = null;
  closed = false;
  #transceivers: Transceiver[] = [];
  #offer = "";

  constructor() {
    FakePeerConnection.made.push(this);
  }
  setRemoteDescription({ sdp }: { sdp: string }): Promise<void> {
    this.#offer = sdp;
    for (const mid of /mids (.*)/.exec(sdp)?.[1]?.split(" ") ?? []) {
      if (this.#transceivers.some((t) => t.mid === mid)) continue;
      const sender: Transceiver["sender"] = {
        track: null,
        replaceTrack(track) {
          sender.track = track;
          return Promise.resolve();
        },
      };
      this.#transceivers.push({ mid, direction: "recvonly", currentDirection: null, sender, receiver: { track: { mid } } });
    }
    return Promise.resolve();
  }
  createAnswer(): Promise<object> {
    return Promise.resolve({});
  }
  setLocalDescription(): Promise<void> {
    this.onicecandidate?.({ candidate: { candidate: "candidate:1", sdpMid: "0" } });
    this.localDescription = { sdp: `answer to ${this.#offer}` };
    return Promise.resolve();
  }
  getTransceivers(): Transceiver[] {
    return this.#transceivers;
  }
  becomes(state: string): void {
    this.connectionState = state;
    this.onconnectionstatechange?.();
  }
  close(): void {
    this.closed = true;
  }
}

class FakeStream {
  constructor(readonly tracks: object[]) {}
  getTracks(): object[] {
    return this.tracks;
  }
}

const offer = (side: Offer["side"], number: number, tracks: Track[], session = "1", mids = tracks.map((t) => t.mid)): Offer => ({
  type: "offer", side, number, tracks, sdp: `v=0\no=- ${session} 2 IN IP4 0\nmids ${mids.join(" ")}`,
});
const track = (mid: string, participant: string, source: Source): Track => ({ mid, participant, source });

function start(tracks: Partial<Record<Source, object>> = {}) {
  const sent: ClientMessage[] = [];
  const broken = vi.fn();
  let streams: ReadonlyMap<string, MediaStream> = new Map();
  const peers = new Peers({
    iceServers: [],
    send: (message) => sent.push(message),
    onStreams: (now) => (streams = now),
    onBroken: broken,
    localTrack: (source) => tracks[source] as MediaStreamTrack | undefined,
  });
  const answers = () => sent.filter((m) => m.type === "answer").map((m) => `${m.side} ${m.number}`);
  return { peers, sent, broken, answers, streams: () => streams };
}

beforeEach(() => {
  FakePeerConnection.made = [];
  vi.stubGlobal("RTCPeerConnection", FakePeerConnection);
  vi.stubGlobal("MediaStream", FakeStream);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("an offer", () => {
  it("is answered after the one before it, with its number, and candidates follow the answer", async () => {
    const { peers, answers, sent } = start();
    peers.take(offer("subscribe", 1, [track("0", "p2", "mic")]));
    peers.take(offer("subscribe", 2, [track("0", "p2", "mic"), track("1", "p2", "camera")]));
    await vi.waitFor(() => expect(answers()).toEqual(["subscribe 1", "subscribe 2"]));
    expect(sent.slice(0, 2).map((m) => m.type)).toEqual(["answer", "candidate"]);
    expect(FakePeerConnection.made.length).toBe(1);
  });

  it("puts each own track on its section and nothing on the others", async () => {
    const mic = { kind: "audio" };
    const { peers, answers } = start({ mic });
    peers.take(offer("publish", 1, [track("0", "me", "mic")], "1", ["0", "1"]));
    await vi.waitFor(() => expect(answers()).toEqual(["publish 1"]));
    const [first, second] = FakePeerConnection.made[0]!.getTransceivers();
    expect(first).toMatchObject({ direction: "sendonly", sender: { track: mic } });
    expect(second).toMatchObject({ direction: "inactive", sender: { track: null } });
  });

  it("keeps the stream of somebody who stays when another comes or goes", async () => {
    const { peers, answers, streams } = start();
    peers.take(offer("subscribe", 1, [track("0", "p2", "camera")]));
    await vi.waitFor(() => expect(answers().length).toBe(1));
    const before = streams().get(streamKey("p2", "camera"));
    peers.take(offer("subscribe", 2, [track("0", "p2", "camera"), track("1", "p3", "mic")]));
    await vi.waitFor(() => expect(streams().size).toBe(2));
    expect(streams().get(streamKey("p2", "camera"))).toBe(before);
    peers.take(offer("subscribe", 3, [track("1", "p3", "mic")]));
    await vi.waitFor(() => expect([...streams().keys()]).toEqual(["p3/mic"]));
  });

  it("of a server that began anew gets a new connection", async () => {
    const { peers, answers } = start();
    peers.take(offer("subscribe", 4, [], "1"));
    peers.take(offer("subscribe", 1, [], "2"));
    await vi.waitFor(() => expect(answers()).toEqual(["subscribe 4", "subscribe 1"]));
    expect(FakePeerConnection.made.map((pc) => pc.closed)).toEqual([true, false]);
  });
});

describe("a connection", () => {
  it("that failed is reported, and whether it ever worked", async () => {
    const { peers, answers, broken } = start();
    peers.take(offer("subscribe", 1, []));
    await vi.waitFor(() => expect(answers().length).toBe(1));
    FakePeerConnection.made[0]!.becomes("failed");
    expect(broken).toHaveBeenLastCalledWith("subscribe", false);
    FakePeerConnection.made[0]!.becomes("connected");
    FakePeerConnection.made[0]!.becomes("failed");
    expect(broken).toHaveBeenLastCalledWith("subscribe", true);
  });

  it("has 3 s to mend itself", async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    const { peers, answers, broken } = start();
    peers.take(offer("subscribe", 1, []));
    await vi.waitFor(() => expect(answers().length).toBe(1));
    const pc = FakePeerConnection.made[0]!;
    pc.becomes("disconnected");
    await vi.advanceTimersByTimeAsync(2_500);
    pc.becomes("connected");
    await vi.advanceTimersByTimeAsync(5_000);
    expect(broken).not.toHaveBeenCalled();
    pc.becomes("disconnected");
    await vi.advanceTimersByTimeAsync(3_100);
    expect(broken).toHaveBeenCalledTimes(1);
  });

  it("of before a new welcome may end without a word", async () => {
    const { peers, answers, broken } = start();
    peers.take(offer("subscribe", 1, []));
    await vi.waitFor(() => expect(answers().length).toBe(1));
    peers.retire();
    FakePeerConnection.made[0]!.becomes("failed");
    expect(broken).not.toHaveBeenCalled();
  });
});
