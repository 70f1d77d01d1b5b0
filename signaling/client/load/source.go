package load

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
)

// Media is what the synthetic track carries.
type Media string

// Audio is 50 packets/s of 80 to 120 bytes, Video 170 packets/s of 1100 bytes
// in frames of five or six, evenly spaced; in Bursty the packets of a frame
// leave back to back, as encoders send them.
const (
	Audio  Media = "audio"
	Video  Media = "video"
	Bursty Media = "bursty"
)

// Known reports whether m is one of the above.
func (m Media) Known() bool { return m == Audio || m == Video || m == Bursty }

const (
	stamp      = 0x6c796365 // before the packet's index, at the end of each payload
	stampBytes = 12
	remembered = 1 << 15 // packets whose departure is known
	videoBytes = 1100
	videoRate  = 170 // packets a second
	perSecond  = 30  // frames
)

// source produces the track and remembers when each packet left.
type source struct {
	media Media
	track *webrtc.TrackLocalStaticRTP
	next  atomic.Int64
	left  [remembered]atomic.Int64 // nanoseconds
	// wanted is set by a keyframe request.
	wanted atomic.Bool
}

func newSource(m Media) (*source, error) {
	kind := webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8, ClockRate: 90000}
	switch m {
	case Audio:
		kind = webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2}
	case Video, Bursty:
	default:
		return nil, fmt.Errorf("load: no media %q", m)
	}
	track, err := webrtc.NewTrackLocalStaticRTP(kind, string(m), "load")
	if err != nil {
		return nil, fmt.Errorf("load: make track: %w", err)
	}
	return &source{media: m, track: track}, nil
}

func (s *source) kind() webrtc.RTPCodecType { return s.track.Kind() }

// leftAt is when packet i was sent, zero when that is forgotten.
func (s *source) leftAt(i int64) int64 {
	if n := s.next.Load(); i < 0 || i >= n || i < n-remembered+1024 {
		return 0
	}
	return s.left[i%remembered].Load()
}

// listen takes keyframe requests until the sender ends.
func (s *source) listen(sender *webrtc.RTPSender) {
	for {
		pkts, _, err := sender.ReadRTCP()
		if err != nil {
			return
		}
		for _, p := range pkts {
			if _, ok := p.(*rtcp.PictureLossIndication); ok {
				s.wanted.Store(true)
			}
		}
	}
}

// send stamps and writes one packet. Errors mean that nobody is connected yet.
func (s *source) send(h rtp.Header, payload []byte) {
	i := s.next.Load()
	tail := payload[len(payload)-stampBytes:]
	binary.BigEndian.PutUint32(tail, stamp)
	binary.BigEndian.PutUint64(tail[4:], uint64(i))
	s.left[i%remembered].Store(time.Now().UnixNano())
	s.next.Store(i + 1)
	_ = s.track.WriteRTP(&rtp.Packet{Header: h, Payload: payload})
}

func (s *source) run(ctx context.Context) {
	if s.media == Audio {
		s.speak(ctx)
	} else {
		s.show(ctx)
	}
}

func (s *source) speak(ctx context.Context) {
	buf := make([]byte, 120)
	buf[0] = 0x78 // Opus: one frame of 20 ms (RFC 6716 section 3.1)
	h := rtp.Header{Version: 2, SequenceNumber: uint16(rand.Uint32()), Timestamp: rand.Uint32()}
	pace := newPace(time.Second / 50)
	for pace.wait(ctx) {
		s.send(h, buf[:80+rand.IntN(41)])
		h.SequenceNumber++
		h.Timestamp += 960
	}
}

func (s *source) show(ctx context.Context) {
	buf := make([]byte, videoBytes)
	for i := range buf {
		buf[i] = byte(rand.Uint32())
	}
	h := rtp.Header{Version: 2, SequenceNumber: uint16(rand.Uint32()), Timestamp: rand.Uint32()}
	pace := newPace(time.Second / videoRate)
	for frame := 0; ctx.Err() == nil; frame++ {
		packets := 6
		if frame%3 == 2 {
			packets = 5
		}
		key := s.wanted.Swap(false) || frame%(2*perSecond) == 0
		for i := range packets {
			if s.media == Video || i == 0 {
				if !pace.wait(ctx) {
					return
				}
			} else {
				pace.skip()
			}
			describeVP8(buf, uint16(frame), i == 0, key)
			h.Marker = i == packets-1
			s.send(h, buf)
			h.SequenceNumber++
		}
		h.Timestamp += 90000 / perSecond
	}
}

// describeVP8 writes the payload descriptor (RFC 7741 section 4.2) and, in a
// frame's first packet, the frame header of RFC 6386 section 9.1.
func describeVP8(b []byte, picture uint16, first, key bool) {
	b[0], b[1], b[2], b[3] = 0x80, 0x80, 0x80|byte(picture>>8), byte(picture)
	b[4] = 1
	if first {
		b[0] |= 0x10
		if key {
			b[4] = 0
			copy(b[7:], []byte{0x9d, 0x01, 0x2a, 0x00, 0x05, 0xd0, 0x02}) // 1280x720
		}
	}
}

// pace wakes at even distances and makes up for waking late.
type pace struct {
	every time.Duration
	next  time.Time
	timer *time.Timer
}

func newPace(every time.Duration) *pace {
	return &pace{every: every, next: time.Now(), timer: time.NewTimer(0)}
}

func (p *pace) skip() { p.next = p.next.Add(p.every) }

func (p *pace) wait(ctx context.Context) bool {
	p.timer.Reset(time.Until(p.next))
	p.skip()
	select {
	case <-p.timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
