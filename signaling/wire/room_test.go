package wire_test

import (
	"strings"
	"testing"
	"time"

	"lyceum/rooms"
	"lyceum/signaling/wire"
)

// The wire takes exactly the commands that the rules allow from the wire.
func TestCommandsAreThoseOfTheRules(t *testing.T) {
	modes := map[string]string{"lobby.mode": "admit", "rights": "known", "chat.mode": "hosts", "chat.hold": "newcomers"}
	for _, name := range rooms.Commands() {
		text := `{"type":"command","id":"1","name":"` + name +
			`","args":{"participant":"p2","source":"mic","text":"hello","message":"m1","part":"chat","scope":"site","mode":"` + modes[name] + `"}}`
		_, err := wire.DecodeClient([]byte(text))
		if taken := err == nil; taken != rooms.FromWire(name) {
			t.Errorf("%s: taken %v, want %v (%v)", name, taken, rooms.FromWire(name), err)
		}
	}
}

// Neither the person behind a participant, nor a ban's end, nor a deleted text leaves the server.
func TestNothingPrivateLeaves(t *testing.T) {
	const canary = "canary-4711"
	now := time.Date(2033, 1, 2, 3, 4, 5, 0, time.UTC)
	p := rooms.Participant{ID: "p1", Name: "Ada Example", Person: canary}
	m := rooms.Message{ID: "m1", Text: canary, Deleted: true}
	event := wire.FromEvent(rooms.Event{Version: 1, Kind: rooms.KindRemoved, Joined: &p, Message: &m, Person: canary, Until: now})
	welcome := wire.Welcome{Self: "p1", Room: wire.FromRoom("e1", 1, []rooms.Participant{p}, nil, []rooms.Message{m})}
	for _, message := range []wire.Message{event, welcome} {
		out, err := wire.Encode(message)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(out), canary) || strings.Contains(string(out), "2033") || strings.Contains(string(out), "null") {
			t.Errorf("%s says too much: %s", message.Type(), out)
		}
	}
}
