package sfu_test

import (
	"net"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"lyceum/rooms"
	"lyceum/rooms/sfu"
)

// lossy is a socket that loses every tenth RTP packet on its way in.
type lossy struct {
	*net.UDPConn
	count, lost atomic.Int64
}

func (l *lossy) ReadFrom(b []byte) (int, net.Addr, error) {
	for {
		n, from, err := l.UDPConn.ReadFrom(b)
		isRTP := n >= 12 && b[0]>>6 == 2 && (b[1] < 192 || b[1] > 223)
		if err == nil && isRTP && l.count.Add(1)%10 == 0 {
			l.lost.Add(1)
			continue
		}
		return n, from, err
	}
}

// A receiver that loses packets asks for them and gets every one.
func TestLostPacketsAreSentAgain(t *testing.T) {
	for _, src := range []rooms.Source{rooms.SourceMic, rooms.SourceCamera} {
		t.Run(string(src), func(t *testing.T) {
			room := mustOpen(t).Room("talk")
			var tap *lossy
			ada := join(t, room, "ada", clientOptions{})
			ben := join(t, room, "ben", clientOptions{nack: true, wrap: func(u *net.UDPConn) net.PacketConn {
				tap = &lossy{UDPConn: u}
				return tap
			}})
			ada.pump(src)
			ada.peer.Gate(src, true)
			ben.awaitMore("ada", src, 10)
			first := ben.from("ada", src)[0].number
			const count = 200
			eventually(t, "every packet arrives", func() bool {
				seen := ben.from("ada", src)
				have := map[uint64]bool{}
				for _, p := range seen {
					have[p.number] = true
				}
				for n := first; n < first+count; n++ {
					if !have[n] {
						return false
					}
				}
				return true
			})
			if tap.lost.Load() == 0 || room.Stats().Resent == 0 {
				t.Fatalf("%d lost, %d sent again: the test tested nothing", tap.lost.Load(), room.Stats().Resent)
			}
		})
	}
}

// A packet that is sent again is the same packet: number, time, marker, bytes.
func TestSentAgainIsTheSame(t *testing.T) {
	room := mustOpen(t).Room("talk")
	ada, ben := join(t, room, "ada", clientOptions{}), join(t, room, "ben", clientOptions{})
	ada.pump(rooms.SourceMic)
	ada.peer.Gate(rooms.SourceMic, true)
	ben.awaitMore("ada", rooms.SourceMic, 20)
	asked := ben.from("ada", rooms.SourceMic)
	resent := room.Stats().Resent
	nackEverything(t, ben, asked)
	eventually(t, "packets are sent again", func() bool { return room.Stats().Resent >= resent+20 })
	ben.awaitMore("ada", rooms.SourceMic, 5)
	byNumber := map[uint16]packetSeen{}
	for _, p := range ben.from("ada", rooms.SourceMic) {
		had, ok := byNumber[p.SequenceNumber]
		if ok && (had.number != p.number || had.Timestamp != p.Timestamp || had.Marker != p.Marker) {
			t.Fatalf("number %d came as %+v and %+v", p.SequenceNumber, had, p)
		}
		byNumber[p.SequenceNumber] = p
	}
}

