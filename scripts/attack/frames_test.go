package attack_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/fasthttp/websocket"

	"lyceum/rooms"
	"lyceum/signaling/wire"
)

// frames is a bare websocket: it sends what a client of ours never would.
type frames struct {
	t      *testing.T
	ws     *websocket.Conn
	serial int
	events []wire.RoomEvent
	place  string // where the welcome put us
}

func dial(t *testing.T) *frames {
	t.Helper()
	d := websocket.Dialer{Subprotocols: []string{wire.Subprotocol}, HandshakeTimeout: 10 * time.Second}
	ws, _, err := d.Dial(site.Live, nil)
	must(t, err)
	t.Cleanup(func() { _ = ws.Close() })
	must(t, ws.SetReadDeadline(time.Now().Add(60*time.Second)))
	return &frames{t: t, ws: ws}
}

// enter joins a room with a good token.
func enter(t *testing.T, room, participant string, role rooms.Role) *frames {
	t.Helper()
	f := dial(t)
	f.send(`{"type":"hello","token":"` + site.Token(room, participant, role) + `"}`)
	m := f.read()
	if m.Type != "welcome" {
		t.Fatalf("%s entering %s got %+v", participant, room, m)
	}
	for _, p := range m.Room.Participants {
		if p.ID == participant {
			f.place = p.Place
		}
	}
	return f
}

// message is what is read of any message of the server.
type message struct {
	Type, ID, Code string
	Event          wire.RoomEvent
	Room           struct{ Participants []wire.Participant }
	number         int // of the close frame that came instead
}

func (f *frames) send(text string) {
	f.t.Helper()
	must(f.t, f.ws.WriteMessage(websocket.TextMessage, []byte(text)))
}

// read answers the next message; at the end, one of type "close".
func (f *frames) read() message {
	f.t.Helper()
	_, data, err := f.ws.ReadMessage()
	if err != nil {
		var frame *websocket.CloseError
		if !errors.As(err, &frame) {
			f.t.Fatal(err)
		}
		return message{Type: "close", number: frame.Code}
	}
	var m message
	must(f.t, json.Unmarshal(data, &m))
	if m.Type == "event" {
		f.events = append(f.events, m.Event)
	}
	return m
}

// command sends a frame with these args and answers "done" or the error's code.
func (f *frames) command(name string, args map[string]any) string {
	f.t.Helper()
	f.serial++
	id := fmt.Sprint("c", f.serial)
	text, err := json.Marshal(map[string]any{"type": "command", "id": id, "name": name, "args": args})
	must(f.t, err)
	f.send(string(text))
	for {
		m := f.read()
		switch {
		case m.Type == "close":
			return fmt.Sprint("closed ", m.number)
		case m.ID != id:
		case m.Type == "done":
			return "done"
		case m.Type == "error":
			return m.Code
		}
	}
}

// say writes into the chat and answers the message's id.
func (f *frames) say(text string) string {
	f.t.Helper()
	if code := f.command("chat.send", map[string]any{"text": text}); code != "done" {
		f.t.Fatalf("chat.send: %s", code)
	}
	return f.waitFor(func(e wire.RoomEvent) bool { return e.Message != nil && e.Message.Text == text }).Message.ID
}

// waitFor answers the first event that matches.
func (f *frames) waitFor(match func(wire.RoomEvent) bool) wire.RoomEvent {
	f.t.Helper()
	for i := 0; ; i++ {
		for i == len(f.events) {
			if m := f.read(); m.Type == "close" {
				f.t.Fatalf("closed %d while waiting for an event", m.number)
			}
		}
		if match(f.events[i]) {
			return f.events[i]
		}
	}
}
