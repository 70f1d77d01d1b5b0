package sfu_test

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"lyceum/rooms"
	"lyceum/rooms/sfu"
)

// hostile is a track that never stops: it writes on every SSRC it was told,
// declared or not, whatever the server says.
type hostile struct {
	kind webrtc.RTPCodecType
	pt   uint8

	mu     sync.Mutex
	stream webrtc.TrackLocalWriter
	ssrc   uint32 // the declared one
	also   []uint32

	sent atomic.Int64 // packets on the newest SSRC
}

func (h *hostile) Bind(ctx webrtc.TrackLocalContext) (webrtc.RTPCodecParameters, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.stream, h.ssrc = ctx.WriteStream(), uint32(ctx.SSRC())
	for _, c := range ctx.CodecParameters() {
		if c.PayloadType == webrtc.PayloadType(h.pt) {
			return c, nil
		}
	}
	return webrtc.RTPCodecParameters{}, webrtc.ErrUnsupportedCodec
}
func (h *hostile) Unbind(webrtc.TrackLocalContext) error { return nil }
func (h *hostile) ID() string                            { return "hostile" }
func (h *hostile) RID() string                           { return "" }
func (h *hostile) StreamID() string                      { return "hostile" }
func (h *hostile) Kind() webrtc.RTPCodecType             { return h.kind }

func newHostile(src rooms.Source) *hostile {
	if src == rooms.SourceMic {
		return &hostile{kind: webrtc.RTPCodecTypeAudio, pt: 111}
	}
	return &hostile{kind: webrtc.RTPCodecTypeVideo, pt: 96}
}

// use makes h write on another SSRC as well, which becomes the newest.
func (h *hostile) use(ssrc uint32) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.also = append(h.also, ssrc)
	h.sent.Store(0)
}

func (h *hostile) run(stop <-chan struct{}) {
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	payload := make([]byte, 60)
	for n := uint64(1); ; n++ {
		select {
		case <-stop:
			return
		case <-tick.C:
		}
		binary.BigEndian.PutUint64(payload, n)
		h.mu.Lock()
		for _, ssrc := range append([]uint32{h.ssrc}, h.also...) {
			if h.stream != nil {
				_, _ = h.stream.WriteRTP(&rtp.Header{
					Version: 2, PayloadType: h.pt, SSRC: ssrc, SequenceNumber: uint16(n), Timestamp: uint32(n)*96 - ssrc<<24,
				}, payload)
			}
		}
		h.sent.Add(1)
		h.mu.Unlock()
	}
}

// leaked counts what arrived later than 100 ms after the gate was shut.
func leaked(seen []packetSeen, shut time.Time) int {
	n := 0
	for _, p := range seen {
		if p.at.After(shut.Add(100 * time.Millisecond)) {
			n++
		}
	}
	return n
}

// nackEverything asks for packets again that did arrive.
func nackEverything(t *testing.T, c *client, seen []packetSeen) {
	t.Helper()
	c.mu.Lock()
	pc := c.pcs[sfu.SideSubscribe]
	c.mu.Unlock()
	var numbers []uint16
	for _, p := range seen[max(0, len(seen)-100):] {
		numbers = append(numbers, p.SequenceNumber)
	}
	slices.Sort(numbers)
	err := pc.WriteRTCP([]rtcp.Packet{&rtcp.TransportLayerNack{
		SenderSSRC: 1, MediaSSRC: seen[0].SSRC, Nacks: rtcp.NackPairsFromSequenceNumbers(numbers),
	}})
	if err != nil {
		t.Fatal(err)
	}
}

// mustBeContinuous checks that one subscriber saw one SSRC, numbers without
// gaps or repeats, and timestamps that never go back.
func mustBeContinuous(t *testing.T, seen []packetSeen) {
	t.Helper()
	for i := 1; i < len(seen); i++ {
		a, b := seen[i-1], seen[i]
		if a.SSRC != b.SSRC || b.SequenceNumber != a.SequenceNumber+1 || int32(b.Timestamp-a.Timestamp) < 0 {
			t.Fatalf("after packet %d (ssrc %d, number %d, time %d) came ssrc %d, number %d, time %d",
				i-1, a.SSRC, a.SequenceNumber, a.Timestamp, b.SSRC, b.SequenceNumber, b.Timestamp)
		}
	}
}

