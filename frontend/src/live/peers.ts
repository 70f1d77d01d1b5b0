// The two peer connections of a participant: "publish" carries what this page sends, "subscribe" what it
// receives. The server always offers, on both, so there is no glare (PROTOCOL.md section 5). Offers of one side
// are answered strictly one after the other.
import type { ClientMessage, Offer, Side, Source, Track } from "../wire/messages";

export interface PeersConfig {
  iceServers: RTCIceServer[];
  send: (message: ClientMessage) => void;
  /** What is received now: a stream for each participant and source, keyed by streamKey. */
  onStreams: (streams: ReadonlyMap<string, MediaStream>) => void;
  /** A connection that failed, or that has been silent for 3 s; and whether it ever carried anything. */
  onBroken: (side: Side, worked: boolean) => void;
  localTrack: (source: Source) => MediaStreamTrack | undefined;
}

export function streamKey(participant: string, source: Source): string {
  return `${participant}/${source}`;
}

/** A short pause of the network mends itself; after this long, in milliseconds, begin anew. */
const mendsWithin = 3_000;

interface Peer {
  pc: RTCPeerConnection;
  /** The session id of the server's peer connection: another one means the server began anew. */
  session: string;
  tracks: Track[];
  answered: boolean;
  worked: boolean;
  waiting: RTCIceCandidate[];
  mending: ReturnType<typeof setTimeout> | undefined;
}

export class Peers {
  readonly #config: PeersConfig;
  readonly #sides = new Map<Side, Peer>();
  readonly #queue: Record<Side, Promise<void>> = { publish: Promise.resolve(), subscribe: Promise.resolve() };
  #streams = new Map<string, MediaStream>();
  #closed = false;

  constructor(config: PeersConfig) {
    this.#config = config;
  }

