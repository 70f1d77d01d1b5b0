package client

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/fasthttp/websocket"

	"lyceum/signaling/wire"
)

// Send writes one message as it is, for tests and load; use [Conn.Do] for commands.
func (c *Conn) Send(m wire.Message) error {
	data, err := wire.Encode(m)
	if err != nil {
		return err
	}
	return c.SendRaw(data)
}

// SendRaw writes the text of one message, well formed or not.
func (c *Conn) SendRaw(data []byte) error {
	c.writing.Lock()
	defer c.writing.Unlock()
	_ = c.ws.SetWriteDeadline(time.Now().Add(writeWithin))
	if err := c.ws.WriteMessage(websocket.TextMessage, data); err != nil {
		return fmt.Errorf("client: write: %w", err)
	}
	return nil
}

// Do gives a command and waits for its answer: nil for done, a *[Refused] for an error.
func (c *Conn) Do(ctx context.Context, name string, args wire.Args) error {
	answer := make(chan error, 1)
	c.mu.Lock()
	c.serial++
	id := strconv.Itoa(c.serial)
	c.waiting[id] = answer
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.waiting, id)
	}()
	if err := c.Send(wire.Command{ID: id, Name: name, Args: args}); err != nil {
		return err
	}
	select {
	case err := <-answer:
		return err
	case <-c.done:
		return c.Closed()
	case <-ctx.Done():
		return fmt.Errorf("client: %s: %w", name, ctx.Err())
	}
}

// read hands out every message until the connection ends.
func (c *Conn) read() {
	defer close(c.done)
	for {
		m, err := c.next()
		if err != nil {
			return
		}
		switch m := m.(type) {
		case wire.Done:
			c.answer(m.ID, nil)
		case wire.Error:
			c.answer(m.ID, &Refused{Code: m.Code, RetryAfter: time.Duration(m.RetryAfter) * time.Millisecond})
		case wire.Event:
			c.history.add(&c.mu, m.Event)
		case wire.Waiting:
			c.atDoor(func(d *door) { d.waits, d.told = true, m.Waiting })
		case wire.Entered:
			c.atDoor(func(d *door) { d.waits, d.entered = false, m.Room })
		case wire.Offer:
			if c.media != nil {
				c.media.offers.put(m)
			}
		case wire.Failed:
			if c.media != nil {
				c.media.offers.put(m)
			}
		}
	}
}

func (c *Conn) answer(id string, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if waiting, ok := c.waiting[id]; ok {
		delete(c.waiting, id)
		waiting <- err
	}
}

// ping keeps the connection from counting as silent.
func (c *Conn) ping() {
	tick := time.NewTicker(wire.PingEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			if c.Send(wire.Ping{ID: "k"}) != nil {
				return
			}
		case <-c.done:
			return
		}
	}
}
