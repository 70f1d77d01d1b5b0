package live_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"lyceum/rooms"
	"lyceum/rooms/journal"
	"lyceum/rooms/live"
	"lyceum/rooms/sfu"
	"lyceum/rooms/state"
	"lyceum/rooms/token"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const event = "event-1"

// clock stands still until it is moved, and panics while it is broken.
type clock struct {
	mu     sync.Mutex
	at     time.Time
	broken bool
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.broken {
		panic("the clock is broken")
	}
	return c.at
}

func (c *clock) breakDown(broken bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.broken = broken
}

func (c *clock) forward(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// house is a hub with everything it needs.
type house struct {
	t       *testing.T
	hub     *live.Hub
	clock   *clock
	media   *recordedMedia
	journal *fickle
	state   *state.Store
}

func newHouse(t *testing.T) *house {
	h := &house{
		t: t, clock: &clock{at: time.Date(2026, 11, 24, 18, 0, 0, 0, time.UTC)},
		journal: &fickle{Journal: journal.NewMemory()}, state: mustState(t, "embedded"),
	}
	h.start()
	t.Cleanup(func() { h.hub.Close() })
	return h
}

func mustState(t *testing.T, url string) *state.Store {
	t.Helper()
	s, err := state.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func (h *house) start() {
	h.media = newMedia()
	h.hub = live.NewWithMedia(live.Config{
		State: h.state, Journal: h.journal, Now: h.clock.now,
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}, h.media)
}

// restart ends the process, so to speak. emptyRedis loses the hot copy as well.
func (h *house) restart(emptyRedis bool) {
	h.hub.Close()
	if emptyRedis {
		h.state = mustState(h.t, "embedded")
	}
	h.start()
}

func claimsOf(id string, role rooms.Role) token.Claims {
	return token.Claims{Participant: id, Name: "Name of " + id, Person: "person of " + id, Room: event, Role: role}
}

// guest is somebody in the room, with what they heard.
type guest struct {
	*live.Seat
	live.Welcome
	t    *testing.T
	id   string
	sink *sink
}

func (h *house) enter(e live.Entry) (*guest, error) {
	h.t.Helper()
	s := newSink()
	ctx, cancel := context.WithTimeout(h.t.Context(), 10*time.Second)
	defer cancel()
	seat, welcome, err := h.hub.Enter(ctx, e, s)
	if err != nil {
		return nil, err
	}
	return &guest{Seat: seat, Welcome: welcome, t: h.t, id: e.Claims.Participant, sink: s}, nil
}

func (h *house) mustEnter(id string, role rooms.Role) *guest {
	h.t.Helper()
	g, err := h.enter(live.Entry{Claims: claimsOf(id, role)})
	if err != nil {
		h.t.Fatalf("%s cannot enter: %v", id, err)
	}
	return g
}

func (h *house) wantRefused(what string, e live.Entry, code string) {
	h.t.Helper()
	if _, err := h.enter(e); codeOf(err) != code {
		h.t.Errorf("%s: %v, want %s", what, err, code)
	}
}

func (g *guest) mustDo(c rooms.Command) {
	g.t.Helper()
	if err := g.Do(g.t.Context(), c); err != nil {
		g.t.Fatalf("%s: %+v: %v", g.id, c, err)
	}
}

func codeOf(err error) string {
	var refusal *rooms.Error
	if errors.As(err, &refusal) {
		return refusal.Code
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

func (g *guest) find(id string) (rooms.Participant, bool) {
	for _, p := range g.Participants {
		if p.ID == id {
			return p, true
		}
	}
	return rooms.Participant{}, false
}

// sink remembers everything.
type sink struct {
	mu     sync.Mutex
	events []rooms.Event
	offers []sfu.Offer
	byes   []string

	entered []live.Welcome
	waits   []rooms.Waiting
}

func (s *sink) Entered(w live.Welcome) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.entered = append(s.entered, w)
}

func (s *sink) Waiting(w rooms.Waiting) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waits = append(s.waits, w)
}

// waited is what the lobby was told last, and how often.
func (s *sink) waited() (last rooms.Waiting, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n = len(s.waits); n > 0 {
		last = s.waits[n-1]
	}
	return last, n
}

// shown are the whole rooms that somebody who waited has been shown.
func (s *sink) shown() []live.Welcome {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]live.Welcome{}, s.entered...)
}

func newSink() *sink { return &sink{} }

func (s *sink) Event(e rooms.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events = append(s.events, e)
}

func (s *sink) Offer(o sfu.Offer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.offers = append(s.offers, o)
}

func (s *sink) Failed(sfu.Side) {}

func (s *sink) Bye(code string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.byes = append(s.byes, code)
}

func (s *sink) heard() ([]rooms.Event, []sfu.Offer, []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]rooms.Event{}, s.events...), append([]sfu.Offer{}, s.offers...), append([]string{}, s.byes...)
}

func (s *sink) all() []rooms.Event {
	events, _, _ := s.heard()
	return events
}

func (s *sink) kinds() []string {
	var kinds []string
	for _, e := range s.all() {
		kinds = append(kinds, e.Kind)
	}
	return kinds
}

// fickle is a journal that can be made to fail, to lose its answers, or to stall.
type fickle struct {
	journal.Journal
	fails, forgets atomic.Bool
	mu             sync.Mutex
	stall          chan struct{} // appends wait while it is open; nil lets them through
	waiting        atomic.Int64  // appends that do
}

var errFickle = errors.New("the database is gone")

func (f *fickle) AppendRoom(ctx context.Context, room string, version uint64, at time.Time, kind, subject string, data []byte) error {
	f.mu.Lock()
	stall := f.stall
	f.mu.Unlock()
	if stall != nil {
		f.waiting.Add(1)
		select {
		case <-stall:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if f.fails.Load() {
		return errFickle
	}
	err := f.Journal.AppendRoom(ctx, room, version, at, kind, subject, data)
	if f.forgets.Load() {
		return errFickle
	}
	return err
}

func (f *fickle) BanPerson(ctx context.Context, scope, person string, at, until time.Time) error {
	if f.fails.Load() {
		return errFickle
	}
	return f.Journal.BanPerson(ctx, scope, person, at, until)
}

func (f *fickle) PersonBanned(ctx context.Context, scope, person string, now time.Time) (bool, error) {
	if f.fails.Load() {
		return false, errFickle
	}
	return f.Journal.PersonBanned(ctx, scope, person, now)
}

// until polls for what other goroutines bring about.
func until(t *testing.T, what string, so func() bool) {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(10 * time.Second)
	for !so() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("not within 10 s: %s", what)
		}
	}
}

func cmd(name, participant string, src rooms.Source) rooms.Command {
	return rooms.Command{Name: name, Participant: participant, Source: src}
}

func say(text string) rooms.Command { return rooms.Command{Name: "chat.send", Text: text} }