  /** Answers an offer once the earlier ones of its side are answered. */
  take(offer: Offer): void {
    this.#queue[offer.side] = this.#queue[offer.side].then(() => this.#answer(offer)).catch(() => {
      // A connection closed in the middle of an answer is no fault.
      if (this.#sides.has(offer.side)) this.#config.onBroken(offer.side, false);
    });
  }

  /** Puts another track (or none) on a source that is already being sent, without asking the server. */
  async replace(source: Source, track: MediaStreamTrack | null): Promise<void> {
    const peer = this.#sides.get("publish");
    const mid = peer?.tracks.find((t) => t.source === source)?.mid;
    const transceiver = peer?.pc.getTransceivers().find((t) => t.mid === mid);
    if (mid !== undefined && transceiver) await transceiver.sender.replaceTrack(track);
  }

  close(side: Side): void {
    const peer = this.#sides.get(side);
    if (!peer) return;
    this.#sides.delete(side);
    clearTimeout(peer.mending);
    peer.pc.onconnectionstatechange = null;
    peer.pc.onicecandidate = null;
    peer.pc.close();
    if (side === "subscribe") this.#show(new Map());
  }

  /**
   * The server begins anew after every welcome. What is still there plays on until its successor's first offer,
   * but its end, which the server brings about, is no longer a reason to begin anew once more.
   */
  retire(): void {
    for (const peer of this.#sides.values()) {
      clearTimeout(peer.mending);
      peer.pc.onconnectionstatechange = null;
      peer.pc.onicecandidate = null;
    }
  }

  closeAll(): void {
    this.#closed = true;
    this.close("publish");
    this.close("subscribe");
  }

  /** How loud each received microphone is, 0 to 1, by participant. */
  async levels(): Promise<Map<string, number>> {
    const peer = this.#sides.get("subscribe");
    const levels = new Map<string, number>();
    if (!peer) return levels;
    const byMid = new Map(peer.tracks.filter((t) => t.source === "mic").map((t) => [t.mid, t.participant]));
    const report = await peer.pc.getStats();
    report.forEach((stat: RTCInboundRtpStreamStats) => {
      if (stat.type !== "inbound-rtp" || stat.kind !== "audio") return;
      const participant = byMid.get(stat.mid ?? "");
      if (participant !== undefined) levels.set(participant, stat.audioLevel ?? 0);
    });
    return levels;
  }

  async #answer(offer: Offer): Promise<void> {
    if (this.#closed) return;
    const peer = this.#peerFor(offer);
    await peer.pc.setRemoteDescription({ type: "offer", sdp: offer.sdp });
    peer.tracks = offer.tracks;
    if (offer.side === "publish") await this.#attach(peer);
    await peer.pc.setLocalDescription(await peer.pc.createAnswer());
    if (this.#sides.get(offer.side) !== peer) return;
    const sdp = peer.pc.localDescription?.sdp ?? "";
    this.#config.send({ type: "answer", side: offer.side, number: offer.number, sdp });
    peer.answered = true;
    for (const candidate of peer.waiting.splice(0)) this.#sendCandidate(offer.side, candidate);
    if (offer.side === "subscribe") this.#collect(peer);
  }

  #peerFor(offer: Offer): Peer {
    const session = /^o=\S+ (\S+)/m.exec(offer.sdp)?.[1] ?? "";
    const old = this.#sides.get(offer.side);
    if (old && offer.number !== 1 && old.session === session) return old;
    if (old) this.close(offer.side);
    const pc = new RTCPeerConnection({ iceServers: this.#config.iceServers, bundlePolicy: "max-bundle" });
    const peer: Peer = { pc, session, tracks: [], answered: false, worked: false, waiting: [], mending: undefined };
    this.#sides.set(offer.side, peer);
    pc.onicecandidate = ({ candidate }) => {
      if (!candidate) return;
      // Before the answer the server would not know what to do with it.
      if (peer.answered) this.#sendCandidate(offer.side, candidate);
      else peer.waiting.push(candidate);
    };
    pc.onconnectionstatechange = () => this.#watch(offer.side, peer);
    return peer;
  }

  #sendCandidate(side: Side, candidate: RTCIceCandidate): void {
    this.#config.send({ type: "candidate", side, candidate: candidate.candidate, mid: candidate.sdpMid ?? "" });
  }

  #watch(side: Side, peer: Peer): void {
    clearTimeout(peer.mending);
    const broken = () => {
      if (this.#sides.get(side) === peer) this.#config.onBroken(side, peer.worked);
    };
    if (peer.pc.connectionState === "connected") peer.worked = true;
    if (peer.pc.connectionState === "failed") broken();
    if (peer.pc.connectionState === "disconnected") peer.mending = setTimeout(broken, mendsWithin);
  }

  /** Puts this page's tracks on the sections the server made for them, and takes them off all others. */
  async #attach(peer: Peer): Promise<void> {
    for (const transceiver of peer.pc.getTransceivers()) {
      const wanted = peer.tracks.find((t) => t.mid === transceiver.mid);
      const track = wanted && this.#config.localTrack(wanted.source);
      await transceiver.sender.replaceTrack(track ?? null);
      if (transceiver.currentDirection !== "stopped") transceiver.direction = wanted ? "sendonly" : "inactive";
    }
  }

  #collect(peer: Peer): void {
    const next = new Map<string, MediaStream>();
    for (const { mid, participant, source } of peer.tracks) {
      const track = peer.pc.getTransceivers().find((t) => t.mid === mid)?.receiver.track;
      if (!track) continue;
      const key = streamKey(participant, source);
      const before = this.#streams.get(key);
      // The same stream object is kept, so that a playing element is not interrupted by somebody else's coming.
      next.set(key, before?.getTracks()[0] === track ? before : new MediaStream([track]));
    }
    this.#show(next);
  }

  #show(streams: Map<string, MediaStream>): void {
    this.#streams = streams;
    this.#config.onStreams(streams);
  }
}
