package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"lyceum/server/event"
	"lyceum/server/registration"
	"lyceum/server/store"
	"lyceum/server/store/pgtest"
)

var testKeys = registration.Keys{Site: []byte("a key for tests, 32 bytes long ..")}

func mustEvent(t *testing.T, s *store.Store, capacity int) event.Event {
	t.Helper()
	e, err := event.New(uuid.NewString(), event.Draft{Title: "t", Kind: event.Class, StartsAt: time.Now(), Capacity: capacity}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.AddEvent(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	return e
}

func applicationOf(e event.Event, email string) store.RegisterInput {
	return store.RegisterInput{
		EventID: e.ID, Applicant: registration.Applicant{Name: "n", Email: email}, Person: testKeys.Person(email), Now: time.Now(),
	}
}

// Two nodes on one database are one library: no seat is sold twice, no place in the
// queue is given twice.
func TestTwoNodesNeverOversell(t *testing.T) {
	url := postgres.Database(t)
	nodes := []*store.Store{mustOpen(t, url), mustOpen(t, url)}
	for _, s := range nodes {
		defer s.Close()
	}
	const people, seats = 200, 30
	e := mustEvent(t, nodes[0], seats)
	var wg sync.WaitGroup
	for i := range people {
		wg.Go(func() {
			s := nodes[i%2]
			r, err := s.Register(t.Context(), applicationOf(e, fmt.Sprintf("r%d@example.org", i)))
			if err == nil && i%10 == 0 {
				_, err = s.CancelRegistration(t.Context(), r.ID, time.Now())
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	rows, err := nodes[0].RegistrationsOfEvent(t.Context(), e.ID)
	if err != nil {
		t.Fatal(err)
	}
	e, err = nodes[1].Event(t.Context(), e.ID)
	if err != nil {
		t.Fatal(err)
	}
	var confirmed, waiting int
	for _, r := range rows {
		switch r.Status {
		case registration.Confirmed:
			confirmed++
			if waiting > 0 {
				t.Errorf("%s has a seat before somebody who came earlier", r.ID)
			}
		case registration.Waitlisted:
			if waiting++; r.Position != waiting {
				t.Errorf("place %d is numbered %d", waiting, r.Position)
			}
		}
	}
	if confirmed != seats || waiting != people-people/10-seats || e.Taken != confirmed || e.Waiting != waiting {
		t.Errorf("%d confirmed, %d waiting; the event counts %d and %d", confirmed, waiting, e.Taken, e.Waiting)
	}
}

// PostgreSQL ends a deadlock by breaking one transaction off. Ours is then tried
// again, and nobody learns of it.
func TestDeadlockIsTriedAgain(t *testing.T) {
	url := postgres.Database(t)
	s := mustOpen(t, url)
	defer s.Close()
	e := mustEvent(t, s, 1)
	r, err := s.Register(t.Context(), applicationOf(e, "reader@example.org"))
	if err != nil {
		t.Fatal(err)
	}
	other, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	tx, err := other.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	mustExec(t, tx, "SET LOCAL deadlock_timeout = '60s'") // the store is the one that finds the deadlock
	mustExec(t, tx, "UPDATE registrations SET name = 'x' WHERE id = $1", r.ID)
	cancelled := make(chan error, 1)
	go func() {
		_, err := s.CancelRegistration(t.Context(), r.ID, time.Now())
		cancelled <- err
	}()
	waitFor(t, "the store waits for the row", func() bool {
		var n int
		err := other.QueryRowContext(t.Context(), "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'").Scan(&n)
		return err == nil && n > 0
	})
	mustExec(t, tx, "UPDATE events SET title = 'x' WHERE id = $1", e.ID) // now each waits for the other
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	if err := <-cancelled; err != nil {
		t.Errorf("cancel: %v", err)
	}
	if got, err := s.Registration(t.Context(), r.ID); err != nil || got.Status != registration.Cancelled || got.Generation != 2 {
		t.Errorf("registration %+v, %v", got, err)
	}
}

func mustExec(t *testing.T, tx *sql.Tx, statement string, args ...any) {
	t.Helper()
	if _, err := tx.ExecContext(t.Context(), statement, args...); err != nil {
		t.Fatal(err)
	}
}

// waitFor asks again and again until the state is there, at most half a minute.
func waitFor(t *testing.T, state string, reached func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(30 * time.Second)
	for !reached() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("never reached: %s", state)
		}
	}
}

// The database crashes under load and comes back: what was answered is there, what
// was not says so in a way the website understands, and the store needs no restart.
func TestDatabaseThatCrashesKeepsWhatWasAnswered(t *testing.T) {
	postgres.Database(t) // skips or fails where PostgreSQL is missing
	server, err := pgtest.Start(t.Context(), true)
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	s := mustOpen(t, server.URL("postgres"))
	defer s.Close()
	e := mustEvent(t, s, event.MaxCapacity)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	answered := make(chan string, 100_000) // more than eight callers can fill here
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				r, err := s.Register(context.Background(), applicationOf(e, fmt.Sprintf("r%d-%d@example.org", w, i)))
				var unavailable interface{ Unavailable() bool }
				switch {
				case err == nil:
					answered <- r.ID
				case !errors.As(err, &unavailable):
					t.Errorf("register while the database is away: %v", err)
				}
			}
		})
	}
	for crash := range 3 {
		before := len(answered)
		waitFor(t, "the store registers", func() bool { return len(answered) > before+50 })
		if err := server.Stop(true); err != nil {
			t.Fatal(err)
		}
		if err := server.Run(t.Context()); err != nil {
			t.Fatalf("crash %d: %v", crash, err)
		}
	}
	before := len(answered)
	waitFor(t, "the store registers after the last crash", func() bool { return len(answered) > before+50 })
	cancel()
	wg.Wait()
	close(answered)
	rows, err := s.RegistrationsOfEvent(t.Context(), e.ID)
	if err != nil {
		t.Fatal(err)
	}
	stored := map[string]bool{}
	for _, r := range rows {
		stored[r.ID] = true
	}
	for id := range answered {
		if !stored[id] {
			t.Errorf("answered, then lost: %s", id)
		}
	}
}
