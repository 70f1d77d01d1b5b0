package sfu

import (
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/pion/webrtc/v4"

	"lyceum/rooms"
	"lyceum/rooms/sfu/packet"
	"lyceum/rooms/sfu/packetcache"
	"lyceum/rooms/sfu/seqmap"
)

// How many packets can be asked for again, and their usual size in bytes:
// three seconds of video at 170 packets a second, 2.5 of audio at 50.
const (
	videoPackets, videoSize = 512, 1200
	audioPackets, audioSize = 128, 160
)

// publication is one source of one participant. It lives as long as its peer,
// shown to the others while it is published, and outlives the tracks, SSRCs
// and peer connections that feed it in turn.
//
// mu is the heart of the gate. Whoever lets a packet out (the reader of the
// current track, a retransmission) holds it from looking at open until the
// packet is in the kernel. It is taken once for each incoming packet, not for
// each subscriber, and shared with nobody else's publication.
type publication struct {
	peer   *Peer
	room   *Room
	source rooms.Source
	kind   webrtc.RTPCodecType
	// streamID is shared by microphone and camera, so that browsers keep them
	// in step; trackID tells them apart.
	streamID, trackID string
	keyframes         keyframes

	open atomic.Bool

	mu    sync.Mutex
	turns uint64  // tracks ever seen
	feed  *ingest // the newest of them that delivered a packet
	next  *ingest // the newest of them
	seqs  seqmap.Map
	times seqmap.Timeline
	cache *packetcache.Cache
	subs  []*subscription
	ended bool
	said  senderReport
}

// ingest is one incoming track while it is read.
type ingest struct {
	pub     *publication
	turn    uint64
	pc      *webrtc.PeerConnection
	ssrc    uint32
	levelID uint8
	// payloadType and codec are those of the packet before, kept by the reader.
	payloadType uint8
	codec       codec
}

func newPublication(p *Peer, src rooms.Source) *publication {
	kind := kindOf(src)
	pub := &publication{
		peer: p, room: p.room, source: src, kind: kind,
		times: seqmap.NewTimeline(clockRate(kind), rand.Uint32()),
	}
	pub.streamID, pub.trackID = streamID(p.participant, src)
	if kind == webrtc.RTPCodecTypeVideo {
		pub.keyframes.ask = pub.sendPLI
	}
	return pub
}

// setGate opens or shuts. When it returns from shutting, every packet that was
// under way has reached the kernel and no other will, retransmissions
// included: the cache is emptied.
func (p *publication) setGate(open bool) {
	was := p.open.Swap(open)
	if was == open {
		// Another call may be on its way with the same: wait for it too.
		p.mu.Lock()
		defer p.mu.Unlock()
		return
	}
	p.mu.Lock()
	p.forget()
	p.mu.Unlock()
	if open {
		p.keyframes.want()
	}
	p.room.wake()
}

// forget makes the next packet start a new run of numbers and leaves nothing to
// retransmit. Both belong together: a number that was used and is empty in the
// cache could otherwise be filled by another packet.
func (p *publication) forget() {
	p.seqs.Restart()
	if p.cache != nil {
		p.cache.Clear()
	}
}

// begin registers a new incoming track. Packets of the former one are taken
// until the new one delivers.
func (p *publication) begin(in *ingest) {
	p.mu.Lock()
	p.turns++
	in.turn = p.turns
	p.next = in
	p.mu.Unlock()
	if p.open.Load() {
		p.keyframes.want()
	}
}

// maxTogether is how many packets that came together are forwarded together.
const maxTogether = 16

// forward sends packets that came together, at most maxTogether, to every
// subscriber. now is in nanoseconds.
func (p *publication) forward(in *ingest, views []packet.View, now int64) {
	if !p.open.Load() {
		p.room.count.shut.Add(uint64(len(views)))
		return
	}
	if joined := p.fanOut(in, views, now); len(joined) > 0 {
		p.greet(joined, now)
	}
}

