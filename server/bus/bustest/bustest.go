// Package bustest is the contract of server/bus as a test suite. Any way of opening a bus (embedded, one NATS server, a
// cluster) passes the same cases; a fault found in one of them becomes a case here and so holds for all.
package bustest

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"lyceum/server/bus"
)

// Opener gives a test a fresh, empty place for streams and returns how to open a bus on it. It is called once a case; what it
// returns may be called again after the earlier bus was closed and then finds what that one left.
type Opener func(t *testing.T) func() *bus.Bus

// patience is what a case waits for something that must happen; a healthy bus needs milliseconds.
const patience = 20 * time.Second

// Run checks every promise of the package against the given bus.
func Run(t *testing.T, open Opener) {
	for _, c := range []struct {
		rule string
		run  func(*testing.T, func() *bus.Bus)
	}{
		{"a published message is handled with its key and data", arrives},
		{"a key published twice is handled once", publishedTwice},
		{"a subject without a stream is an error", noStream},
		{"an error brings the message again and counts the attempt", comesAgain},
		{"retry waits as long as it was told", waits},
		{"a dropped message never comes again", dropped},
		{"a panic in a handler becomes another attempt", panics},
		{"messages wait for a consumer and survive a restart", survives},
		{"two consumers of one name share the work", shares},
		{"close waits for the handler in flight", drains},
		{"close keeps the message of a handler that hangs", hangs},
		{"stop ends the context of a handler that hangs and waits for it", stopsHanging},
		{"stop takes nothing more and keeps the rest", stops},
		{"a closed bus publishes nothing and takes no consumer", closed},
		{"a healthy bus says so and counts what is left", healthy},
		{"a plan comes up at its time and not before, with its key and data", comesUp},
		{"a plan for the past comes up at once", comesUpAtOnce},
		{"a plan is replaced by another of its name, and taken off", replans},
		{"plans and the memory's name survive a restart, and what fell due meanwhile comes up", plansSurvive},
	} {
		t.Run(c.rule, func(t *testing.T) { c.run(t, open(t)) })
	}
}

func mustPublish(t *testing.T, b *bus.Bus, key string) {
	t.Helper()
	if err := b.Publish(t.Context(), "mail.test", key, []byte("data of "+key)); err != nil {
		t.Fatal(err)
	}
}

func mustConsume(t *testing.T, b *bus.Bus, handle func(context.Context, bus.Message) error) (stop func()) {
	t.Helper()
	stop, err := b.Consume(context.Background(), "email", "mail.>", handle)
	if err != nil {
		t.Fatal(err)
	}
	return stop
}

func mustClose(t *testing.T, b *bus.Bus) {
	t.Helper()
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
}

// next waits for one value; seen channels in this file hold 100 and no case sends more.
func next[T any](t *testing.T, seen <-chan T) T {
	t.Helper()
	select {
	case v := <-seen:
		return v
	case <-time.After(patience):
		t.Fatalf("nothing came within %v", patience)
		panic("unreachable")
	}
}

// mustEmpty waits until the server holds no message: then nothing can come again.
func mustEmpty(t *testing.T, b *bus.Bus) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		left, err := b.Backlog(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if left == 0 {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("%d messages are still stored", left)
		}
	}
}

func arrives(t *testing.T, open func() *bus.Bus) {
	b := open()
	defer mustClose(t, b)
	seen := make(chan bus.Message, 100)
	mustConsume(t, b, func(_ context.Context, m bus.Message) error { seen <- m; return nil })
	mustPublish(t, b, "k1")
	m := next(t, seen)
	if m.Key != "k1" || string(m.Data) != "data of k1" || m.Attempt != 1 {
		t.Errorf("handled %q, %q, attempt %d", m.Key, m.Data, m.Attempt)
	}
	mustEmpty(t, b)
}

