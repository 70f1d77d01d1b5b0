package jobs_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"lyceum/server/jobs"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

// memory is an outbox with real leases. failing is what its calls answer while set.
type memory struct {
	mu      sync.Mutex
	rows    []jobs.Row
	leased  map[string]time.Time
	relayed map[string]bool
	claims  int
	failing error
}

func newMemory(rows ...jobs.Row) *memory {
	return &memory{rows: rows, leased: map[string]time.Time{}, relayed: map[string]bool{}}
}

func (m *memory) add(rows ...jobs.Row) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.rows = append(m.rows, rows...)
}

func (m *memory) Claim(_ context.Context, _ string, limit int, lease time.Duration, now time.Time) ([]jobs.Row, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.claims++
	if m.failing != nil {
		return nil, m.failing
	}
	var got []jobs.Row
	for _, row := range m.rows {
		if len(got) < limit && !m.relayed[row.ID] && !m.leased[row.ID].After(now) {
			m.leased[row.ID] = now.Add(lease)
			got = append(got, row)
		}
	}
	return got, nil
}

func (m *memory) Relayed(ctx context.Context, ids []string, _ time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.failing != nil {
		return m.failing
	}
	for _, id := range ids {
		m.relayed[id] = true
	}
	return ctx.Err()
}

func (m *memory) left() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.rows) - len(m.relayed)
}

// wire is a bus that de-duplicates by key, as JetStream does, and remembers how often each key came.
type wire struct {
	mu    sync.Mutex
	down  error
	times map[string]int
	sent  []string // "subject key data", first of each key
}

func newWire() *wire { return &wire{times: map[string]int{}} }

func (w *wire) Publish(ctx context.Context, subject, key string, data []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.down != nil {
		return w.down
	}
	if w.times[key]++; w.times[key] == 1 {
		w.sent = append(w.sent, fmt.Sprintf("%s %s %s", subject, key, data))
	}
	return ctx.Err()
}

func (w *wire) set(down error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.down = down
}

func (w *wire) list() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]string(nil), w.sent...)
}

func mail(id string) jobs.Row {
	return jobs.Row{ID: id, Kind: "mail.registration", Payload: []byte(`{"registration":"r1","event":"e1"}`)}
}

// bubble runs a test in fake time with a relay started and, at the end, stopped.
func bubble(t *testing.T, o jobs.Outbox, p jobs.Publisher, relays int, run func(*jobs.Relay)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		var first *jobs.Relay
		for range relays {
			r := jobs.NewRelay(o, p, time.Now, quiet())
			if first == nil {
				first = r
			}
			running.Go(func() { r.Run(ctx) })
		}
		synctest.Wait()
		run(first)
		cancel()
		running.Wait()
	})
}

// pass lets a bubble's fake time go by until everything due in it has happened.
func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

func TestRelayPublishesIdsOnlyUnderTheRowsOwnID(t *testing.T) {
	rows := newMemory(
		jobs.Row{ID: "o1", Kind: "mail.registration", Payload: []byte(`{"registration":"r1","event":"e1","email":"never@example.org"}`)},
		jobs.Row{ID: "o2", Kind: "mail.sign-in", Payload: []byte(`{"staff":"s1","id":"forged","kind":"forged"}`)},
	)
	bus := newWire()
	bubble(t, rows, bus, 1, func(*jobs.Relay) {
		want := []string{
			`mail.registration o1 {"id":"o1","kind":"mail.registration","registration":"r1","event":"e1"}`,
			`mail.sign-in o2 {"id":"o2","kind":"mail.sign-in","staff":"s1"}`,
		}
		if diff := cmp.Diff(want, bus.list()); diff != "" {
			t.Error(diff)
		}
		if rows.left() != 0 {
			t.Errorf("%d rows are not marked as relayed", rows.left())
		}
	})
}

func TestRelayLooksAtOnceWhenPokedAndEverySecondOtherwise(t *testing.T) {
	rows, bus := newMemory(), newWire()
	bubble(t, rows, bus, 1, func(r *jobs.Relay) {
		began := time.Now()
		rows.add(mail("poked"))
		r.Poke()
		r.Poke() // a second poke while one waits is the same poke
		synctest.Wait()
		if got := len(bus.list()); got != 1 || time.Since(began) != 0 {
			t.Errorf("%d rows relayed %v after the poke, want 1 at once", got, time.Since(began))
		}
		rows.add(mail("silent"))
		pass(time.Second)
		if got := len(bus.list()); got != 2 {
			t.Errorf("%d rows relayed after a second without a poke, want 2", got)
		}
	})
}

func TestRelayEmptiesAFullOutboxWithoutWaiting(t *testing.T) {
	rows, bus := newMemory(), newWire()
	for i := range 950 {
		rows.add(mail(fmt.Sprint("o", i)))
	}
	bubble(t, rows, bus, 1, func(*jobs.Relay) {
		if rows.left() != 0 || len(bus.list()) != 950 {
			t.Errorf("%d rows left and %d published before a second passed", rows.left(), len(bus.list()))
		}
	})
}

func TestRelayBacksOffWhileTheBusIsDownAndLosesNothing(t *testing.T) {
	rows, bus := newMemory(mail("o1"), mail("o2")), newWire()
	bus.set(errors.New("no connection"))
	bubble(t, rows, bus, 1, func(r *jobs.Relay) {
		for range 600 { // a busy site pokes all the time
			r.Poke()
			pass(100 * time.Millisecond)
		}
		if rows.claims > 60 {
			t.Errorf("%d looks in a minute of outage, want at most one a second", rows.claims)
		}
		bus.set(nil)
		pass(30 * time.Second) // the longest back-off and the longest lease
		if rows.left() != 0 || len(bus.list()) != 2 {
			t.Errorf("%d rows left, %d published after the bus came back", rows.left(), len(bus.list()))
		}
	})
}