// Whatever a publisher does, nothing of a publication reaches a receiver later
// than 100 ms after Gate has returned.
func TestGateHoldsAgainstAHostilePublisher(t *testing.T) {
	for _, src := range []rooms.Source{rooms.SourceMic, rooms.SourceCamera} {
		t.Run(string(src), func(t *testing.T) {
			room := mustOpen(t).Room("talk")
			evil := newHostile(src)
			var from, to atomic.Uint32
			ada := join(t, room, "ada", clientOptions{
				track: func(s rooms.Source) webrtc.TrackLocal {
					if s == src {
						return evil
					}
					return newHostile(s)
				},
				edit: func(_ sfu.Side, sdp string) string {
					if to.Load() == 0 {
						return sdp
					}
					return strings.ReplaceAll(sdp, fmt.Sprint(from.Load()), fmt.Sprint(to.Load()))
				},
			})
			ben := join(t, room, "ben", clientOptions{})
			if err := ada.peer.Publish(src); err != nil {
				t.Fatal(err)
			}
			ada.done.Go(func() { evil.run(ada.stop) })
			eventually(t, "packets reach the shut gate", func() bool { return room.Stats().Shut > 20 })
			if n := len(ben.from("ada", src)); n != 0 {
				t.Fatalf("%d packets passed before anybody opened the gate", n)
			}
			ada.peer.Gate(src, true)
			ben.awaitMore("ada", src, 60)
			evil.use(evil.ssrc + 1) // an SSRC nobody announced

			ada.peer.Gate(src, false)
			shut := time.Now()
			nackEverything(t, ben, ben.from("ada", src))
			eventually(t, "the retransmission request arrives", func() bool { return room.Stats().NACKs > 0 })
			awaitSent(t, room, evil)

			// A new track in the same media section, by renegotiation.
			from.Store(evil.ssrc)
			to.Store(evil.ssrc + 2)
			answered := ada.answers()
			if err := ada.peer.Publish(rooms.SourceScreen); err != nil {
				t.Fatal(err)
			}
			eventually(t, "the renegotiation is done", func() bool { return ada.answers() > answered })
			evil.use(evil.ssrc + 2)
			awaitSent(t, room, evil)

			// Taken away and published again: the gate stays shut.
			ada.peer.Unpublish(src)
			if err := ada.peer.Publish(src); err != nil {
				t.Fatal(err)
			}
			awaitSent(t, room, evil)
			if n := leaked(ben.all("ada"), shut); n != 0 {
				t.Fatalf("%d packets arrived later than 100 ms after the gate was shut", n)
			}
			if n := room.Stats().Resent; n != 0 {
				t.Fatalf("%d packets were sent again through a shut gate", n)
			}

			// Opened again it is the new track that passes.
			ada.peer.Gate(src, true)
			ben.awaitMore("ada", src, 20)
		})
	}
}

// awaitSent waits until the publisher has tried long enough: past the 100 ms,
// and with its packets seen to be refused.
func awaitSent(t *testing.T, room *sfu.Room, evil *hostile) {
	t.Helper()
	before, sent := room.Stats().Shut, evil.sent.Load()
	eventually(t, "the publisher goes on at the shut gate", func() bool {
		return room.Stats().Shut > before+100 && evil.sent.Load() > sent+100
	})
}

func (c *client) answers() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.answered
}

// all returns what arrived of every source of a participant.
func (c *client) all(participant string) []packetSeen {
	var out []packetSeen
	for _, src := range rooms.Sources() {
		out = append(out, c.from(participant, src)...)
	}
	return out
}

// A subscriber cannot tell from numbers and timestamps that the gate was shut
// for a while, or that the publisher changed its SSRC.
func TestNumbersGoOn(t *testing.T) {
	room := mustOpen(t).Room("talk")
	evil := newHostile(rooms.SourceCamera)
	var from, to atomic.Uint32
	ada := join(t, room, "ada", clientOptions{
		track: func(s rooms.Source) webrtc.TrackLocal {
			if s == rooms.SourceCamera {
				return evil
			}
			return newHostile(s)
		},
		edit: func(_ sfu.Side, sdp string) string {
			if to.Load() == 0 {
				return sdp
			}
			return strings.ReplaceAll(sdp, fmt.Sprint(from.Load()), fmt.Sprint(to.Load()))
		},
	})
	ben := join(t, room, "ben", clientOptions{})
	if err := ada.peer.Publish(rooms.SourceCamera); err != nil {
		t.Fatal(err)
	}
	ada.done.Go(func() { evil.run(ada.stop) })
	ada.peer.Gate(rooms.SourceCamera, true)
	ben.awaitMore("ada", rooms.SourceCamera, 30)
	ada.peer.Gate(rooms.SourceCamera, false)
	awaitSent(t, room, evil)
	ada.peer.Gate(rooms.SourceCamera, true)
	ben.awaitMore("ada", rooms.SourceCamera, 30)

	from.Store(evil.ssrc)
	to.Store(evil.ssrc + 7)
	answered := ada.answers()
	if err := ada.peer.Publish(rooms.SourceScreen); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the renegotiation is done", func() bool { return ada.answers() > answered })
	evil.use(evil.ssrc + 7)
	ben.awaitMore("ada", rooms.SourceCamera, 60)
	mustBeContinuous(t, ben.from("ada", rooms.SourceCamera))
}
