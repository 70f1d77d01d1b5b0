// Package store keeps what Lyceum promised in SQL: events, registrations, the
// outbox, deliveries, staff, the journal of rooms and bans.
//
// Open it once and share it; every method may be called from many goroutines.
// Every change goes through one group commit (see commit.go), so that waiting
// requests share the disk's flush; when a method returns without error the change
// is on disk. The rules live in server/event, server/registration and
// server/staff: this package reads the facts under a lock, asks the rule, and
// writes rows. Mails are only ever rows of the outbox, written in the transaction
// that causes them. The SQL is portable; generated code is in sqlgen, and
// storetest holds the contract that any database must pass.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"time"

	"github.com/pressly/goose/v3"

	"lyceum/server/store/sqlgen"
)

// Store is the durable memory of one library.
type Store struct {
	reads  *sql.DB
	writes *sql.DB
	read   *sqlgen.Queries
	commit *committer
}

// Open connects to the database, brings its schema up to date and starts the
// group commit. The url is "sqlite:" for lyceum.db in the folder dir, or
// "sqlite:" and a file's path, in which "?" and "#" may stand, or a postgres://
// address. Close the Store to stop its goroutine. One process at a time may hold a
// SQLite file open: the caller guards the folder. Any number may share PostgreSQL.
func Open(ctx context.Context, url, dir string, log *slog.Logger) (*Store, error) {
	var writes, reads *sql.DB
	var err error
	dialect, file := goose.DialectSQLite3, ""
	scheme, rest, _ := strings.Cut(url, ":")
	switch scheme {
	case "sqlite":
		if rest == "" {
			rest = filepath.Join(dir, "lyceum.db")
		}
		file = rest
		writes, reads, err = openSQLite(ctx, rest)
	case "postgres", "postgresql":
		dialect = goose.DialectPostgres
		writes, reads, err = openPostgres(ctx, url, log)
	default:
		return nil, fmt.Errorf("store: open: database %q is not supported, use sqlite: or postgres://", scheme)
	}
	if err != nil {
		return nil, err
	}
	if err := migrate(ctx, writes, dialect, file, log); err != nil {
		return nil, errors.Join(err, reads.Close(), writes.Close())
	}
	return &Store{reads: reads, writes: writes, read: sqlgen.New(reads), commit: newCommitter(writes)}, nil
}

// Close finishes the writes that wait and closes the database.
func (s *Store) Close() error {
	s.commit.close()
	return errors.Join(s.reads.Close(), s.writes.Close())
}

// Healthy reads from the database and passes an empty change through the group
// commit, so it fails when the disk, a lock or the writer is stuck.
func (s *Store) Healthy(ctx context.Context) error {
	if err := s.reads.PingContext(ctx); err != nil {
		return fmt.Errorf("store: read: %w", err)
	}
	return s.write(ctx, "", func(context.Context, *sqlgen.Queries) error { return nil })
}

// Sweep deletes what has no further use: idempotency keys older than a day, dead
// sign-in codes and sessions, and outbox rows relayed a month ago. Call it every
// hour or so; nothing goes wrong when it is late.
func (s *Store) Sweep(ctx context.Context, now time.Time) error {
	now = stamp(now)
	return s.write(ctx, "", func(ctx context.Context, q *sqlgen.Queries) error {
		return errors.Join(
			fail("drop old idempotency keys", q.DropIdempotencyKeys(ctx, now.Add(-keysKept))),
			fail("drop old sign-in codes", q.DropSignInCodes(ctx, now)),
			fail("drop old staff sessions", q.DropStaffSessions(ctx, now)),
			fail("drop relayed outbox rows", q.DropRelayed(ctx, sql.NullTime{Time: now.Add(-relayedKept), Valid: true})),
		)
	})
}

// relayedKept is how long relayed outbox rows stay for looking back.
const relayedKept = 30 * 24 * time.Hour

// write runs do inside the group commit; what do assigns to its caller's variables
// may be read only when write returned nil. Changes with the same key stand next to
// each other in a transaction: the id of the event whose row they lock, or "".
func (s *Store) write(ctx context.Context, key string, do func(context.Context, *sqlgen.Queries) error) error {
	return s.commit.do(ctx, key, do)
}

// stamp is how every time enters the database: UTC, in the microseconds that both
// engines keep, so that equal times compare equal.
func stamp(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
