package socket

import (
	"strings"
	"testing"
	"time"

	"lyceum/signaling/wire"
)

func event(version uint64) wire.Event {
	return wire.Event{Event: wire.RoomEvent{Version: version, Kind: "left"}}
}

func welcome(version uint64) wire.Welcome {
	return wire.Welcome{Self: "p1", Room: wire.Room{ID: "e1", Version: version}}
}

func kinds(queue []entry) string {
	var out []string
	for _, e := range queue {
		kind, _, _ := strings.Cut(strings.TrimPrefix(string(e.data), `{"type":"`), `"`)
		out = append(out, kind)
	}
	return strings.Join(out, " ")
}

// What happens while somebody enters comes after the welcome, without what the welcome already has.
func TestWelcomeComesFirst(t *testing.T) {
	o := newOutbox()
	for v := uint64(4); v <= 6; v++ {
		o.put(event(v))
	}
	o.put(wire.Offer{Side: "subscribe", Number: 1, SDP: "v=0"})
	if queue, _ := o.take(); len(queue) != 0 {
		t.Fatalf("%s before the welcome", kinds(queue))
	}
	o.open(welcome(5))
	if queue, _ := o.take(); kinds(queue) != "welcome event offer" {
		t.Errorf("queue is %s, want the welcome, event 6 and the offer", kinds(queue))
	}
}

// Somebody who is refused before the welcome hears the reason and nothing of the room.
func TestRefusedHearNothing(t *testing.T) {
	o := newOutbox()
	o.put(event(1))
	o.end(wire.ByeRemoved)
	o.open(welcome(1))
	o.put(event(2))
	if queue, bye := o.take(); len(queue) != 0 || bye != wire.ByeRemoved {
		t.Errorf("got %q and bye %q, want nothing and removed", kinds(queue), bye)
	}
}

// The first reason to end stands, and what was queued before it is still sent.
func TestFirstByeStands(t *testing.T) {
	o := newOutbox()
	o.open(welcome(1))
	o.put(event(2))
	o.end(wire.ByeMoved)
	o.end(wire.ByeInternal)
	o.put(event(3))
	if queue, bye := o.take(); kinds(queue) != "welcome event" || bye != wire.ByeMoved {
		t.Errorf("got %q and bye %q", kinds(queue), bye)
	}
}

// A queue is full at 256 messages or 1 MiB, whichever comes first; only the one too many says so.
func TestFullQueue(t *testing.T) {
	for _, row := range []struct {
		name string
		text int
		want int
	}{
		{"many small messages", 0, wire.QueueMessages - 1}, // the welcome is one
		{"few large messages", 200_000, wire.QueueBytes / 200_000},
	} {
		t.Run(row.name, func(t *testing.T) {
			o := newOutbox()
			o.open(welcome(1))
			e := event(2)
			e.Event.Message = &wire.Chat{Text: strings.Repeat("x", row.text)}
			taken := 0
			for !o.put(e) {
				taken++
			}
			if taken != row.want {
				t.Errorf("took %d messages, want %d", taken, row.want)
			}
			if o.put(e) {
				t.Error("full a second time")
			}
			if queue, bye := o.take(); len(queue) != 0 || bye != wire.ByeTooSlow {
				t.Errorf("left with %d messages and bye %q", len(queue), bye)
			}
		})
	}
}

// A bucket gives its burst at once and then its rate, and says exactly how long to wait.
func TestBucket(t *testing.T) {
	now := time.Date(2026, 11, 23, 18, 0, 0, 0, time.UTC)
	b := newBucket(20, 40, now)
	for i := range 40 {
		if ok, _ := b.take(now); !ok {
			t.Fatalf("refused number %d of the burst", i+1)
		}
	}
	ok, wait := b.take(now)
	if ok || wait != 50*time.Millisecond {
		t.Fatalf("after the burst: %v, wait %v; want refused, 50ms", ok, wait)
	}
	if ok, _ := b.take(now.Add(wait)); !ok {
		t.Error("refused after the wait")
	}
	later := now.Add(time.Hour)
	taken := 0
	for ok := true; ok; taken++ {
		ok, _ = b.take(later)
	}
	if taken-1 != 40 {
		t.Errorf("%d at once after an hour, want the burst of 40", taken-1)
	}
}