func TestRelayBacksOffWhileTheStoreIsDown(t *testing.T) {
	rows, bus := newMemory(mail("o1")), newWire()
	rows.failing = errors.New("disk full")
	bubble(t, rows, bus, 1, func(*jobs.Relay) {
		pass(time.Minute)
		rows.mu.Lock()
		if rows.claims > 10 {
			t.Errorf("%d looks in a minute of outage", rows.claims)
		}
		rows.failing = nil
		rows.mu.Unlock()
		pass(15 * time.Second)
		if rows.left() != 0 {
			t.Error("the row stayed after the store came back")
		}
	})
}

func TestARowThatCanNeverBeSentDoesNotHoldUpTheOthers(t *testing.T) {
	rows := newMemory(
		jobs.Row{ID: "bad kind", Kind: "post.mastodon", Payload: []byte(`{}`)},
		jobs.Row{ID: "wildcard", Kind: "mail.>", Payload: []byte(`{}`)},
		jobs.Row{ID: "bad payload", Kind: "mail.registration", Payload: []byte(`{`)},
		mail("good"),
	)
	bus := newWire()
	bubble(t, rows, bus, 1, func(*jobs.Relay) {
		if got := bus.list(); len(got) != 1 || rows.left() != 0 {
			t.Errorf("published %v with %d rows left", got, rows.left())
		}
	})
}

func TestTwoRelaysLoseNothingAndRepeatOnlyUnderTheSameKey(t *testing.T) {
	rows, bus := newMemory(), newWire()
	for i := range 500 {
		rows.add(mail(fmt.Sprint("o", i)))
	}
	bubble(t, rows, bus, 2, func(*jobs.Relay) {
		if rows.left() != 0 || len(bus.list()) != 500 {
			t.Errorf("%d rows left, %d different messages, want 0 and 500", rows.left(), len(bus.list()))
		}
	})
}

// A crash between publish and the note repeats the publish after the lease; the key makes it one message.
func TestARelayThatDiedAfterPublishingIsFollowedByAnother(t *testing.T) {
	rows, bus := newMemory(mail("o1")), newWire()
	if err := bus.Publish(t.Context(), "mail.registration", "o1", []byte(`{"id":"o1","kind":"mail.registration","registration":"r1","event":"e1"}`)); err != nil {
		t.Fatal(err)
	}
	rows.leased["o1"] = time.Date(2000, 1, 1, 0, 0, 10, 0, time.UTC) // synctest's clock starts at midnight
	bubble(t, rows, bus, 1, func(*jobs.Relay) {
		if rows.left() != 1 {
			t.Error("a leased row was taken")
		}
		pass(11 * time.Second)
		if rows.left() != 0 || len(bus.list()) != 1 || bus.times["o1"] != 2 {
			t.Errorf("%d left, %d different, %d publishes; want 0, 1, 2", rows.left(), len(bus.list()), bus.times["o1"])
		}
	})
}

type sweeper struct {
	mu    sync.Mutex
	calls []time.Time
	err   error
}

func (e *sweeper) Sweep(_ context.Context, now time.Time) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.calls = append(e.calls, now)
	return e.err
}

func TestRetentionSweepsAtOnceAndHourlyAlsoAfterAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		store := &sweeper{err: errors.New("busy")}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			jobs.NewRetention(store, time.Now, quiet()).Run(ctx)
			close(done)
		}()
		pass(2*time.Hour + time.Minute)
		cancel()
		<-done
		want := []time.Time{began, began.Add(time.Hour), began.Add(2 * time.Hour)}
		if diff := cmp.Diff(want, store.calls); diff != "" {
			t.Error(diff)
		}
	})
}

// What the store wrote is read here, so this border takes any bytes.
func FuzzPayload(f *testing.F) {
	f.Add("mail.registration", []byte(`{"registration":"r","event":"e"}`))
	f.Add("mail.sign-in", []byte(`{"staff":"s"}`))
	f.Add("mail.*", []byte(`null`))
	f.Add("mail.again", []byte(`{"event":"\r\n","id":7}`))
	f.Fuzz(func(t *testing.T, kind string, payload []byte) {
		rows, bus := newMemory(jobs.Row{ID: "o1", Kind: kind, Payload: payload}, mail("behind")), newWire()
		ctx, cancel := context.WithCancel(t.Context())
		r := jobs.NewRelay(rows, publisherFunc(func(ctx context.Context, subject, key string, data []byte) error {
			if err := bus.Publish(ctx, subject, key, data); err != nil {
				return err
			}
			var m jobs.Message
			if err := json.Unmarshal(data, &m); err != nil || m.ID != key || m.Kind != subject {
				t.Errorf("published %q as %q under %q", data, subject, key)
			}
			if key == "behind" {
				cancel()
			}
			return nil
		}), time.Now, quiet())
		r.Run(ctx) // ends when the row behind got through
	})
}

type publisherFunc func(context.Context, string, string, []byte) error

func (p publisherFunc) Publish(ctx context.Context, subject, key string, data []byte) error {
	return p(ctx, subject, key, data)
}
