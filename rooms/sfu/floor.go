package sfu

import (
	"sync"
	"sync/atomic"

	"lyceum/rooms/sfu/loudest"
)

// In a room of more than smallRoom participants, heardAtOnce microphones at
// most are passed on: the loudest. Nobody can follow more, and a hundred open
// microphones would be a hundred streams to everybody.
const (
	smallRoom   = 12
	heardAtOnce = 4
)

// floor decides which microphones of a room are heard. Its lock is taken once
// for each incoming packet with an audio level, in large rooms only.
type floor struct {
	crowd atomic.Int64 // participants

	mu     sync.Mutex
	choice *loudest.Choice[*publication]
}

// passes reports whether a packet with that level is passed on. Those without
// a level, as encoders send them, are not asked about.
func (f *floor) passes(p *publication, level uint8, now int64) bool {
	if f.crowd.Load() <= smallRoom {
		return true
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.choice == nil {
		f.choice = loudest.New[*publication](heardAtOnce)
	}
	return f.choice.Hear(p, level, now)
}

// leave forgets a microphone.
func (f *floor) leave(p *publication) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.choice != nil {
		f.choice.Forget(p)
	}
}
