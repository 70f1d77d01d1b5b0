package signaling_test

import (
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/fasthttp/websocket"

	"lyceum/rooms"
	"lyceum/signaling/wire"
)

// raw is a bare websocket, for what a well-behaved client would never send.
type raw struct {
	t  *testing.T
	ws *websocket.Conn
}

func (r *rig) raw() *raw {
	r.t.Helper()
	d := websocket.Dialer{Subprotocols: []string{wire.Subprotocol}, EnableCompression: true}
	ws, _, err := d.Dial(r.ws(), nil)
	must(r.t, err)
	r.t.Cleanup(func() { _ = ws.Close() })
	must(r.t, ws.SetReadDeadline(time.Now().Add(20*time.Second)))
	return &raw{t: r.t, ws: ws}
}

// rawIn is a bare websocket that is in the room.
func (r *rig) rawIn(participant string, role rooms.Role) *raw {
	r.t.Helper()
	c := r.raw()
	hello, err := wire.Encode(wire.Hello{Token: r.mint(participant, role)})
	must(r.t, err)
	c.send(string(hello))
	if kind, _ := c.read(); kind != "welcome" {
		r.t.Fatalf("first message is %q, want welcome", kind)
	}
	return c
}

func (c *raw) send(text string) {
	c.t.Helper()
	must(c.t, c.ws.WriteMessage(websocket.TextMessage, []byte(text)))
}

// read returns the type and text of the next message; "" at the end.
func (c *raw) read() (kind, text string) {
	c.t.Helper()
	_, data, err := c.ws.ReadMessage()
	if err != nil {
		return "", ""
	}
	var m struct{ Type string }
	must(c.t, json.Unmarshal(data, &m))
	return m.Type, string(data)
}

// expect skips messages until one of a type and returns its text.
func (c *raw) expect(want string) string {
	c.t.Helper()
	for {
		kind, text := c.read()
		if kind == want {
			return text
		}
		if kind == "" || kind == "bye" {
			c.t.Fatalf("connection ended before %q: %s", want, text)
		}
		if kind != "event" {
			c.t.Logf("skipped %s", text)
		}
	}
}

// ending is everything from now to the end: the last message and the close number.
func (c *raw) ending() (messages []string, last string, number int) {
	c.t.Helper()
	for {
		_, data, err := c.ws.ReadMessage()
		if err != nil {
			var frame *websocket.CloseError
			if errors.As(err, &frame) {
				number = frame.Code
			}
			return messages, last, number
		}
		last = string(data)
		messages = append(messages, last)
	}
}

// expectBye holds that the connection ends with this bye and its number.
func (c *raw) expectBye(code string) {
	c.t.Helper()
	_, last, number := c.ending()
	if want := `{"type":"bye","code":"` + code + `"}`; last != want {
		c.t.Errorf("last message %s, want %s", last, want)
	}
	if number != wire.CloseNumber(code) {
		c.t.Errorf("closed with %d, want %d", number, wire.CloseNumber(code))
	}
}

// status is the answer to an upgrade with these headers.
func (r *rig) status(header http.Header) int {
	r.t.Helper()
	_, res, err := (&websocket.Dialer{Subprotocols: []string{wire.Subprotocol}}).Dial(r.ws(), header)
	if err == nil {
		return http.StatusSwitchingProtocols
	}
	if res == nil {
		r.t.Fatal(err)
	}
	return res.StatusCode
}

// dialPath is raw at another address.
func dialPath(r *rig, path string) (*raw, *http.Response, error) {
	d := websocket.Dialer{Subprotocols: []string{wire.Subprotocol}}
	ws, res, err := d.Dial("ws://"+r.addr+path, nil)
	if err != nil {
		return nil, res, err
	}
	r.t.Cleanup(func() { _ = ws.Close() })
	return &raw{t: r.t, ws: ws}, res, ws.SetReadDeadline(time.Now().Add(20 * time.Second))
}

// upgradeWith is the status of an upgrade that offers these subprotocols.
func upgradeWith(r *rig, protocols []string) int {
	r.t.Helper()
	ws, res, err := (&websocket.Dialer{Subprotocols: protocols}).Dial(r.ws(), nil)
	if err == nil {
		_ = ws.Close()
		return http.StatusSwitchingProtocols
	}
	if res == nil {
		r.t.Fatal(err)
	}
	return res.StatusCode
}

// stuck joins the room and then reads nothing more, with small buffers so that the server feels it soon.
func (r *rig) stuck(participant string) {
	r.t.Helper()
	d := websocket.Dialer{Subprotocols: []string{wire.Subprotocol}, NetDial: func(network, addr string) (net.Conn, error) {
		conn, err := net.Dial(network, addr)
		if err == nil {
			err = conn.(*net.TCPConn).SetReadBuffer(4096)
		}
		return conn, err
	}}
	ws, _, err := d.Dial(r.ws(), nil)
	must(r.t, err)
	r.t.Cleanup(func() { _ = ws.Close() })
	hello, err := wire.Encode(wire.Hello{Token: r.mint(participant, rooms.RoleAttendee)})
	must(r.t, err)
	must(r.t, ws.WriteMessage(websocket.TextMessage, hello))
	go func() { // it is not silent, and ends with the connection
		for ws.WriteMessage(websocket.TextMessage, []byte(`{"type":"ping","id":"1"}`)) == nil {
			<-time.After(100 * time.Millisecond)
		}
	}()
}