func publishedTwice(t *testing.T, open func() *bus.Bus) {
	b := open()
	defer mustClose(t, b)
	mustPublish(t, b, "same")
	mustPublish(t, b, "same")
	mustPublish(t, b, "other")
	if left, err := b.Backlog(t.Context()); err != nil || left != 2 {
		t.Errorf("stored %d messages (%v), want 2", left, err)
	}
}

func noStream(t *testing.T, open func() *bus.Bus) {
	b := open()
	defer mustClose(t, b)
	if err := b.Publish(t.Context(), "nobody.test", "k", nil); err == nil {
		t.Error("a message that nobody keeps was accepted")
	}
	if _, err := b.Consume(t.Context(), "nobody", "nobody.>", nil); err == nil {
		t.Error("a consumer without a stream was accepted")
	}
}

func comesAgain(t *testing.T, open func() *bus.Bus) {
	b := open()
	defer mustClose(t, b)
	seen := make(chan int, 100)
	mustConsume(t, b, func(_ context.Context, m bus.Message) error {
		seen <- m.Attempt
		if m.Attempt == 1 {
			return errors.New("passing fault")
		}
		return nil
	})
	mustPublish(t, b, "k")
	if first, second := next(t, seen), next(t, seen); first != 1 || second != 2 {
		t.Errorf("attempts %d and %d, want 1 and 2", first, second)
	}
	mustEmpty(t, b)
}

func waits(t *testing.T, open func() *bus.Bus) {
	b := open()
	defer mustClose(t, b)
	const pause = 150 * time.Millisecond
	seen := make(chan time.Time, 100)
	mustConsume(t, b, func(_ context.Context, m bus.Message) error {
		seen <- time.Now()
		if m.Attempt == 1 {
			return fmt.Errorf("wrapped: %w", bus.Retry(pause, errors.New("busy")))
		}
		return nil
	})
	mustPublish(t, b, "k")
	first, second := next(t, seen), next(t, seen)
	if second.Sub(first) < pause {
		t.Errorf("came again after %v, want at least %v", second.Sub(first), pause)
	}
	if second.Sub(first) > 900*time.Millisecond {
		t.Errorf("came again after %v: the usual back-off, not the one asked for", second.Sub(first))
	}
}

func dropped(t *testing.T, open func() *bus.Bus) {
	b := open()
	defer mustClose(t, b)
	var calls atomic.Int32
	mustConsume(t, b, func(context.Context, bus.Message) error {
		calls.Add(1)
		return bus.Drop(errors.New("no such address"))
	})
	mustPublish(t, b, "k")
	mustEmpty(t, b)
	if calls.Load() != 1 {
		t.Errorf("handled %d times, want once", calls.Load())
	}
}

func panics(t *testing.T, open func() *bus.Bus) {
	b := open()
	defer mustClose(t, b)
	seen := make(chan int, 100)
	mustConsume(t, b, func(_ context.Context, m bus.Message) error {
		seen <- m.Attempt
		if m.Attempt == 1 {
			panic("a fault in the handler")
		}
		return nil
	})
	mustPublish(t, b, "k")
	if first, second := next(t, seen), next(t, seen); first != 1 || second != 2 {
		t.Errorf("attempts %d and %d, want 1 and 2", first, second)
	}
}

func survives(t *testing.T, open func() *bus.Bus) {
	b := open()
	mustPublish(t, b, "early")
	mustClose(t, b)
	b = open()
	defer mustClose(t, b)
	seen := make(chan string, 100)
	mustConsume(t, b, func(_ context.Context, m bus.Message) error { seen <- m.Key; return nil })
	if key := next(t, seen); key != "early" {
		t.Errorf("handled %q", key)
	}
}

func shares(t *testing.T, open func() *bus.Bus) {
	b := open()
	defer mustClose(t, b)
	seen := make(chan string, 100)
	handle := func(_ context.Context, m bus.Message) error { seen <- m.Key; return nil }
	mustConsume(t, b, handle)
	mustConsume(t, b, handle)
	times := map[string]int{}
	for i := range 20 {
		mustPublish(t, b, fmt.Sprint("k", i))
	}
	for range 20 {
		times[next(t, seen)]++
	}
	mustEmpty(t, b)
	if len(times) != 20 || len(seen) != 0 {
		t.Errorf("%d different messages and %d more, want 20 and none", len(times), len(seen))
	}
}

