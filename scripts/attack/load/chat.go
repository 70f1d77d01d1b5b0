package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fasthttp/websocket"

	"lyceum/rooms"
	"lyceum/scripts/attack/house"
	"lyceum/signaling/client"
	"lyceum/signaling/wire"
)

// A hundred messages a second to a hundred people: L3.
const (
	chatPeople  = 100
	chatSenders = 10
	chatEach    = 100 * time.Millisecond // between two messages of one sender
	chatFor     = 20 * time.Second
	chatP99     = 150 // ms
	// padding makes messages as long as people write, and fills the slow reader's backlog sooner.
	padding = 120
)

// Chat is how the messages came; the times go from sending to reading, over all readers.
type Chat struct {
	People   int   `json:"people"`
	Messages int64 `json:"messages"`
	Due      int64 `json:"deliveriesDue"`
	Came     int64 `json:"deliveries"`
	P50      int64 `json:"p50Ms"`
	P99      int64 `json:"p99Ms"`
	Max      int64 `json:"maxMs"`
	SlowCut  int64 `json:"slowReaderCutAfterMs"` // 0: it was not cut
}

// readers are those who read and note how late each message is.
type readers struct {
	mu    sync.Mutex
	times []time.Duration
	came  atomic.Int64
	slow  atomic.Int64 // when the slow reader was seen to be away, ms after the start
	began time.Time
}

func chat(ctx context.Context, h *house.House, report *Report) error {
	const room = "chat"
	all := &readers{began: time.Now()}
	var reading sync.WaitGroup
	for i := range chatPeople - chatSenders {
		ws, err := enter(h, room, fmt.Sprint("reader-", i), 0)
		if err != nil {
			return err
		}
		defer ws.Close()
		reading.Go(func() { all.read(ws) })
	}
	slow, err := enter(h, room, "slow", 4096)
	if err != nil {
		return err
	}
	defer slow.Close()
	senders, err := chatters(ctx, h, room)
	if err != nil {
		return err
	}
	all.began = time.Now()
	result := &Chat{People: chatPeople}
	report.Chat = result
	if result.Messages, err = sayAll(ctx, senders, slow); err != nil {
		return err
	}
	result.Due = result.Messages * (chatPeople - chatSenders)
	for end := time.Now().Add(5 * time.Second); all.came.Load() < result.Due && time.Now().Before(end); {
		pause(10 * time.Millisecond)
	}
	all.mu.Lock()
	defer all.mu.Unlock()
	result.Came, result.SlowCut = all.came.Load(), all.slow.Load()
	result.P50, result.P99, result.Max = percentile(all.times, 0.5), percentile(all.times, 0.99), percentile(all.times, 1)
	if result.Came != result.Due {
		report.missed("%d of %d chat deliveries came", result.Came, result.Due)
	}
	if result.P99 > chatP99 {
		report.missed("p99 of a chat message is %d ms, the goal is %d", result.P99, chatP99)
	}
	if result.SlowCut == 0 {
		report.missed("the slow reader was not cut")
	}
	return nil
}

// chatters are those who write.
func chatters(ctx context.Context, h *house.House, room string) ([]*client.Conn, error) {
	var senders []*client.Conn
	for i := range chatSenders {
		c, err := client.Dial(ctx, h.Live, h.Token(room, fmt.Sprint("sender-", i), rooms.RoleAttendee), client.Options{NoMedia: true})
		if err != nil {
			return nil, err
		}
		senders = append(senders, c)
	}
	return senders, nil
}

// sayAll has everybody write at their pace, and counts what was acknowledged. The slow reader sends its pings, so
// that it is cut for what it does not read and for nothing else.
func sayAll(ctx context.Context, senders []*client.Conn, slow *websocket.Conn) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, chatFor)
	defer cancel()
	failures := make(chan error, len(senders)) // one each
	var said atomic.Int64
	for _, c := range senders {
		go func() {
			defer c.Drop()
			tick := time.NewTicker(chatEach)
			defer tick.Stop()
			for {
				select {
				case <-ctx.Done():
					failures <- nil
					return
				case <-tick.C:
				}
				text := fmt.Sprintf("t=%d;%s", time.Now().UnixNano(), bytes.Repeat([]byte("x"), padding))
				if err := c.Do(context.WithoutCancel(ctx), "chat.send", wire.Args{Text: text}); err != nil {
					failures <- err
					return
				}
				said.Add(1)
			}
		}()
	}
	go func() {
		for slow.WriteMessage(websocket.TextMessage, []byte(`{"type":"ping","id":"1"}`)) == nil {
			pause(5 * time.Second)
		}
	}()
	for range senders {
		if err := <-failures; err != nil {
			return 0, err
		}
	}
	return said.Load(), nil
}

// enter joins with a bare websocket; buffer limits what the kernel takes for it, 0 is as usual.
func enter(h *house.House, room, id string, buffer int) (*websocket.Conn, error) {
	d := websocket.Dialer{Subprotocols: []string{wire.Subprotocol}, HandshakeTimeout: 10 * time.Second, NetDial: func(network, addr string) (net.Conn, error) {
		conn, err := net.Dial(network, addr)
		if err == nil && buffer > 0 {
			err = conn.(*net.TCPConn).SetReadBuffer(buffer)
		}
		return conn, err
	}}
	ws, _, err := d.Dial(h.Live, nil)
	if err != nil {
		return nil, err
	}
	hello, err := wire.Encode(wire.Hello{Token: h.Token(room, id, rooms.RoleAttendee)})
	if err != nil {
		return nil, err
	}
	if err := ws.WriteMessage(websocket.TextMessage, hello); err != nil {
		return nil, err
	}
	_, welcome, err := ws.ReadMessage()
	if err != nil || !bytes.Contains(welcome, []byte(`"welcome"`)) {
		return nil, fmt.Errorf("%s got %.100s: %w", id, welcome, err)
	}
	return ws, nil
}

// read notes every message until the connection ends, and pings now and then.
func (r *readers) read(ws *websocket.Conn) {
	pinged := time.Now()
	for {
		_, data, err := ws.ReadMessage()
		if err != nil {
			return
		}
		now := time.Now()
		if now.Sub(pinged) > 5*time.Second {
			pinged = now
			_ = ws.WriteMessage(websocket.TextMessage, []byte(`{"type":"ping","id":"1"}`))
		}
		if bytes.Contains(data, []byte(`"kind":"away"`)) && bytes.Contains(data, []byte(`"slow"`)) {
			r.slow.CompareAndSwap(0, now.Sub(r.began).Milliseconds())
		}
		_, rest, found := bytes.Cut(data, []byte("t="))
		stamp, _, ended := bytes.Cut(rest, []byte(";"))
		if !found || !ended || !bytes.Contains(data, []byte(`"said"`)) {
			continue
		}
		sent, err := strconv.ParseInt(string(stamp), 10, 64)
		if err != nil {
			continue
		}
		r.came.Add(1)
		r.mu.Lock()
		r.times = append(r.times, now.Sub(time.Unix(0, sent)))
		r.mu.Unlock()
	}
}

func pause(d time.Duration) { <-time.After(d) }
