// Package statetest is the contract of [state.Store] as a test suite, run against
// the embedded server and against a real redis-server process. The two differ
// (expiry, commands, script details), and only running both finds where. It also
// has the [Proxy] with which tests make a server stall.
package statetest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lyceum/rooms/state"
)

// Run checks a store. open is called once a case; the store is empty and ends
// with t.
func Run(t *testing.T, open func(t *testing.T) *state.Store) {
	cases := []struct {
		name string
		run  func(t *testing.T, ctx context.Context, s *state.Store)
	}{
		{"a room that was never saved has version 0", empty},
		{"what was saved is loaded, byte for byte", roundTrip},
		{"an older epoch is stale and changes nothing", oldEpoch},
		{"a newer epoch may start from its own version", newEpoch},
		{"a version that would go back is stale", back},
		{"a snapshot without events may be written again", again},
		{"events come back in order above a version", events},
		{"the stream is bounded", bounded},
		{"rooms are apart, whatever they are called", apart},
		{"of two writers from one version one wins", race},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			c.run(t, ctx, open(t))
		})
	}
}

func save(t *testing.T, ctx context.Context, s *state.Store, room string, epoch, from uint64, data string, events ...string) {
	t.Helper()
	if err := s.Save(ctx, room, epoch, from, bytesOf(events), []byte(data)); err != nil {
		t.Fatal(err)
	}
}

func bytesOf(events []string) [][]byte {
	var b [][]byte
	for _, e := range events {
		b = append(b, []byte(e))
	}
	return b
}

func wantStale(t *testing.T, err error) {
	t.Helper()
	if !errors.Is(err, state.ErrStale) {
		t.Errorf("got %v, want ErrStale", err)
	}
}

func wantSnapshot(t *testing.T, ctx context.Context, s *state.Store, room string, want state.Snapshot) {
	t.Helper()
	got, err := s.Load(ctx, room)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("snapshot of %s (-want +got):\n%s", room, d)
	}
}

func empty(t *testing.T, ctx context.Context, s *state.Store) {
	wantSnapshot(t, ctx, s, "r", state.Snapshot{})
	if err := s.Healthy(ctx); err != nil {
		t.Error(err)
	}
}

func roundTrip(t *testing.T, ctx context.Context, s *state.Store) {
	data := "\x00\xff{\"name\":\"Ümit 🙂\"}\r\n"
	const epoch = 1_790_000_000_000 // milliseconds, as live uses them
	save(t, ctx, s, "r", epoch, 1<<40, data, "a", "b")
	wantSnapshot(t, ctx, s, "r", state.Snapshot{Version: 1<<40 + 2, Epoch: epoch, Data: []byte(data)})
}

func oldEpoch(t *testing.T, ctx context.Context, s *state.Store) {
	save(t, ctx, s, "r", 7, 0, "new", "a")
	wantStale(t, s.Save(ctx, "r", 6, 100, bytesOf([]string{"x"}), []byte("old")))
	wantSnapshot(t, ctx, s, "r", state.Snapshot{Version: 1, Epoch: 7, Data: []byte("new")})
	if got, err := s.Since(ctx, "r", 0); err != nil || len(got) != 1 {
		t.Errorf("%d events, %v; the refused one must not be there", len(got), err)
	}
}

func newEpoch(t *testing.T, ctx context.Context, s *state.Store) {
	save(t, ctx, s, "r", 7, 40, "before", "a")
	save(t, ctx, s, "r", 8, 12, "after", "b")
	wantSnapshot(t, ctx, s, "r", state.Snapshot{Version: 13, Epoch: 8, Data: []byte("after")})
}

func back(t *testing.T, ctx context.Context, s *state.Store) {
	save(t, ctx, s, "r", 7, 0, "two", "a", "b")
	wantStale(t, s.Save(ctx, "r", 7, 1, bytesOf([]string{"x"}), []byte("x")))
	wantSnapshot(t, ctx, s, "r", state.Snapshot{Version: 2, Epoch: 7, Data: []byte("two")})
}

func again(t *testing.T, ctx context.Context, s *state.Store) {
	save(t, ctx, s, "r", 7, 0, "one", "a")
	save(t, ctx, s, "r", 7, 9, "nine")
	save(t, ctx, s, "r", 7, 9, "nine")
	wantSnapshot(t, ctx, s, "r", state.Snapshot{Version: 9, Epoch: 7, Data: []byte("nine")})
}

func events(t *testing.T, ctx context.Context, s *state.Store) {
	save(t, ctx, s, "r", 7, 1<<40, "x", "a", "b")
	save(t, ctx, s, "r", 7, 1<<40+2, "x", "c")
	got, err := s.Since(ctx, "r", 1<<40+1)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(bytesOf([]string{"b", "c"}), got); d != "" {
		t.Errorf("events (-want +got):\n%s", d)
	}
}

func bounded(t *testing.T, ctx context.Context, s *state.Store) {
	const batch = 500
	many := make([]string, batch)
	for i := range uint64(4) {
		save(t, ctx, s, "r", 7, i*batch, "x", many...)
	}
	got, err := s.Since(ctx, "r", 0)
	if err != nil {
		t.Fatal(err)
	}
	// Redis trims whole nodes of its list, at most 100 entries more than asked.
	if n := len(got); n < state.Events || n > state.Events+100 {
		t.Errorf("the stream holds %d events, want about %d", n, state.Events)
	}
}

func apart(t *testing.T, ctx context.Context, s *state.Store) {
	for _, room := range []string{"a", "a}:events", "{a}", "b"} {
		save(t, ctx, s, room, 7, 0, "data of "+room, "e")
	}
	for _, room := range []string{"a", "a}:events", "{a}", "b"} {
		wantSnapshot(t, ctx, s, room, state.Snapshot{Version: 1, Epoch: 7, Data: []byte("data of " + room)})
	}
}

func race(t *testing.T, ctx context.Context, s *state.Store) {
	const n = 8
	errs := make(chan error, n) // one answer each
	for i := range n {
		go func() {
			errs <- s.Save(ctx, "r", 7, 0, bytesOf([]string{fmt.Sprint(i)}), []byte(fmt.Sprint(i)))
		}()
	}
	won := 0
	for range n {
		if err := <-errs; err == nil {
			won++
		} else if !errors.Is(err, state.ErrStale) {
			t.Error(err)
		}
	}
	if won != 1 {
		t.Errorf("%d writers won, want 1", won)
	}
}
