package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"lyceum/server/store/sqlgen"
)

const (
	// batchSize is how many changes share one transaction and so one disk flush.
	batchSize = 128
	// batchTime bounds one transaction; a database that hangs longer fails it.
	batchTime = 30 * time.Second
	// batchTries is how often a transaction is repeated that the database broke
	// off for its own reasons (serialization, deadlock, lock).
	batchTries = 3
	// lostFor is how long a batch waits for a database that went away before its
	// commit, such as one that restarts; lostPause is between the tries.
	lostFor   = 2 * time.Second
	lostPause = 100 * time.Millisecond
	// queueSize is how many changes may wait. When it is full, callers wait for
	// room until their context ends: a slow disk slows requests, it drops none.
	queueSize = 1024
)

// committer is the group commit: its one goroutine takes the changes that wait,
// runs each in a savepoint of one transaction, and answers all after the commit.
// A change that fails is undone alone.
type committer struct {
	db       *sql.DB
	queue    chan *change
	stop     chan struct{} // closed by close: take nothing new
	finished chan struct{} // closed by the goroutine when the queue is empty
	stopOnce sync.Once
}

// change is one caller's work. do may run more than once and must then start over.
type change struct {
	key  string
	do   func(context.Context, *sqlgen.Queries) error
	err  error
	done chan error // capacity 1: the goroutine never waits for a caller
}

func newCommitter(db *sql.DB) *committer {
	c := &committer{
		db: db, queue: make(chan *change, queueSize),
		stop: make(chan struct{}), finished: make(chan struct{}),
	}
	go c.run()
	return c
}

// do queues a change and waits for its commit. When ctx ends while the change
// waits, the change may still be committed: its outcome is then unknown, as with
// any lost answer.
func (c *committer) do(ctx context.Context, key string, do func(context.Context, *sqlgen.Queries) error) error {
	ch := &change{key: key, do: do, done: make(chan error, 1)}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("store: write: %w", err)
	}
	select {
	case <-c.stop:
		return ErrClosed
	default:
	}
	select {
	case c.queue <- ch:
	case <-c.stop:
		return ErrClosed
	case <-ctx.Done():
		return fmt.Errorf("store: wait for the writer: %w", ctx.Err())
	}
	select {
	case err := <-ch.done:
		return err
	case <-ctx.Done():
		return fmt.Errorf("store: wait for the commit: %w", ctx.Err())
	case <-c.finished:
	}
	select { // queued at the moment of closing: served by the last round or never
	case err := <-ch.done:
		return err
	default:
		return ErrClosed
	}
}

func (c *committer) close() {
	c.stopOnce.Do(func() { close(c.stop) })
	<-c.finished
}

func (c *committer) run() {
	defer close(c.finished)
	for {
		select {
		case first := <-c.queue:
			c.serve(c.gather(first))
		case <-c.stop:
			for {
				select {
				case first := <-c.queue:
					c.serve(c.gather(first))
				default:
					return
				}
			}
		}
	}
}

// gather takes what already waits; it never waits for more. The order by key
// makes nodes lock events in the same order; within a key, first come stays first.
func (c *committer) gather(first *change) []*change {
	batch := []*change{first}
	for len(batch) < batchSize {
		select {
		case next := <-c.queue:
			batch = append(batch, next)
			continue
		default:
		}
		break
	}
	slices.SortStableFunc(batch, func(a, b *change) int { return cmp.Compare(a.key, b.key) })
	return batch
}

func (c *committer) serve(batch []*change) {
	err := c.persist(batch)
	for _, ch := range batch {
		if err != nil {
			ch.err = err
		}
		ch.done <- ch.err
	}
}

// persist runs the batch until it is committed, or cannot be, or nobody knows: an
// answer to a commit that got lost is never tried again.
func (c *committer) persist(batch []*change) error {
	patience := time.NewTimer(lostFor)
	defer patience.Stop()
	for tries := 1; ; {
		err := c.transact(batch)
		var inDoubt *commitError
		switch {
		case err == nil:
			return nil
		case retryable(err):
			if tries++; tries > batchTries {
				return err
			}
		case errors.As(err, &inDoubt), !lost(err):
			return err
		default:
			select {
			case <-time.After(lostPause):
			case <-patience.C:
				return err
			}
		}
	}
}

// commitError is the failure of the commit itself. Unless the database said that
// it undid the transaction, the transaction may stand.
type commitError struct{ error }

func (e *commitError) Unwrap() error { return e.error }

// transact runs the batch once. Its error is about the whole transaction, which
// then left nothing behind, except perhaps when it is a commitError.
func (c *committer) transact(batch []*change) error {
	ctx, cancel := context.WithTimeout(context.Background(), batchTime)
	defer cancel()
	tx, err := c.db.BeginTx(ctx, nil)
	if err != nil {
		return fail("begin", err)
	}
	defer tx.Rollback() // after a commit this does nothing
	for _, ch := range batch {
		if err := runInSavepoint(ctx, tx, ch); err != nil {
			return err
		}
	}
	if err := tx.Commit(); err != nil {
		return &commitError{fail("commit", err)}
	}
	return nil
}

func runInSavepoint(ctx context.Context, tx *sql.Tx, ch *change) error {
	if _, err := tx.ExecContext(ctx, "SAVEPOINT one"); err != nil {
		return fail("savepoint", err)
	}
	ch.err = ch.do(ctx, sqlgen.New(tx))
	if ch.err != nil {
		if retryable(ch.err) || lost(ch.err) {
			return ch.err
		}
		// When this fails the engine has thrown the whole transaction away (SQLite
		// does so on a full disk), and going on would write outside of one.
		if _, err := tx.ExecContext(ctx, "ROLLBACK TO SAVEPOINT one"); err != nil {
			return fmt.Errorf("store: undo: %w", ch.err)
		}
	}
	if _, err := tx.ExecContext(ctx, "RELEASE SAVEPOINT one"); err != nil {
		return fail("release", err)
	}
	return nil
}
