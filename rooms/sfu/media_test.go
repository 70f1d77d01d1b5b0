package sfu_test

import (
	"encoding/binary"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"lyceum/rooms"
)

// receive notes every packet under what the newest offer says of its section.
func (c *client) receive(t *webrtc.TrackRemote, r *webrtc.RTPReceiver) {
	mid := ""
	if tr := r.RTPTransceiver(); tr != nil {
		mid = tr.Mid()
	}
	c.mu.Lock()
	k := c.byMid[mid]
	c.mu.Unlock()
	go func() {
		for {
			pkts, _, err := r.ReadRTCP()
			if err != nil {
				return
			}
			for _, p := range pkts {
				if sr, ok := p.(*rtcp.SenderReport); ok {
					c.mu.Lock()
					c.reports[k] = sr
					c.mu.Unlock()
				}
			}
		}
	}()
	for {
		p, _, err := t.ReadRTP()
		if err != nil {
			return
		}
		seen := packetSeen{Header: p.Header, at: time.Now()}
		if len(p.Payload) >= 8 {
			seen.number = binary.BigEndian.Uint64(p.Payload)
		}
		c.mu.Lock()
		c.seen[k] = append(c.seen[k], seen)
		c.mu.Unlock()
	}
}

// from returns what arrived of one publication so far.
func (c *client) from(participant string, src rooms.Source) []packetSeen {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]packetSeen(nil), c.seen[key{participant, src}]...)
}

// awaitMore waits until n more packets of a publication arrived.
func (c *client) awaitMore(participant string, src rooms.Source, n int) {
	c.t.Helper()
	before := len(c.from(participant, src))
	eventually(c.t, c.name+" receives "+participant+"'s "+string(src), func() bool {
		return len(c.from(participant, src)) >= before+n
	})
}

// pump publishes src and sends numbered packets until the test ends.
func (c *client) pump(src rooms.Source) {
	c.t.Helper()
	if err := c.peer.Publish(src); err != nil {
		c.t.Fatal(err)
	}
	c.done.Go(func() {
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		payload := make([]byte, 40)
		for n := uint64(1); ; n++ {
			select {
			case <-c.stop:
				return
			case <-tick.C:
			}
			c.mu.Lock()
			track, ok := c.sending[src].(*webrtc.TrackLocalStaticRTP)
			c.mu.Unlock()
			if !ok {
				continue
			}
			binary.BigEndian.PutUint64(payload, n)
			_ = track.WriteRTP(&rtp.Packet{
				Header:  rtp.Header{Version: 2, SequenceNumber: uint16(n), Timestamp: uint32(n) * 240, Marker: true},
				Payload: payload,
			})
		}
	})
}
