package bustest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"lyceum/server/bus"
)

// alarm is one plan that came up, and when.
type alarm struct {
	bus.Message
	at time.Time
}

func mustPlan(t *testing.T, b *bus.Bus, name, key string, at time.Time) {
	t.Helper()
	if err := b.Schedule(t.Context(), name, key, at, []byte("data of "+key)); err != nil {
		t.Fatal(err)
	}
}

// mustListen hands on what comes up; no case has more than 100 plans.
func mustListen(t *testing.T, b *bus.Bus) <-chan alarm {
	t.Helper()
	seen := make(chan alarm, 100)
	_, err := b.Consume(context.Background(), "reminders", bus.DueReminders, func(_ context.Context, m bus.Message) error {
		seen <- alarm{m, time.Now()}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return seen
}

func mustList(t *testing.T, b *bus.Bus) string {
	t.Helper()
	plans, err := b.Schedules(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(plans)
}

func comesUp(t *testing.T, open func() *bus.Bus) {
	b := open()
	defer mustClose(t, b)
	seen := mustListen(t, b)
	due := time.Now().Add(700 * time.Millisecond) // no whole second: the client's own option would be early
	mustPlan(t, b, "e1.hour", "k1", due)
	if got := mustList(t, b); got != "map[e1.hour:k1]" {
		t.Errorf("planned: %s", got)
	}
	a := next(t, seen)
	if a.Key != "k1" || string(a.Data) != "data of k1" || a.at.Before(due) {
		t.Errorf("came up %v after its time: %q, %q", a.at.Sub(due), a.Key, a.Data)
	}
	mustEmpty(t, b)
	if got := mustList(t, b); got != "map[]" {
		t.Errorf("planned after it came up: %s", got)
	}
}

func comesUpAtOnce(t *testing.T, open func() *bus.Bus) {
	b := open()
	defer mustClose(t, b)
	seen := mustListen(t, b)
	mustPlan(t, b, "e1.hour", "k1", time.Now().Add(-time.Hour))
	if a := next(t, seen); a.Key != "k1" {
		t.Errorf("came up: %q", a.Key)
	}
}

func replans(t *testing.T, open func() *bus.Bus) {
	b := open()
	defer mustClose(t, b)
	seen := mustListen(t, b)
	soon := time.Now().Add(500 * time.Millisecond)
	mustPlan(t, b, "e1.hour", "old", soon)
	mustPlan(t, b, "e1.hour", "new", soon.Add(300*time.Millisecond))
	mustPlan(t, b, "e2.hour", "off", soon)
	mustPlan(t, b, "e3.hour", "again", soon)
	for _, name := range []string{"e2.hour", "e3.hour", "never.planned"} {
		if err := b.Unschedule(t.Context(), name); err != nil {
			t.Fatal(err)
		}
	}
	mustPlan(t, b, "e3.hour", "again", soon) // the same key, and no repetition
	mustPlan(t, b, "e9.hour", "last", soon.Add(600*time.Millisecond))
	for _, want := range []string{"again", "new", "last"} {
		if a := next(t, seen); a.Key != want {
			t.Errorf("came up: %q, want %q", a.Key, want)
		}
	}
	mustEmpty(t, b)
}

func plansSurvive(t *testing.T, open func() *bus.Bus) {
	b := open()
	name, err := b.Incarnation(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	mustPlan(t, b, "e1.hour", "k1", time.Now().Add(time.Millisecond))
	mustPlan(t, b, "e2.hour", "k2", time.Now().Add(time.Hour))
	mustClose(t, b)
	b = open()
	defer mustClose(t, b)
	if a := next(t, mustListen(t, b)); a.Key != "k1" {
		t.Errorf("came up: %q", a.Key)
	}
	if got := mustList(t, b); got != "map[e2.hour:k2]" {
		t.Errorf("planned: %s", got)
	}
	if again, err := b.Incarnation(t.Context()); err != nil || again != name {
		t.Errorf("the memory is called %q after a restart, and was %q (%v)", again, name, err)
	}
}