func drains(t *testing.T, open func() *bus.Bus) {
	b := open()
	began, finish := make(chan bool, 100), make(chan bool)
	mustConsume(t, b, func(context.Context, bus.Message) error {
		began <- true
		<-finish
		return nil
	})
	mustPublish(t, b, "k")
	next(t, began)
	closed := make(chan error, 1)
	go func() { closed <- b.Close() }()
	select {
	case err := <-closed:
		t.Fatalf("closed while the handler ran: %v", err)
	case <-time.After(100 * time.Millisecond):
	}
	close(finish)
	if err := next(t, closed); err != nil {
		t.Fatal(err)
	}
	again := open()
	defer mustClose(t, again)
	mustEmpty(t, again) // the outcome reached the server before the connection went
}

func hangs(t *testing.T, open func() *bus.Bus) {
	b := open()
	began := make(chan bool, 100)
	mustConsume(t, b, func(ctx context.Context, _ bus.Message) error {
		began <- true
		<-ctx.Done()
		return bus.Retry(0, ctx.Err())
	})
	mustPublish(t, b, "k")
	next(t, began)
	mustClose(t, b)
	b = open()
	defer mustClose(t, b)
	// It comes again at once or, where the server restarted too, when its 30 seconds are over: it is enough that it is kept.
	if left, err := b.Backlog(t.Context()); err != nil || left != 1 {
		t.Errorf("%d left (%v), want 1", left, err)
	}
}

func stopsHanging(t *testing.T, open func() *bus.Bus) {
	b := open()
	defer mustClose(t, b)
	began, ended := make(chan bool, 100), make(chan bool, 100)
	stop := mustConsume(t, b, func(ctx context.Context, _ bus.Message) error {
		began <- true
		<-ctx.Done()
		ended <- true
		return ctx.Err()
	})
	mustPublish(t, b, "k")
	next(t, began)
	stop()
	if len(ended) != 1 {
		t.Error("stop returned before the handler did")
	}
}

func stops(t *testing.T, open func() *bus.Bus) {
	b := open()
	defer mustClose(t, b)
	seen := make(chan string, 100)
	stop := mustConsume(t, b, func(_ context.Context, m bus.Message) error { seen <- m.Key; return nil })
	mustPublish(t, b, "before")
	next(t, seen)
	mustEmpty(t, b)
	stop()
	stop() // twice is fine
	mustPublish(t, b, "after")
	if left, err := b.Backlog(t.Context()); err != nil || left != 1 || len(seen) != 0 {
		t.Fatalf("%d stored (%v) and %d handled, want 1 and 0", left, err, len(seen))
	}
	mustConsume(t, b, func(_ context.Context, m bus.Message) error { seen <- m.Key; return nil })
	if key := next(t, seen); key != "after" {
		t.Errorf("handled %q", key)
	}
}

func closed(t *testing.T, open func() *bus.Bus) {
	b := open()
	mustClose(t, b)
	mustClose(t, b) // twice is fine
	if err := b.Publish(t.Context(), "mail.test", "k", nil); err == nil {
		t.Error("a closed bus accepted a message")
	}
	if _, err := b.Consume(t.Context(), "email", "mail.>", nil); err == nil {
		t.Error("a closed bus accepted a consumer")
	}
	if err := b.Healthy(t.Context()); err == nil {
		t.Error("a closed bus says that it is healthy")
	}
}

func healthy(t *testing.T, open func() *bus.Bus) {
	b := open()
	defer mustClose(t, b)
	if err := b.Healthy(t.Context()); err != nil {
		t.Error(err)
	}
	mustPublish(t, b, "k")
	if left, err := b.Backlog(t.Context()); err != nil || left != 1 {
		t.Errorf("%d left (%v), want 1", left, err)
	}
}
