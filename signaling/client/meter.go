package client

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/pion/webrtc/v4"
)

// Flow names what is received: whose, and which of their sources. A WHEP listener, which is told neither,
// counts audio as mic and video as camera of nobody.
type Flow struct {
	Participant string
	Source      string
}

// Count is what has arrived of a flow.
type Count struct {
	Packets uint64
	Bytes   uint64 // payload bytes
	Last    time.Time
	Gap     time.Duration // the longest time between two packets since the last [Meter.ForgetGaps]
}

// Meter counts received packets by flow. It is safe for use by many goroutines.
type Meter struct {
	mu     sync.Mutex
	counts map[Flow]Count
}

func newMeter() *Meter { return &Meter{counts: make(map[Flow]Count)} }

// Count is what has arrived of a flow until now.
func (m *Meter) Count(f Flow) Count {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.counts[f]
}

// All is a copy of every count.
func (m *Meter) All() map[Flow]Count {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := make(map[Flow]Count, len(m.counts))
	for f, c := range m.counts {
		all[f] = c
	}
	return all
}

// ForgetGaps begins the measuring of gaps anew, from the next packet of each flow on.
func (m *Meter) ForgetGaps() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for f, c := range m.counts {
		c.Gap, c.Last = 0, time.Time{}
		m.counts[f] = c
	}
}

// Wait returns as soon as at least n packets of a flow have arrived beyond those there are now.
func (m *Meter) Wait(ctx context.Context, f Flow, n uint64) error {
	goal := m.Count(f).Packets + n
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for m.Count(f).Packets < goal {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("client: wait for %d packets of %s %s: %w", n, f.Participant, f.Source, ctx.Err())
		}
	}
	return nil
}

func (m *Meter) add(f Flow, bytes int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := m.counts[f]
	c.Packets++
	c.Bytes += uint64(bytes)
	now := time.Now()
	if !c.Last.IsZero() {
		c.Gap = max(c.Gap, now.Sub(c.Last))
	}
	c.Last = now
	m.counts[f] = c
}

// read counts a remote track until it ends; flow is asked for every packet, because a media section may be
// given to somebody else.
func (m *Meter) read(track *webrtc.TrackRemote, flow func() (Flow, bool)) {
	for {
		packet, _, err := track.ReadRTP()
		if err != nil {
			return
		}
		if f, ok := flow(); ok {
			m.add(f, len(packet.Payload))
		}
	}
}

// keyOf is the source a kind of media is counted as when nobody says better.
func keyOf(kind webrtc.RTPCodecType) string {
	if kind == webrtc.RTPCodecTypeAudio {
		return "mic"
	}
	return "camera"
}
