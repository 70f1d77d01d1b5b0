package signaling_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/fasthttp/websocket"

	"lyceum/rooms"
	"lyceum/signaling/client"
	"lyceum/signaling/wire"
)

// What breaks the form of the protocol ends the connection, with the reason.
func TestEndings(t *testing.T) {
	r := newRig(t)
	rows := []struct{ name, send, want string }{
		{"malformed json", `{"type":`, wire.ByeMalformed},
		{"a list", `[]`, wire.ByeMalformed},
		{"no type", `{}`, wire.ByeMalformed},
		{"invalid utf-8", "{\"type\":\"\xff\"}", wire.ByeMalformed},
		{"a key twice", `{"type":"ping","id":"1","id":"2"}`, wire.ByeMalformed},
		{"nested ten thousand deep", strings.Repeat(`{"a":`, 10000), wire.ByeMalformed},
		{"one byte too large", `{"type":"ping","id":"1","x":"` + strings.Repeat("a", 65506) + `"}`, wire.ByeTooLarge},
		{"a megabyte", strings.Repeat("a", 1<<20), wire.ByeTooLarge},
	}
	for i, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			c := r.rawIn(fmt.Sprintf("p%d", i), rooms.RoleAttendee)
			c.t = t
			c.send(row.send)
			c.expectBye(row.want)
		})
	}
	t.Run("a binary message", func(t *testing.T) {
		c := r.rawIn("binary", rooms.RoleAttendee)
		c.t = t
		must(t, c.ws.WriteMessage(websocket.BinaryMessage, []byte(`{"type":"bye"}`)))
		c.expectBye(wire.ByeMalformed)
	})
	t.Run("malformed hello", func(t *testing.T) {
		c := r.raw()
		c.t = t
		c.send(`hello`)
		c.expectBye(wire.ByeMalformed)
	})
	t.Run("bye of the client", func(t *testing.T) {
		c := r.rawIn("leaver", rooms.RoleAttendee)
		c.t = t
		c.send(`{"type":"bye"}`)
		if _, _, number := c.ending(); number != websocket.CloseNormalClosure {
			t.Errorf("closed with %d, want 1000", number)
		}
	})
}

// The largest message allowed is taken.
func TestLargestMessage(t *testing.T) {
	r := newRig(t)
	c := r.rawIn("ada", rooms.RoleAttendee)
	head, tail := `{"type":"ping","id":"1","x":"`, `"}`
	c.send(head + strings.Repeat("a", 65536-len(head)-len(tail)) + tail)
	c.expect("pong")
}

// Without a hello the door closes after three seconds.
func TestHelloTimeout(t *testing.T) {
	r := newRig(t)
	began := time.Now()
	r.raw().expectBye(wire.ByeTimeout)
	if waited := time.Since(began); waited < 2900*time.Millisecond || waited > 6*time.Second {
		t.Errorf("closed after %v, want about 3 s", waited)
	}
}

// What is wrong in content is answered and the connection lives.
func TestErrorsAreAnswered(t *testing.T) {
	r := newRig(t)
	c := r.rawIn("ada", rooms.RoleAttendee)
	for _, row := range []struct{ send, want string }{
		{`{"type":"dance"}`, `{"type":"error","code":"unknown"}`},
		{`{"type":"dance","id":"a"}`, `{"type":"error","id":"a","code":"unknown"}`},
		{`{"type":"command","id":"b","name":"room.destroy"}`, `{"type":"error","id":"b","code":"unknown"}`},
		{`{"type":"command","id":"c","name":"join"}`, `{"type":"error","id":"c","code":"unknown"}`},
		{`{"type":"command","id":"d","name":"publish","args":{"source":"nose"}}`, `{"type":"error","id":"d","code":"invalid"}`},
		{`{"type":"command","id":"e","name":"mute","args":{"participant":"ada","source":"mic"}}`,
			`{"type":"error","id":"e","code":"forbidden"}`},
		{`{"type":"command","id":"f","name":"chat.send","args":{"text":"` + strings.Repeat("x", 1001) + `"}}`,
			`{"type":"error","id":"f","code":"too-long"}`},
		{`{"type":"hello","token":"again"}`, `{"type":"error","code":"invalid"}`},
		{`{"type":"answer","side":"inside","number":1,"sdp":"v=0"}`, `{"type":"error","code":"invalid"}`},
	} {
		c.send(row.send)
		if got := c.expect("error"); got != row.want {
			t.Errorf("%s\ngot  %s\nwant %s", row.send, got, row.want)
		}
	}
	// An answer or a candidate that fits no offer changes nothing.
	c.send(`{"type":"answer","side":"publish","number":9,"sdp":"v=0"}`)
	c.send(`{"type":"candidate","side":"publish","candidate":"x","mid":"0"}`)
	c.send(`{"type":"command","id":"done","name":"hand.raise"}`)
	if got := c.expect("done"); got != `{"type":"done","id":"done"}` {
		t.Errorf("got %s", got)
	}
}

