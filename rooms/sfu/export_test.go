package sfu

import (
	"runtime/debug"
	"strings"
	"time"

	"lyceum/rooms"
)

// BreakReader makes the next goroutine that begins to read a source panic once, as
// a bug in what it runs would; the answer is closed when it has.
func (p *Peer) BreakReader(src rooms.Source) <-chan struct{} {
	pub, err := p.publication(src)
	if err != nil {
		panic(err)
	}
	broken := make(chan struct{})
	k := &pub.keyframes
	k.mu.Lock()
	defer k.mu.Unlock()
	k.last = time.Time{} // the next wish is granted at once
	k.ask = func() {     // want holds the mutex, and lets it go by defer
		if !strings.Contains(string(debug.Stack()), ").ingest(") {
			k.last = time.Time{}
			return
		}
		k.ask = pub.sendPLI
		close(broken)
		panic("the test asked for it")
	}
	return broken
}
