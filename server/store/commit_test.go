package store

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"testing"
	"time"

	"lyceum/server/store/sqlgen"
)

// The group commit's own promises need a look inside: which changes share a
// transaction is not visible through the Store.

func openForTest(t *testing.T) *Store {
	t.Helper()
	s, err := Open(t.Context(), "sqlite:", t.TempDir(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// hold returns once the writer is busy, which it stays until release is closed.
func hold(s *Store, release chan struct{}) {
	busy := make(chan struct{})
	go s.write(context.Background(), "", func(context.Context, *sqlgen.Queries) error {
		close(busy)
		<-release
		return nil
	})
	<-busy
}

func TestWaitingChangesShareATransactionInOrderOfKeys(t *testing.T) {
	s := openForTest(t)
	release := make(chan struct{})
	hold(s, release)
	var order []string // written by the writer's goroutine alone
	var seen []context.Context
	keys := []string{"c", "a", "b", "a"}
	done := make(chan error, len(keys))
	for i, key := range keys {
		go func() {
			done <- s.write(t.Context(), key, func(ctx context.Context, _ *sqlgen.Queries) error {
				order, seen = append(order, key), append(seen, ctx)
				return nil
			})
		}()
		for len(s.commit.queue) <= i { // queued, in this order
			select {
			case <-t.Context().Done():
				t.Fatal("the change was not queued")
			default:
				runtime.Gosched()
			}
		}
	}
	close(release)
	for range keys {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if got := len(order); got != 4 || order[0] != "a" || order[1] != "a" || order[2] != "b" || order[3] != "c" {
		t.Errorf("order %v", order)
	}
	for _, ctx := range seen {
		if ctx != seen[0] { // each transaction has a context of its own
			t.Error("the changes ran in several transactions")
		}
	}
}

func TestCallerThatGivesUpIsAnsweredAtOnce(t *testing.T) {
	s := openForTest(t)
	release := make(chan struct{})
	hold(s, release)
	defer close(release)
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	err := s.write(ctx, "", func(context.Context, *sqlgen.Queries) error { return nil })
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
}

func TestChangeThatFailsIsUndoneAloneAndItsErrorKept(t *testing.T) {
	s := openForTest(t)
	boom := errors.New("boom")
	add := func(q *sqlgen.Queries, id string) error {
		return q.SaveStaff(context.Background(), sqlgen.SaveStaffParams{ID: id, EmailFolded: id})
	}
	if err := s.write(t.Context(), "", func(_ context.Context, q *sqlgen.Queries) error {
		return errors.Join(add(q, "undone"), boom)
	}); !errors.Is(err, boom) {
		t.Errorf("error %v", err)
	}
	if err := s.write(t.Context(), "", func(_ context.Context, q *sqlgen.Queries) error { return add(q, "kept") }); err != nil {
		t.Error(err)
	}
	if _, err := s.StaffByID(t.Context(), "undone"); err == nil {
		t.Error("the failed change is in the database")
	}
	if _, err := s.StaffByID(t.Context(), "kept"); err != nil {
		t.Error(err)
	}
}

// A database that is busy for its own reasons is asked again, and then believed.
func TestBusyDatabaseIsAskedThreeTimes(t *testing.T) {
	s := openForTest(t)
	if _, err := s.writes.ExecContext(t.Context(), "PRAGMA busy_timeout = 0"); err != nil {
		t.Fatal(err)
	}
	tries := 0
	busy := func(ctx context.Context, q *sqlgen.Queries) error {
		tries++
		other, err := s.reads.Conn(ctx) // a second writer, which our own transaction locks out
		if err != nil {
			return err
		}
		defer other.Close()
		_, err = other.ExecContext(ctx, "PRAGMA query_only = 0; PRAGMA busy_timeout = 0; BEGIN IMMEDIATE")
		return err
	}
	if err := s.write(t.Context(), "", busy); classify(err) != transient {
		t.Errorf("error %v", err)
	}
	if tries != batchTries {
		t.Errorf("tried %d times", tries)
	}
	if err := s.Healthy(t.Context()); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}
