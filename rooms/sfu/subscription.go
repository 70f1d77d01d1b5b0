package sfu

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"lyceum/rooms/sfu/packetcache"
	"lyceum/rooms/sfu/seqmap"
)

// subscription is one outgoing track: one media section of one subscriber. It
// is pion's TrackLocal, so that packets go straight to the write stream of
// that one connection. For participants it stays with one publication; for
// WHEP clients, which cannot be renegotiated, it moves between them.
type subscription struct {
	room              *Room
	kind              webrtc.RTPCodecType
	streamID, trackID string
	pc                *webrtc.PeerConnection

	// pub is what it is attached to, nil for nothing.
	pub atomic.Pointer[publication]

	// moving guards the two below: attaching and detaching.
	moving sync.Mutex
	bound  bool // negotiated: it has an SSRC and a write stream
	live   bool // the connection is up
	route  *route

	// What follows is written by Bind before it is attached, and after that
	// guarded by the mutex of the publication it is attached to.
	stream    webrtc.TrackLocalWriter
	direct    *direct           // nil: through stream
	types     [codecCount]uint8 // payload types, zero where not negotiated
	levels    []rtp.Extension   // the audio level extension, pointing at level
	level     [1]byte
	levelID   uint8
	header    rtp.Header
	fresh     bool // the next packet is the first of this publication
	stuck     bool // a picture was lost: nothing before the next keyframe is sent
	line      seqmap.Line
	times     seqmap.Timeline
	packets   uint32
	octets    uint32
	allowance allowance
}

func newSubscription(r *Room, kind webrtc.RTPCodecType, pc *webrtc.PeerConnection, streamID, trackID string) *subscription {
	return &subscription{
		room: r, kind: kind, pc: pc, streamID: streamID, trackID: trackID,
		line:  seqmap.NewLine(uint16(rand.UintN(1 << 15))),
		times: seqmap.NewTimeline(clockRate(kind), rand.Uint32()),
	}
}

// ID, RID, StreamID and Kind describe the track in the session description.
func (s *subscription) ID() string { return s.trackID }

// RID is empty: one layer is sent.
func (s *subscription) RID() string { return "" }

// StreamID is the media stream the track belongs to.
func (s *subscription) StreamID() string { return s.streamID }

// Kind is audio or video.
func (s *subscription) Kind() webrtc.RTPCodecType { return s.kind }

// Bind is called by pion once codecs are agreed on.
func (s *subscription) Bind(ctx webrtc.TrackLocalContext) (webrtc.RTPCodecParameters, error) {
	var first webrtc.RTPCodecParameters
	var types [codecCount]uint8
	for _, c := range ctx.CodecParameters() {
		i := codecOf(c.MimeType)
		if i >= codecCount || types[i] != 0 {
			continue
		}
		types[i] = uint8(c.PayloadType)
		if first.MimeType == "" {
			first = c
		}
	}
	if first.MimeType == "" {
		return first, fmt.Errorf("sfu: bind %s: %w", s.trackID, webrtc.ErrUnsupportedCodec)
	}
	s.moving.Lock()
	defer s.moving.Unlock()
	s.types, s.stream, s.direct = types, ctx.WriteStream(), nil
	s.header = rtp.Header{Version: 2, SSRC: uint32(ctx.SSRC())}
	for _, e := range ctx.HeaderExtensions() {
		if e.URI == levelURI {
			var h rtp.Header
			if h.SetExtension(uint8(e.ID), s.level[:]) == nil {
				s.levels, s.header.ExtensionProfile, s.levelID = h.Extensions, h.ExtensionProfile, uint8(e.ID)
			}
		}
	}
	s.bound = true
	s.settle()
	return first, nil
}

// Unbind is called by pion when the track is removed or its connection closed.
func (s *subscription) Unbind(webrtc.TrackLocalContext) error {
	s.moving.Lock()
	defer s.moving.Unlock()
	s.leave()
	s.bound = false
	return nil
}

// connected starts the flow once the connection is up.
func (s *subscription) connected(r *route) {
	s.moving.Lock()
	defer s.moving.Unlock()
	s.live, s.route = true, r
	s.settle()
}