// The publisher's clock reaches every subscriber in the subscriber's own
// timestamps, so that sound and picture stay in step.
func TestSenderReportsAreTranslated(t *testing.T) {
	room := mustOpen(t).Room("talk")
	ada, ben := join(t, room, "ada", clientOptions{}), join(t, room, "ben", clientOptions{})
	ada.pump(rooms.SourceMic)
	ada.peer.Gate(rooms.SourceMic, true)
	ben.awaitMore("ada", rooms.SourceMic, 10)
	ada.mu.Lock()
	pc := ada.pcs[sfu.SidePublish]
	ada.mu.Unlock()
	var ssrc webrtc.SSRC
	for _, s := range pc.GetSenders() {
		if s.Track() != nil {
			ssrc = s.GetParameters().Encodings[0].SSRC
		}
	}
	const ntp, number = 0xE000_0000_8000_0000, 1000 // the time of pump's packet 1000
	err := pc.WriteRTCP([]rtcp.Packet{&rtcp.SenderReport{SSRC: uint32(ssrc), NTPTime: ntp, RTPTime: number * 240}})
	if err != nil {
		t.Fatal(err)
	}
	k := key{"ada", rooms.SourceMic}
	eventually(t, "the report arrives", func() bool {
		ben.mu.Lock()
		defer ben.mu.Unlock()
		return ben.reports[k] != nil
	})
	ben.mu.Lock()
	sr := ben.reports[k]
	ben.mu.Unlock()
	p := ben.from("ada", rooms.SourceMic)[0]
	if sr.NTPTime != ntp || sr.SSRC != p.SSRC {
		t.Fatalf("report says ntp %x of ssrc %d", sr.NTPTime, sr.SSRC)
	}
	if got, want := sr.RTPTime-p.Timestamp, uint32((number-int64(p.number))*240); got != want {
		t.Fatalf("report is %d ticks after the packet, want %d", got, want)
	}
	if sr.PacketCount == 0 || sr.OctetCount != sr.PacketCount*40 {
		t.Fatalf("report counts %d packets, %d octets", sr.PacketCount, sr.OctetCount)
	}

	// Who comes later is told at once, not with the publisher's next report.
	cem := join(t, room, "cem", clientOptions{})
	cem.awaitMore("ada", rooms.SourceMic, 5)
	eventually(t, "the late joiner has a report", func() bool {
		cem.mu.Lock()
		defer cem.mu.Unlock()
		return cem.reports[k] != nil
	})
}

// A hundred wishes for a keyframe become one request, and one more when half a
// second is over.
func TestKeyframeRequestsAreCoalesced(t *testing.T) {
	room := mustOpen(t).Room("talk")
	ada, ben := join(t, room, "ada", clientOptions{}), join(t, room, "ben", clientOptions{})
	ada.pump(rooms.SourceCamera)
	ada.peer.Gate(rooms.SourceCamera, true)
	ben.awaitMore("ada", rooms.SourceCamera, 10)
	ssrc := ben.from("ada", rooms.SourceCamera)[0].SSRC
	ben.mu.Lock()
	pc := ben.pcs[sfu.SideSubscribe]
	ben.mu.Unlock()
	began, before := time.Now(), room.Stats()
	for range 50 {
		err := pc.WriteRTCP([]rtcp.Packet{
			&rtcp.PictureLossIndication{SenderSSRC: 1, MediaSSRC: ssrc},
			&rtcp.FullIntraRequest{SenderSSRC: 1, MediaSSRC: ssrc, FIR: []rtcp.FIREntry{{SSRC: ssrc}}},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "all wishes arrive", func() bool { return room.Stats().PLIs >= before.PLIs+50 })
	eventually(t, "one is passed on", func() bool { return room.Stats().Keyframes > before.Keyframes })
	most := 2 + uint64(time.Since(began)/(500*time.Millisecond))
	if n := room.Stats().Keyframes - before.Keyframes; n > most {
		t.Fatalf("%d requests in %s", n, time.Since(began))
	}
}

// Packets that only probe the path are left out without a gap.
func TestProbesLeaveNoGap(t *testing.T) {
	room := mustOpen(t).Room("talk")
	evil := newHostile(rooms.SourceCamera)
	ada := join(t, room, "ada", clientOptions{track: func(rooms.Source) webrtc.TrackLocal { return evil }})
	ben := join(t, room, "ben", clientOptions{})
	if err := ada.peer.Publish(rooms.SourceCamera); err != nil {
		t.Fatal(err)
	}
	ada.peer.Gate(rooms.SourceCamera, true)
	ada.done.Go(func() {
		tick := time.NewTicker(2 * time.Millisecond)
		defer tick.Stop()
		for n := uint16(1); ; n++ {
			select {
			case <-ada.stop:
				return
			case <-tick.C:
			}
			evil.mu.Lock()
			if evil.stream != nil {
				h := &rtp.Header{Version: 2, PayloadType: evil.pt, SSRC: evil.ssrc, SequenceNumber: n, Timestamp: uint32(n)}
				payload := []byte("media")
				if n%3 == 0 {
					h.Padding, h.PaddingSize, payload = true, 100, nil
				}
				_, _ = evil.stream.WriteRTP(h, payload)
			}
			evil.mu.Unlock()
		}
	})
	ben.awaitMore("ada", rooms.SourceCamera, 60)
	seen := ben.from("ada", rooms.SourceCamera)
	mustBeContinuous(t, slices.Clip(seen))
}
