package client

import (
	"context"
	"fmt"
	"time"

	"lyceum/signaling/wire"
)

// door is what a connection was last told about the lobby.
type door struct {
	waits   bool
	told    wire.Lobby
	entered wire.Room // the room as shown when let in; its ID is empty before
}

func (c *Conn) atDoor(change func(*door)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change(&c.door)
}

// Waits reports whether the participant is in the lobby, and what they were told.
func (c *Conn) Waits() (wire.Lobby, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.door.told, c.door.waits
}

// WaitEntered waits until a host lets the participant in, and returns the room as it was shown then.
func (c *Conn) WaitEntered(ctx context.Context) (wire.Room, error) {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		c.mu.Lock()
		d := c.door
		c.mu.Unlock()
		if !d.waits && d.entered.ID != "" {
			return d.entered, nil
		}
		select {
		case <-tick.C:
		case <-c.done:
			return wire.Room{}, c.Closed()
		case <-ctx.Done():
			return wire.Room{}, fmt.Errorf("client: wait in the lobby: %w", ctx.Err())
		}
	}
}