// fanOut does the work of forward and returns who got their first packet. Each
// subscriber gets all the packets before the next one does, so that they can
// leave as one message.
func (p *publication) fanOut(in *ingest, views []packet.View, now int64) (joined []*subscription) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := &p.room.count
	if !p.open.Load() {
		c.shut.Add(uint64(len(views)))
		return nil
	}
	var together [maxTogether]*packetcache.Packet
	n, bytes := 0, 0
	for _, v := range views {
		if pkt, ok := p.accept(in, v, now); ok {
			together[n] = pkt
			n++
			bytes += len(v.Payload)
		}
	}
	if n == 0 {
		return nil
	}
	sent, o := 0, p.room.node.outbox()
	for _, s := range p.subs {
		if s.fresh {
			joined = append(joined, s)
		}
		for _, pkt := range together[:n] {
			sent += s.write(pkt, now, o)
		}
	}
	c.throughPion.Add(uint64(o.throughPion))
	p.room.node.send(o)
	c.packetsIn.Add(uint64(n))
	c.bytesIn.Add(uint64(bytes))
	c.packetsOut.Add(uint64(sent))
	c.dropped.Add(uint64(n*len(p.subs) - sent))
	return joined
}

// accept numbers a packet and puts it in the cache. It refuses what must not
// or need not be forwarded. Called with mu held.
func (p *publication) accept(in *ingest, v packet.View, now int64) (*packetcache.Packet, bool) {
	if p.ended || p.feed != nil && in.turn < p.feed.turn {
		p.room.count.dropped.Add(1)
		return nil, false
	}
	if p.feed != in {
		p.take(in, v, now)
	}
	if len(v.Payload) == 0 { // only probes the path
		p.seqs.Drop(v.Seq)
		return nil, false
	}
	if v.HasLevel && !p.room.floor.passes(p, v.Level, now) {
		p.seqs.Drop(v.Seq)
		p.room.count.unheard.Add(1)
		return nil, false
	}
	seq, ok := p.seqs.Next(v.Seq)
	if !ok {
		p.room.count.dropped.Add(1)
		return nil, false
	}
	pkt, ok := p.cache.Put(packetcache.Packet{
		Seq: seq, Timestamp: p.times.Map(v.Timestamp), Marker: v.Marker, Codec: uint8(in.codec), Key: in.codec.beginsPicture(v.Payload),
		Level: v.Level, HasLevel: v.HasLevel, Payload: v.Payload,
	})
	if !ok {
		p.room.count.dropped.Add(1)
		return nil, false
	}
	p.times.Note(pkt.Timestamp, now)
	return pkt, true
}

// take makes in the track that is forwarded. Its numbers and timestamps go on
// from the former one's.
func (p *publication) take(in *ingest, v packet.View, now int64) {
	if p.cache == nil {
		count, size := videoPackets, videoSize
		if p.kind == webrtc.RTPCodecTypeAudio {
			count, size = audioPackets, audioSize
		}
		p.cache = packetcache.New(count, size)
	}
	p.feed = in
	p.said = senderReport{}
	p.forget()
	p.times.Begin(v.Timestamp, now)
}

// attach starts a subscription with the next packet.
func (p *publication) attach(s *subscription) {
	p.mu.Lock()
	if !p.ended && !slices.Contains(p.subs, s) {
		p.subs = append(p.subs, s)
		s.fresh = true
		p.room.count.subscriptions.Add(1)
	}
	p.mu.Unlock()
	if p.open.Load() {
		p.keyframes.want()
	}
}

// detach ends it. When it returns, nothing more is written to s from here.
func (p *publication) detach(s *subscription) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if i := slices.Index(p.subs, s); i >= 0 {
		p.subs = slices.Delete(p.subs, i, i+1)
		p.room.count.subscriptions.Add(-1)
	}
}

// end shuts the gate for good and lets go of everybody.
func (p *publication) end() {
	p.setGate(false)
	p.keyframes.stop()
	p.room.floor.leave(p)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.room.count.subscriptions.Add(-int64(len(p.subs)))
	p.subs, p.feed, p.next, p.cache = nil, nil, nil, nil
	p.ended = true
}
