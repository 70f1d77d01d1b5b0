package socket

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"runtime/debug"
	"sync"
	"time"

	"github.com/fasthttp/websocket"

	"lyceum/rooms/live"
	"lyceum/signaling/wire"
)

// Bounds of one connection. Deadlines are by the machine's clock, rates by Config.Now.
const (
	writeWithin   = 10 * time.Second // for one message to a slow network
	cutWithin     = time.Second      // for the last words to one that does not read
	readBytes     = 1 << 10          // read at once; a message may be longer
	kernelBytes   = 256 << 10        // asked of the system for each connection
	lingerFor     = time.Second      // for the client to close after our close
	commandWithin = 10 * time.Second // for one command, a stalled store included
)

var (
	errTooLarge = errors.New("socket: message too large")
	errBinary   = errors.New("socket: not a text message")
)

// connection is one websocket: run reads in the caller's goroutine, write is the only writer of messages.
type connection struct {
	cfg  Config
	log  *slog.Logger
	ws   *websocket.Conn
	conn net.Conn // under ws, for deadlines and closing from any goroutine
	out  *outbox

	seat   *live.Seat
	left   bool // the client said bye
	inRoom bool // the reader is inside a call to the room
	rates  rates

	deadline  sync.Mutex // guards the read deadline against the writer's last one
	lingering bool
}

func newConnection(cfg Config, ws *websocket.Conn) *connection {
	c := &connection{cfg: cfg, log: cfg.Log, ws: ws, conn: underneath(ws.NetConn()), out: newOutbox(), rates: newRates(cfg.Now())}
	ws.SetPingHandler(func(data string) error {
		// Control frames come to no limit of their own, and each costs an answer. An error here would end
		// reading at once, and with it the chance that the client hears why.
		if ok, _ := c.rates.messages.take(cfg.Now()); !ok {
			c.out.end(wire.ByeTooFast)
			return nil
		}
		_ = ws.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(cutWithin))
		return nil
	})
	return c
}

// underneath is the system's connection: closing the one that fasthttp hands out does nothing. What the
// system holds for a client that does not read is limited, since left alone it grows to megabytes and our
// own limit would mean little.
func underneath(conn net.Conn) net.Conn {
	if hijacked, ok := conn.(interface{ UnsafeConn() net.Conn }); ok {
		conn = hijacked.UnsafeConn()
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetWriteBuffer(kernelBytes) // a hint; without it the client is cut later
	}
	return conn
}

// run lives as long as the connection.
func (c *connection) run() {
	var writer sync.WaitGroup
	writer.Go(c.write)
	code := wire.ByeInternal // stands only if nobody gave a reason
	c.guard(func() { code = c.converse() })
	// First the seat, then the word: who hears bye and comes back at once finds the old seat free.
	c.guard(c.giveUpSeat)
	c.out.end(code)
	c.linger()
	writer.Wait()
}

// guard keeps a panic inside this connection. One from inside the room goes on and ends the process: the
// room may be half changed, and its journal rebuilds it better than a guess does (rooms/live).
func (c *connection) guard(f func()) {
	defer func() {
		if c.inRoom {
			return
		}
		if p := recover(); p != nil {
			c.log.Error("connection panicked", "panic", p, "stack", string(debug.Stack()))
		}
	}()
	f()
}

// converse is the hello and then everything else, until there is a reason to end.
func (c *connection) converse() (code string) {
	code = c.enter()
	for code == "" {
		code = c.step()
	}
	return code
}

// giveUpSeat tells the room how the connection ended.
func (c *connection) giveUpSeat() {
	if c.seat == nil {
		return
	}
	_ = c.room(func() error {
		if !c.left {
			c.seat.Lost()
			return nil
		}
		ctx, cancel := context.WithTimeout(context.Background(), commandWithin)
		defer cancel()
		c.seat.Leave(ctx)
		return nil
	})
}

// room calls into the room; guard must know when a panic comes from there, so the mark stays after one.
func (c *connection) room(call func() error) error {
	c.inRoom = true
	err := call()
	c.inRoom = false
	return err
}

// receive reads one text message of at most limit bytes. The library's own limit is not used: it would
// close with a number of its own.
func (c *connection) receive(limit int64, within time.Duration) ([]byte, error) {
	c.deadline.Lock()
	if !c.lingering {
		_ = c.ws.SetReadDeadline(time.Now().Add(within))
	}
	c.deadline.Unlock()
	kind, r, err := c.ws.NextReader()
	if err != nil {
		return nil, err
	}
	if kind != websocket.TextMessage {
		return nil, errBinary
	}
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > limit {
		return nil, errTooLarge
	}
	return data, nil
}

// reason is the bye for a failed read after the hello.
func reason(err error) string {
	switch {
	case errors.Is(err, errTooLarge):
		return wire.ByeTooLarge
	case errors.Is(err, errBinary):
		return wire.ByeMalformed
	case errors.Is(err, os.ErrDeadlineExceeded):
		return wire.ByeSilent
	}
	return wire.ByeInternal // the connection is gone: nobody hears it
}

// linger reads on for a moment, so that the client gets our last words before the connection is reset.
func (c *connection) linger() {
	c.lastReads()
	for {
		if _, _, err := c.ws.NextReader(); err != nil {
			return
		}
	}
}

// lastReads gives reading one more moment, and no more after it.
func (c *connection) lastReads() {
	c.deadline.Lock()
	defer c.deadline.Unlock()
	if !c.lingering {
		c.lingering = true
		_ = c.conn.SetReadDeadline(time.Now().Add(lingerFor))
	}
}
