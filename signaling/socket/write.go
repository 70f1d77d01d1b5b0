package socket

import (
	"time"

	"github.com/fasthttp/websocket"

	"lyceum/signaling/wire"
)

// cut ends the connection without a word.
func (c *connection) cut() { _ = c.conn.Close() }

// write sends what the outbox holds until it has sent the bye.
func (c *connection) write() {
	defer c.lastReads() // nothing more to say: reading has a moment left
	for range c.out.wake {
		queue, bye := c.out.take()
		for _, e := range queue {
			if c.send(e.data, writeWithin) != nil {
				c.cut()
				return
			}
		}
		if bye != "" {
			c.farewell(bye)
			return
		}
	}
}

func (c *connection) send(data []byte, within time.Duration) error {
	_ = c.ws.SetWriteDeadline(time.Now().Add(within))
	return c.ws.WriteMessage(websocket.TextMessage, data)
}

// farewell is the bye message and the close frame (RFC 6455, section 5.5.1). A client that said bye itself
// gets the frame alone.
func (c *connection) farewell(code string) {
	number := wire.CloseNumber(code)
	if code == byeAnswered {
		number = websocket.CloseNormalClosure
	} else if data, err := wire.Encode(wire.Bye{Code: code}); err == nil {
		_ = c.send(data, cutWithin)
	}
	frame := websocket.FormatCloseMessage(number, "")
	if c.ws.WriteControl(websocket.CloseMessage, frame, time.Now().Add(cutWithin)) != nil {
		c.cut()
	}
}

// put queues a message. The one that is too many shortens the write that is stuck, once: a second time
// would give it more time.
func (c *connection) put(m wire.Message) {
	if c.out.put(m) {
		_ = c.conn.SetWriteDeadline(time.Now().Add(cutWithin))
	}
}
