package sfu

import (
	"sync"
	"time"

	"github.com/pion/rtcp"
)

// keyframeEvery is the least time between two keyframe requests to a publisher.
const keyframeEvery = 500 * time.Millisecond

// keyframes turns the wishes of many subscribers into few requests: the first
// at once, then at most one in keyframeEvery. A wish that comes too early is
// kept until the time is over, because whoever came last needs a keyframe made
// after that. The zero value, without ask, does nothing (audio).
type keyframes struct {
	ask func()

	mu      sync.Mutex
	last    time.Time
	timer   *time.Timer // running while a wish waits
	stopped bool
}

func (k *keyframes) want() {
	if k.ask == nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.stopped || k.timer != nil {
		return
	}
	wait := keyframeEvery - time.Since(k.last)
	if k.last.IsZero() || wait <= 0 {
		k.last = time.Now()
		k.ask()
		return
	}
	k.timer = time.AfterFunc(wait, k.late)
}

func (k *keyframes) late() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.timer = nil
	if k.stopped {
		return
	}
	k.last = time.Now()
	k.ask()
}

func (k *keyframes) stop() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.stopped = true
	if k.timer != nil {
		k.timer.Stop()
		k.timer = nil
	}
}

// sendPLI asks the publisher for a keyframe (RFC 4585 section 6.3.1). Without
// a track there is nobody to ask; the first packet asks then.
func (p *publication) sendPLI() {
	p.mu.Lock()
	in := p.next
	p.mu.Unlock()
	if in == nil || !p.open.Load() {
		return
	}
	p.room.count.keyframes.Add(1)
	// An error means that the connection is going down.
	_ = in.pc.WriteRTCP([]rtcp.Packet{&rtcp.PictureLossIndication{MediaSSRC: in.ssrc}})
}
