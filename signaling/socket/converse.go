package socket

import (
	"context"
	"errors"
	"os"
	"time"

	"lyceum/rooms"
	"lyceum/rooms/live"
	"lyceum/rooms/sfu"
	"lyceum/signaling/wire"
)

// byeAnswered ends a connection whose client said bye. It never travels.
const byeAnswered = "answered"

// rates limit what one connection may send.
type rates struct {
	messages bucket
	commands bucket
	refusals bucket // patience with commands that come too fast
}

func newRates(now time.Time) rates {
	return rates{
		messages: newBucket(wire.MessagesPerSecond, wire.MessageBurst, now),
		commands: newBucket(wire.CommandsPerSecond, wire.CommandBurst, now),
		refusals: newBucket(wire.RefusalsPerSecond, wire.RefusalBurst, now),
	}
}

// enter takes the hello and brings the participant into the room. It returns a bye code, or "" when the
// participant is in. Until then nothing of the room is said.
func (c *connection) enter() string {
	hello, code := c.hello()
	if code != "" {
		return code
	}
	claims, err := c.cfg.Verifier.Verify(hello.Token)
	if err != nil {
		return wire.ByeToken
	}
	ctx, cancel := context.WithTimeout(context.Background(), commandWithin)
	defer cancel()
	var welcome live.Welcome
	err = c.room(func() (err error) {
		entry := live.Entry{Claims: claims, Resume: hello.Resume, Move: hello.Move}
		c.seat, welcome, err = c.cfg.Hub.Enter(ctx, entry, &sink{c: c, room: claims.Room})
		return err
	})
	if err != nil {
		return c.refusedEntry(err)
	}
	c.log = c.log.With("room", claims.Room, "participant", claims.Participant)
	said := wire.Welcome{
		Resume: welcome.Resume, Self: welcome.Self, Room: roomOf(claims.Room, welcome),
		Limits: wire.Limits{
			MessageBytes: wire.MessageBytes, CommandsPerSecond: wire.CommandsPerSecond, ChatLength: wire.ChatLength,
		},
	}
	if welcome.Waiting != nil {
		said.Waiting = wire.FromWaiting(*welcome.Waiting)
	}
	c.out.open(said)
	return ""
}

// hello reads the first message. Whatever is wrong with its token or with the lack of one is the same to
// the client.
func (c *connection) hello() (wire.Hello, string) {
	data, err := c.receive(wire.HelloBytes, wire.HelloWithin)
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return wire.Hello{}, wire.ByeTimeout
	case errors.Is(err, errTooLarge):
		return wire.Hello{}, wire.ByeToken
	case err != nil:
		return wire.Hello{}, reason(err)
	}
	m, err := wire.DecodeClient(data)
	var refusal *wire.Refusal
	if errors.As(err, &refusal) && refusal.Kind == "" && refusal.Code == wire.CodeMalformed {
		return wire.Hello{}, wire.ByeMalformed
	}
	hello, ok := m.(wire.Hello)
	if err != nil || !ok {
		return wire.Hello{}, wire.ByeToken
	}
	return hello, ""
}

// refusedEntry is the bye for what the room said at the door.
func (c *connection) refusedEntry(err error) string {
	var refusal *rooms.Error
	if errors.As(err, &refusal) {
		switch refusal.Code {
		case rooms.CodeBanned:
			return wire.ByeRemoved
		case rooms.CodeElsewhere:
			return wire.ByeElsewhere
		case rooms.CodeClosed:
			return wire.ByeClosed
		case rooms.CodeRoomOver:
			return wire.ByeRoomOver
		}
	}
	c.log.Error("cannot enter a room", "error", err)
	return wire.ByeInternal
}

// step takes one message and returns the bye code that ends the connection, or "".
func (c *connection) step() string {
	data, err := c.receive(wire.MessageBytes, wire.Silence)
	if err != nil {
		return reason(err)
	}
	if ok, _ := c.rates.messages.take(c.cfg.Now()); !ok {
		return wire.ByeTooFast
	}
	m, err := wire.DecodeClient(data)
	var refusal *wire.Refusal
	if errors.As(err, &refusal) {
		if refusal.Code == wire.CodeMalformed {
			return wire.ByeMalformed
		}
		c.put(wire.Error{ID: refusal.ID, Code: refusal.Code})
		return ""
	}
	switch m := m.(type) {
	case wire.Command:
		return c.command(m)
	case wire.Answer:
		c.refuse("", c.room(func() error { return c.seat.Answer(sfu.Side(m.Side), m.Number, m.SDP) }))
	case wire.Candidate:
		c.refuse("", c.room(func() error { return c.seat.Candidate(sfu.Side(m.Side), m.Candidate, m.Mid) }))
	case wire.Ping:
		c.put(wire.Pong{ID: m.ID})
	case wire.Bye:
		c.left = true
		return byeAnswered
	case wire.Hello:
		c.put(wire.Error{Code: wire.CodeInvalid}) // one is enough; identity does not change
	}
	return ""
}

// command gives a command to the room, unless they come too fast.
func (c *connection) command(m wire.Command) string {
	now := c.cfg.Now()
	if ok, wait := c.rates.commands.take(now); !ok {
		c.put(wire.Error{
			ID: m.ID, Code: wire.CodeRateLimited, RetryAfter: int(wait.Milliseconds()) + 1,
		})
		if ok, _ := c.rates.refusals.take(now); !ok {
			return wire.ByeTooFast
		}
		return ""
	}
	ctx, cancel := context.WithTimeout(context.Background(), commandWithin)
	defer cancel()
	if !c.refuse(m.ID, c.room(func() error { return c.seat.Do(ctx, m.Room()) })) {
		c.put(wire.Done{ID: m.ID})
	}
	return ""
}

// refuse answers with the code of err, if it is one, and reports whether it was.
func (c *connection) refuse(id string, err error) bool {
	if err == nil {
		return false
	}
	answer := wire.Error{ID: id, Code: wire.CodeInternal}
	var refusal *rooms.Error
	if errors.As(err, &refusal) {
		answer.Code, answer.RetryAfter = refusal.Code, int((refusal.RetryAfter+time.Millisecond-1)/time.Millisecond)
	} else {
		c.log.Error("command failed", "error", err)
	}
	c.put(answer)
	return true
}
