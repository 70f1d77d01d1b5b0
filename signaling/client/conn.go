package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/fasthttp/websocket"

	"lyceum/signaling/wire"
)

// Bounds of one connection. maxMessage is above any welcome the server sends.
const (
	maxMessage  = 2 << 20
	writeWithin = 10 * time.Second
)

// Options of [Dial]. The zero value is a participant that sends no Origin and takes media.
type Options struct {
	Origin   string
	Resume   string
	Move     bool
	Loopback bool // bind media to 127.0.0.1 alone
	NoMedia  bool // leave offers unanswered
}

// Conn is a participant in a room.
type Conn struct {
	*Meter
	Welcome wire.Welcome

	ws      *websocket.Conn
	media   *peers // nil without media
	done    chan struct{}
	workers sync.WaitGroup

	writing sync.Mutex // held while a message is written

	mu      sync.Mutex
	serial  int
	waiting map[string]chan error // by command id; capacity 1, so the reader never waits
	history history
	door    door
	bye     Closed
}

// Closed is how a connection ended: the bye's code and the close number, either empty when there was none.
type Closed struct {
	Code   string
	Number int
}

func (c Closed) Error() string {
	return fmt.Sprintf("client: connection closed: %d %s", c.Number, c.Code)
}

// Refused is the server's error to a command.
type Refused struct {
	Code       string
	RetryAfter time.Duration
}

func (r *Refused) Error() string { return "client: refused: " + r.Code }

// Dial joins the room of the token at a ws:// address and returns when the server said welcome. A refusal
// is a [Closed]; a refused upgrade is a *[StatusError].
func Dial(ctx context.Context, url, token string, o Options) (*Conn, error) {
	header := http.Header{}
	if o.Origin != "" {
		header.Set("Origin", o.Origin)
	}
	dialer := websocket.Dialer{Subprotocols: []string{wire.Subprotocol}, HandshakeTimeout: requestWithin}
	ws, res, err := dialer.DialContext(ctx, url, header)
	if err != nil {
		if errors.Is(err, websocket.ErrBadHandshake) && res != nil {
			return nil, &StatusError{Status: res.StatusCode}
		}
		return nil, fmt.Errorf("client: dial: %w", err)
	}
	ws.SetReadLimit(maxMessage)
	c := &Conn{Meter: newMeter(), ws: ws, done: make(chan struct{}), waiting: make(map[string]chan error)}
	if err := c.hello(ctx, wire.Hello{Token: token, Resume: o.Resume, Move: o.Move}); err != nil {
		_ = ws.Close()
		return nil, err
	}
	if !o.NoMedia {
		if c.media, err = newPeers(c, o.Loopback); err != nil {
			_ = ws.Close()
			return nil, err
		}
	}
	c.workers.Go(c.read)
	c.workers.Go(c.ping)
	return c, nil
}

// hello says who we are and reads until the welcome or the end.
func (c *Conn) hello(ctx context.Context, h wire.Hello) error {
	if err := c.Send(h); err != nil {
		return err
	}
	within := time.Now().Add(requestWithin)
	if d, ok := ctx.Deadline(); ok {
		within = d
	}
	_ = c.ws.SetReadDeadline(within)
	for {
		m, err := c.next()
		if err != nil {
			return err
		}
		if welcome, ok := m.(wire.Welcome); ok {
			c.Welcome = welcome
			if welcome.Waiting != nil {
				c.door.waits, c.door.told = true, *welcome.Waiting
			}
			return c.ws.SetReadDeadline(time.Time{})
		}
	}
}

// next reads one message; messages of a newer server are skipped. At the end it returns a [Closed] or what
// broke.
func (c *Conn) next() (wire.Message, error) {
	for {
		_, data, err := c.ws.ReadMessage()
		if err != nil {
			return nil, c.ended(err)
		}
		m, err := wire.DecodeServer(data)
		var refusal *wire.Refusal
		switch {
		case errors.As(err, &refusal) && refusal.Code == wire.CodeUnknown:
			continue
		case err != nil:
			return nil, err
		}
		if bye, ok := m.(wire.Bye); ok {
			c.mu.Lock()
			c.bye.Code = bye.Code
			c.mu.Unlock()
			continue
		}
		return m, nil
	}
}

func (c *Conn) ended(err error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	var frame *websocket.CloseError
	if errors.As(err, &frame) {
		c.bye.Number = frame.Code
	}
	if c.bye != (Closed{}) {
		return c.bye
	}
	return fmt.Errorf("client: read: %w", err)
}

// Done is closed when the connection is over.
func (c *Conn) Done() <-chan struct{} { return c.done }

// Closed is how the connection ended; empty while it stands.
func (c *Conn) Closed() Closed {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.bye
}

// Leave says bye, which gives the place up for good, and waits until everything has stopped.
func (c *Conn) Leave() {
	_ = c.Send(wire.Bye{})
	limit := time.NewTimer(writeWithin)
	defer limit.Stop()
	select {
	case <-c.done:
	case <-limit.C:
	}
	c.Drop()
}

// Drop cuts the connection without a word, as a lost network does, and waits until everything has stopped.
func (c *Conn) Drop() {
	_ = c.ws.Close()
	if c.media != nil {
		c.media.close()
	}
	c.workers.Wait()
}