// move attaches s to another publication, or to none.
func (s *subscription) move(pub *publication) {
	s.moving.Lock()
	defer s.moving.Unlock()
	if s.pub.Load() == pub {
		return
	}
	s.leave()
	s.pub.Store(pub)
	s.settle()
}

func (s *subscription) settle() {
	if s.bound && s.live && s.direct == nil && s.route.key != nil {
		s.direct = newDirect(s.route, s.header.SSRC, s.levelID)
	}
	if pub := s.pub.Load(); pub != nil && s.bound && s.live {
		pub.attach(s)
	}
}

func (s *subscription) leave() {
	if pub := s.pub.Load(); pub != nil {
		pub.detach(s)
	}
}

// write sends one new packet and returns how many were: one or none. It is
// called with the publication's mutex held.
//
// What waits for a subscriber is bounded: nothing over UDP, tcpWriteBuffer over
// TCP. When that is full, the picture is of no use any more; what follows is
// held back until a keyframe comes, which the subscriber asks for by itself,
// and its numbers go on there without a gap.
func (s *subscription) write(p *packetcache.Packet, now int64, o *outbox) int {
	switch {
	case s.fresh:
		s.fresh, s.stuck = false, false
		s.line.Begin(p.Seq)
		s.times.Begin(p.Timestamp, now)
	case s.stuck && !p.Key:
		return 0
	case s.stuck:
		s.stuck = false
		s.line.Begin(p.Seq)
	}
	sent := s.put(p, now, o)
	s.stuck = sent == 0 && s.kind == webrtc.RTPCodecTypeVideo
	return sent
}

// put sends a packet, new or asked for again: the same packet gets the same
// header, bit for bit, because it is encrypted with the same nonce again.
func (s *subscription) put(p *packetcache.Packet, now int64, o *outbox) int {
	pt := s.types[p.Codec]
	if pt == 0 {
		return 0
	}
	index, ok := s.line.Index(p.Seq)
	if !ok {
		return 0
	}
	at := s.times.Map(p.Timestamp)
	if s.direct != nil {
		ok = s.direct.write(o, p, pt, index, at)
	} else {
		ok = s.writeThroughPion(o, p, pt, uint16(index), at)
	}
	if !ok {
		return 0
	}
	s.times.Note(at, now)
	s.packets++
	s.octets += uint32(len(p.Payload))
	return 1
}

// writeThroughPion is the portable way: for receivers over TCP and those that
// agreed on another encryption.
func (s *subscription) writeThroughPion(o *outbox, p *packetcache.Packet, pt uint8, seq uint16, at uint32) bool {
	h := &s.header
	h.PayloadType, h.Marker, h.SequenceNumber, h.Timestamp = pt, p.Marker, seq, at
	h.Extension = p.HasLevel && len(s.levels) > 0
	h.Extensions = nil
	if h.Extension {
		s.level[0] = p.Level
		h.Extensions = s.levels
	}
	o.throughPion++
	_, err := s.stream.WriteRTP(h, p.Payload)
	return err == nil
}

// readRTCP answers what the subscriber reports about this track. It ends when
// the track is removed or the connection closed.
func (s *subscription) readRTCP(sender *webrtc.RTPSender) {
	buf := make([]byte, receiveMTU)
	for {
		n, _, err := sender.Read(buf)
		if err != nil {
			return
		}
		pkts, err := rtcp.Unmarshal(buf[:n])
		if err != nil {
			s.room.count.dropped.Add(1)
			continue
		}
		s.answer(pkts)
	}
}

func (s *subscription) answer(pkts []rtcp.Packet) {
	pub := s.pub.Load()
	if pub == nil {
		return
	}
	for _, p := range pkts {
		switch p := p.(type) {
		case *rtcp.TransportLayerNack:
			for _, pair := range p.Nacks {
				pub.resend(s, pair)
			}
		case *rtcp.PictureLossIndication, *rtcp.FullIntraRequest:
			s.room.count.plis.Add(1)
			if pub.open.Load() {
				pub.keyframes.want()
			}
		}
	}
}
