package sfu

import (
	"fmt"
	"testing"

	"lyceum/rooms"
	"lyceum/rooms/sfu/packet"
)

// speakers makes a room with that many open microphones of one level each
// (their number, so that the first is the loudest).
func speakers(t *testing.T, room *Room, count int) (speak func(rounds int) []uint64) {
	t.Helper()
	var pubs []*publication
	var ins []*ingest
	for i := range count {
		p := room.Join(fmt.Sprint("speaker-", i), silent{})
		pub, err := p.publication(rooms.SourceMic)
		if err != nil {
			t.Fatal(err)
		}
		pub.setGate(true)
		in := &ingest{pub: pub, codec: codecOpus}
		pub.begin(in)
		pubs, ins = append(pubs, pub), append(ins, in)
	}
	v, now := view(rooms.SourceMic), int64(0)
	return func(rounds int) []uint64 {
		before := make([]uint64, count)
		for i, p := range pubs {
			before[i] = p.seqs.Last()
		}
		for range rounds {
			step(&v)
			now += 20e6
			for i, p := range pubs {
				v.Level = uint8(20 + 3*i)
				p.forward(ins[i], []packet.View{v}, now)
			}
		}
		for i, p := range pubs {
			before[i] = p.seqs.Last() - before[i]
		}
		return before
	}
}

// In a large room the loudest four are passed on, in a small one everybody is;
// those who are not leave no gap in what is passed on later.
func TestALargeRoomHearsTheLoudest(t *testing.T) {
	node, err := Open(Config{Addr: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = node.Close() })
	room := node.Room("talk")
	speak := speakers(t, room, smallRoom)
	for i, n := range speak(50) {
		if n != 50 {
			t.Fatalf("small room: microphone %d had %d of 50 packets passed on", i, n)
		}
	}
	room.Join("one more", silent{})
	speak(50) // the choice settles
	for i, n := range speak(50) {
		if want := uint64(50); i < heardAtOnce && n != want || i >= heardAtOnce && n != 0 {
			t.Fatalf("large room: microphone %d had %d of 50 packets passed on", i, n)
		}
	}
	if room.Stats().Unheard == 0 {
		t.Fatal("nothing was counted")
	}
}
