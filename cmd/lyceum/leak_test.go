package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"sync"
	"testing"
	"time"

	"lyceum/rooms"
	"lyceum/rooms/token"
	"lyceum/signaling/client"
)

// leftBehind is by how many goroutines and descriptors a house may differ from
// what it was before many people came and went.
const leftBehind = 5

// Comings and goings leave nothing behind, neither goroutines nor descriptors. The
// clients run in the same process, so this counts both ends.
func TestComingsAndGoingsLeaveNothingBehind(t *testing.T) {
	cfg, err := readConfig(demoEnv(t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	s, err := assemble(t.Context(), console{out: newScreen(), err: newScreen(), now: time.Now}, cfg, true)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- s.serve(ctx) }()
	defer func() { cancel(); <-served; s.close() }()
	mint := func(id string, role rooms.Role) string {
		text, err := s.minter.Mint(token.Claims{Participant: id, Name: id, Person: id, Room: "leaks", Role: role}, tokenLife)
		if err != nil {
			t.Error(err)
		}
		return text
	}
	talk, err := client.Publish(ctx, client.WHIP{URL: s.url + "/whip/leaks", Token: mint("speaker", rooms.RoleSpeaker), Loopback: true}, client.Media{Audio: client.Speaker().Audio})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = talk.Close(context.WithoutCancel(ctx)) }()
	visit := func(id string) error {
		within, stop := context.WithTimeout(ctx, 20*time.Second)
		defer stop()
		c, err := client.Dial(within, "ws"+s.url[len("http"):]+"/live", mint(id, rooms.RoleAttendee), client.Options{Loopback: true})
		if err != nil {
			return err
		}
		defer c.Leave()
		return c.Wait(within, client.Flow{Participant: "speaker", Source: "mic"}, 1)
	}
	many := func(from, count, together int) {
		turns := make(chan struct{}, together) // the others wait
		var all sync.WaitGroup
		for i := range count {
			turns <- struct{}{}
			all.Go(func() {
				defer func() { <-turns }()
				if err := visit(fmt.Sprint("visitor-", from+i)); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
	}
	many(0, 40, 8) // what is made once and kept, such as a pool's connections, is not left behind
	goroutines, descriptors := settle(1<<30, 1<<30)
	many(40, 60, 4)
	if g, d := settle(goroutines+leftBehind, descriptors+leftBehind); g > goroutines+leftBehind || d > descriptors+leftBehind {
		t.Errorf("%d goroutines became %d, %d descriptors became %d", goroutines, g, descriptors, d)
	}
}

// settle counts once there are no more than these; after half a minute it is what
// it is. Without a bound it waits until the count has stood still for a second.
func settle(goroutines, descriptors int) (g, d int) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	end, still := time.Now().Add(30*time.Second), 0
	for time.Now().Before(end) {
		<-tick.C
		open, _ := os.ReadDir("/proc/self/fd")
		before := g
		g, d = runtime.NumGoroutine(), len(open)
		if still++; g != before {
			still = 0
		}
		if g <= goroutines && d <= descriptors && still > 50 {
			break
		}
	}
	return g, d
}
