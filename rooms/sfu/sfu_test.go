package sfu_test

import (
	"testing"

	"lyceum/rooms"
	"lyceum/rooms/sfu"
)

// Two participants hear and see each other once their gates are open.
func TestTwoParticipants(t *testing.T) {
	for _, c := range []struct {
		name    string
		options clientOptions
	}{
		{"over UDP", clientOptions{}},
		{"over TCP, where UDP is blocked", clientOptions{tcp: true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			room := mustOpen(t).Room("talk")
			ada, ben := join(t, room, "ada", c.options), join(t, room, "ben", c.options)
			for _, who := range []*client{ada, ben} {
				for _, src := range []rooms.Source{rooms.SourceMic, rooms.SourceCamera} {
					who.pump(src)
					who.peer.Gate(src, true)
				}
			}
			ada.awaitMore("ben", rooms.SourceMic, 20)
			ada.awaitMore("ben", rooms.SourceCamera, 20)
			ben.awaitMore("ada", rooms.SourceMic, 20)
			ben.awaitMore("ada", rooms.SourceCamera, 20)
			if n := len(ada.from("ada", rooms.SourceMic)); n != 0 {
				t.Errorf("ada received %d packets of her own", n)
			}
			want := sfu.Stats{Peers: 2, Publications: 4, Subscriptions: 4}
			got := room.Stats()
			if got.Peers != want.Peers || got.Publications != want.Publications || got.Subscriptions != want.Subscriptions {
				t.Errorf("stats %+v, want %+v", got, want)
			}
			if past := got.ThroughPion == 0; past == c.options.tcp {
				t.Errorf("%d of %d packets went through pion", got.ThroughPion, got.PacketsOut)
			}
		})
	}
}

// What one room publishes stays in it.
func TestRoomsAreSeparate(t *testing.T) {
	node := mustOpen(t)
	ada := join(t, node.Room("one"), "ada", clientOptions{})
	ben := join(t, node.Room("one"), "ben", clientOptions{})
	cem := join(t, node.Room("two"), "cem", clientOptions{})
	ada.pump(rooms.SourceMic)
	ada.peer.Gate(rooms.SourceMic, true)
	ben.awaitMore("ada", rooms.SourceMic, 20)
	if len(cem.offers) != 0 || len(cem.from("ada", rooms.SourceMic)) != 0 {
		t.Fatal("the other room heard it")
	}
}

// Who comes late gets what is published, and a keyframe is asked for.
func TestLateJoiner(t *testing.T) {
	room := mustOpen(t).Room("talk")
	ada, ben := join(t, room, "ada", clientOptions{}), join(t, room, "ben", clientOptions{})
	ada.pump(rooms.SourceCamera)
	ada.peer.Gate(rooms.SourceCamera, true)
	ben.awaitMore("ada", rooms.SourceCamera, 10)
	asked := room.Stats().Keyframes
	cem := join(t, room, "cem", clientOptions{})
	cem.awaitMore("ada", rooms.SourceCamera, 10)
	eventually(t, "a keyframe is asked for", func() bool { return room.Stats().Keyframes > asked })
	eventually(t, "the publisher hears of it", func() bool {
		ada.mu.Lock()
		defer ada.mu.Unlock()
		return ada.asked > 0
	})
}