// The actor is the token's participant, whatever a message claims.
func TestIdentityIsTheTokens(t *testing.T) {
	r := newRig(t)
	host := r.join(within(t), "host", rooms.RoleHost, client.Options{NoMedia: true})
	c := r.rawIn("ada", rooms.RoleAttendee)
	c.send(`{"type":"command","id":"1","name":"hand.raise","actor":"host","self":"host","participant":"host","args":{"actor":"host"}}`)
	c.expect("done")
	e, err := host.WaitEvent(within(t), kind(rooms.KindHandRaised, ""))
	must(t, err)
	if e.Actor != "ada" || e.Participant != "ada" {
		t.Errorf("hand of %q raised by %q, want ada", e.Participant, e.Actor)
	}
}

// Commands beyond the rate are refused with a time to wait, and a client that never listens is closed.
func TestCommandRate(t *testing.T) {
	r := newRig(t)
	c := r.rawIn("ada", rooms.RoleAttendee)
	go func() { // ends with the connection
		for i := 0; ; i++ {
			text := fmt.Sprintf(`{"type":"command","id":"%d","name":"hand.lower"}`, i)
			if c.ws.WriteMessage(websocket.TextMessage, []byte(text)) != nil {
				return
			}
		}
	}()
	messages, last, number := c.ending()
	limited := 0
	for _, m := range messages {
		if strings.Contains(m, `"code":"rate-limited","retryAfter":`) {
			limited++
		}
	}
	if limited < 100 || number != 4429 || last != `{"type":"bye","code":"too-fast"}` {
		t.Errorf("%d refusals, close %d after %s; want at least 100 and 4429", limited, number, last)
	}
}

// Websocket pings count as messages: a flood of them ends like any other.
func TestPingFlood(t *testing.T) {
	r := newRig(t)
	c := r.rawIn("ada", rooms.RoleAttendee)
	for range 1000 {
		if c.ws.WriteControl(websocket.PingMessage, nil, time.Now().Add(time.Second)) != nil {
			break
		}
	}
	c.expectBye(wire.ByeTooFast)
}

// A reader that stops reading is cut; the others get everything.
func TestSlowReaderIsCutAlone(t *testing.T) {
	r := newRig(t)
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	var talkers []*client.Conn // many, because each may talk only so fast
	for i := range 8 {
		talkers = append(talkers, r.join(ctx, fmt.Sprintf("p%d", i), rooms.RoleAttendee, client.Options{NoMedia: true}))
	}
	host, ada := talkers[0], talkers[1]
	r.stuck("slow")
	gone := func() bool {
		for _, e := range host.Events() {
			if e.Participant == "slow" && (e.Kind == rooms.KindAway || e.Kind == rooms.KindLeft) {
				return true
			}
		}
		return false
	}
	text := strings.Repeat("\U0001F4DA", 1000)
	said := 0
	for ; !gone(); said++ {
		must(t, sayPatiently(ctx, talkers[said%len(talkers)], text))
		if said > 6000 {
			t.Fatal("the slow reader was never cut")
		}
	}
	last := fmt.Sprintf("the end after %d", said)
	must(t, sayPatiently(ctx, host, last))
	_, err := ada.WaitEvent(ctx, func(e wire.RoomEvent) bool { return e.Message != nil && e.Message.Text == last })
	must(t, err)
	count := 0
	for _, e := range ada.Events() {
		if e.Kind == rooms.KindSaid {
			count++
		}
	}
	if count != said+1 {
		t.Errorf("ada heard %d of %d messages", count, said+1)
	}
}

// sayPatiently sends chat and, when told to, waits as long as the server says.
func sayPatiently(ctx context.Context, c *client.Conn, text string) error {
	for {
		err := c.Do(ctx, rooms.CommandChatSend, wire.Args{Text: text})
		refused, ok := err.(*client.Refused) //nolint:errorlint // Do returns it bare
		if !ok || refused.Code != wire.CodeRateLimited {
			return err
		}
		select {
		case <-time.After(refused.RetryAfter):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Close says goodbye to everybody and lets nobody in again.
func TestCloseSaysBye(t *testing.T) {
	r := newRig(t)
	var inside []*raw
	for i := range 5 {
		inside = append(inside, r.rawIn(fmt.Sprintf("p%d", i), rooms.RoleAttendee))
	}
	waiting := r.raw() // has not said hello
	ctx := within(t)
	closed := make(chan error, 1)
	go func() { closed <- r.sockets.Close(ctx) }()
	for _, c := range append(inside, waiting) {
		c.expectBye(wire.ByeRestarting)
		_ = c.ws.Close()
	}
	must(t, <-closed)
	if got := r.status(nil); got != 503 {
		t.Errorf("after close: %d, want 503", got)
	}
}

// A panic ends the connection it happens in and no other.
func TestPanicCostsOneConnection(t *testing.T) {
	r := newRig(t)
	ada, bob := r.rawIn("ada", rooms.RoleAttendee), r.rawIn("bob", rooms.RoleAttendee)
	r.panicNext.Store(true)
	ada.send(`{"type":"ping","id":"1"}`)
	ada.expectBye(wire.ByeInternal)
	bob.send(`{"type":"ping","id":"1"}`)
	bob.expect("pong")
	r.rawIn("ada", rooms.RoleAttendee)
}

// Close does not wait longer than it may for clients that do not answer.
func TestCloseCutsTheRest(t *testing.T) {
	r := newRig(t)
	r.rawIn("deaf", rooms.RoleAttendee) // reads nothing more, so never answers the close frame
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := r.sockets.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("close: %v, want the deadline", err)
	}
	must(t, r.sockets.Close(within(t)))
}
