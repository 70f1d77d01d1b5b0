package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// killFigures is what R2 measures.
type killFigures struct {
	Kills         int     `json:"kills"`
	Stops         int     `json:"stops"`
	Answered      int     `json:"answered"`      // registrations answered 201
	PerSecond     float64 `json:"perSecond"`     // over the whole run, outages included
	Lost          int     `json:"lost"`          // answered 201 and not in the table
	WithoutOutbox int     `json:"withoutOutbox"` // registrations without their outbox row
	Orphans       int     `json:"orphans"`       // outbox rows without their registration
	WithoutMail   int     `json:"withoutMail"`   // registrations whose mail never came
	DoubledMails  int     `json:"doubledMails"`  // mails that came twice, under the same Message-ID
	Replayed      int     `json:"replayed"`      // repeats under the same key
	OtherID       int     `json:"otherId"`       // of them, answered with another id
	KeyReused     int     `json:"keyReused"`     // the same key with another body
	NotRefused    int     `json:"notRefused"`    // of them, not answered 422
	LongestOutage int64   `json:"longestOutageMs"`
}

// entry is one registration as its client knows it.
type entry struct{ event, email, key, id string }

// notes are what the clients remember.
type notes struct {
	mu      sync.Mutex
	entries []entry
}

func (n *notes) add(e entry) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.entries = append(n.entries, e)
}

// last copies the newest entries, at most count of them; all when count is 0.
func (n *notes) last(count int) []entry {
	n.mu.Lock()
	defer n.mu.Unlock()
	from := 0
	if count > 0 {
		from = max(0, len(n.entries)-count)
	}
	return append([]entry{}, n.entries[from:]...)
}

// settleWithin is what the mails of a whole run may take at its end; one that was
// with a killed process comes again after half a minute.
const settleWithin = 3 * time.Minute

// killUnderLoad is R2.
func killUnderLoad(ctx context.Context, o options, verdict *judge) (any, error) {
	s, err := newSite(ctx, o)
	if err != nil {
		return nil, err
	}
	defer s.close()
	if o.stops > 0 && s.postgres == nil {
		return nil, fmt.Errorf("only PostgreSQL can be stopped: -database postgres")
	}
	var events []string
	for range 4 {
		id, err := s.addEvent(ctx, 200) // some get a seat, some wait
		if err != nil {
			return nil, err
		}
		events = append(events, id)
	}
	if err := s.start(ctx); err != nil {
		return nil, err
	}
	figures := &killFigures{Kills: o.kills, Stops: o.stops}
	ctx, giveUp := context.WithCancel(ctx)
	defer giveUp()
	began := time.Now()
	kept, rest := load(ctx, s, o, events, verdict)
	for i := range o.kills + o.stops {
		if err := pause(ctx, instant()); err != nil {
			giveUp()
			rest()
			return nil, err
		}
		down := time.Now()
		err := crash(ctx, s, i >= o.kills)
		if err != nil {
			giveUp()
			rest()
			return nil, fmt.Errorf("crash %d: %w", i+1, err)
		}
		figures.LongestOutage = max(figures.LongestOutage, time.Since(down).Milliseconds())
		tryKeys(ctx, s, kept.last(5), figures, verdict)
	}
	rest()
	figures.PerSecond = float64(len(kept.last(0))) / time.Since(began).Seconds()
	if err := settle(ctx, s); err != nil {
		verdict.broke("%v", err)
	}
	if err := s.stop(syscall.SIGTERM); err != nil {
		verdict.broke("%v", err)
	}
	books, err := s.books.Read(ctx)
	if err != nil {
		return nil, err
	}
	copies, err := arrived(filepath.Join(s.data, "mail"))
	if err != nil {
		return nil, err
	}
	auditKills(books, copies, kept.last(0), figures, verdict)
	if verdict.clean() {
		err = os.RemoveAll(s.data)
	}
	return figures, err
}

// load starts the patrons; rest ends them and waits for their last answers.
func load(ctx context.Context, s *site, o options, events []string, verdict *judge) (kept *notes, rest func()) {
	kept = &notes{}
	done := make(chan struct{})
	var wg sync.WaitGroup
	for w := range o.callers {
		wg.Go(func() {
			tick := time.NewTicker(time.Duration(o.pause) * time.Millisecond)
			defer tick.Stop()
			for n := 0; ; n++ {
				e := entry{event: events[n%len(events)], email: fmt.Sprintf("r%d-%d@mail.example", w, n), key: rand.Text()}
				if r, ok := s.insist(ctx, e.event, "Reader", e.email, e.key, verdict); ok {
					e.id = r.ID
					kept.add(e)
				}
				select {
				case <-tick.C:
				case <-done:
					return
				case <-ctx.Done():
					return
				}
			}
		})
	}
	return kept, func() { close(done); wg.Wait() }
}

// instant is how long to wait for the next crash, up to 700 ms: in the middle of
// anything.
func instant() time.Duration {
	n, err := rand.Int(rand.Reader, big.NewInt(int64(700*time.Millisecond)))
	if err != nil {
		return 0
	}
	return time.Duration(n.Int64())
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// crash kills the process, or stops the database beneath it, and brings it back.
func crash(ctx context.Context, s *site, database bool) error {
	if database {
		if err := s.postgres.Stop(true); err != nil {
			return err
		}
		return s.postgres.Run(ctx)
	}
	if err := s.stop(syscall.SIGKILL); err != nil {
		return err
	}
	return s.start(ctx)
}

// tryKeys repeats what was answered before the crash: the same key stands for the
// same registration, and for nothing else.
func tryKeys(ctx context.Context, s *site, entries []entry, figures *killFigures, verdict *judge) {
	for _, e := range entries {
		r, ok := s.insist(ctx, e.event, "Reader", e.email, e.key, verdict)
		if !ok {
			continue
		}
		if figures.Replayed++; r.ID != e.id {
			figures.OtherID++
			verdict.broke("the key of %s is answered with %s", e.id, r.ID)
		}
		status, _ := s.register(ctx, e.event, "Another Reader", e.email, e.key)
		if status == 0 || status == http.StatusServiceUnavailable {
			continue // no answer is no evidence
		}
		if figures.KeyReused++; status != http.StatusUnprocessableEntity {
			figures.NotRefused++
			verdict.broke("a used key with another body is answered %d", status)
		}
	}
}

// settle waits until every mail is sent.
func settle(ctx context.Context, s *site) error {
	ctx, cancel := context.WithTimeout(ctx, settleWithin)
	defer cancel()
	for {
		open, err := s.books.Unsettled(ctx)
		if err == nil && open == 0 {
			return nil
		}
		if pause(ctx, 100*time.Millisecond) != nil {
			return fmt.Errorf("%d mails are not sent after %v (%v)", open, settleWithin, err)
		}
	}
}
