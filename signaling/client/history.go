package client

import (
	"context"
	"fmt"
	"sync"
	"time"

	"lyceum/signaling/wire"
)

// historyLength is how many events a connection remembers; the oldest are forgotten first.
const historyLength = 4096

// history is the newest events since the welcome.
type history struct{ events []wire.RoomEvent }

func (h *history) add(mu *sync.Mutex, e wire.RoomEvent) {
	mu.Lock()
	defer mu.Unlock()
	if len(h.events) == historyLength {
		h.events = append(h.events[:0], h.events[historyLength/2:]...)
	}
	h.events = append(h.events, e)
}

// Events is a copy of the events since the welcome, at most the newest 4096.
func (c *Conn) Events() []wire.RoomEvent {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]wire.RoomEvent(nil), c.history.events...)
}

// WaitEvent returns the first event since the welcome that matches, waiting for it if need be.
func (c *Conn) WaitEvent(ctx context.Context, match func(wire.RoomEvent) bool) (wire.RoomEvent, error) {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		for _, e := range c.Events() {
			if match(e) {
				return e, nil
			}
		}
		select {
		case <-tick.C:
		case <-c.done:
			return wire.RoomEvent{}, c.Closed()
		case <-ctx.Done():
			return wire.RoomEvent{}, fmt.Errorf("client: wait for event: %w", ctx.Err())
		}
	}
}
