package sfu_test

import (
	"testing"
	"time"

	"lyceum/rooms"
)

// mayLose is what a panic in one participant's reader may cost the others (R16).
const mayLose = 200 * time.Millisecond

// A panic in the goroutine that reads one participant ends that connection, which
// is made anew; the others go on hearing each other.
func TestAPanicInOneReaderCostsTheOthersNothing(t *testing.T) {
	room := mustOpen(t).Room("talk")
	ada, ben, cem := join(t, room, "ada", clientOptions{}), join(t, room, "ben", clientOptions{}), join(t, room, "cem", clientOptions{})
	ben.pump(rooms.SourceMic)
	ben.peer.Gate(rooms.SourceMic, true)
	cem.awaitMore("ben", rooms.SourceMic, 20)
	ada.peer.Gate(rooms.SourceCamera, true)
	broken := ada.peer.BreakReader(rooms.SourceCamera)
	before := len(cem.from("ben", rooms.SourceMic))
	ada.pump(rooms.SourceCamera)
	select {
	case <-broken:
	case <-time.After(limit):
		t.Fatal("the reader did not panic")
	}
	eventually(t, "ada is told", func() bool { ada.mu.Lock(); defer ada.mu.Unlock(); return ada.failed > 0 })
	cem.awaitMore("ben", rooms.SourceMic, 60)
	cem.awaitMore("ada", rooms.SourceCamera, 20)
	heard := cem.from("ben", rooms.SourceMic)[before-1:]
	for i := 1; i < len(heard); i++ {
		if gap := heard[i].at.Sub(heard[i-1].at); gap > mayLose {
			t.Errorf("ben was not heard for %v", gap)
		}
	}
}
