package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

const (
	pgReaders     = 8                // reading connections of one node
	pgDialAtMost  = 5 * time.Second  // one attempt to connect
	pgStartAtMost = 10 * time.Second // how long Open waits for a database that starts after us
	pgAskAgain    = 250 * time.Millisecond
)

// pgSettings hold for every connection, whatever the server's own configuration
// says: a commit that was answered is on disk; a statement sees what was committed
// before it, which is what lockEvent counts on; and a node that stands still in
// the middle of a transaction loses its locks.
func pgSettings() map[string]string {
	return map[string]string{
		"application_name":                    "lyceum",
		"default_transaction_isolation":       "read committed",
		"idle_in_transaction_session_timeout": "60000", // ms
		"synchronous_commit":                  "on",
		"timezone":                            "UTC",
	}
}

// openPostgres opens one writing connection, for the group commit, and a pool of
// reading ones. Several nodes may use one database: the row of an event is their
// lock. Error texts never hold the address, which may hold a password.
func openPostgres(ctx context.Context, url string, log *slog.Logger) (writes, reads *sql.DB, err error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, nil, errors.New("store: the postgres:// address of the database cannot be read; write postgres://user:password@host/database")
	}
	if config.ConnectTimeout <= 0 || config.ConnectTimeout > pgDialAtMost {
		config.ConnectTimeout = pgDialAtMost
	}
	for name, value := range pgSettings() {
		config.RuntimeParams[name] = value
	}
	writes, reads = stdlib.OpenDB(*config), stdlib.OpenDB(*config)
	writes.SetMaxOpenConns(1)
	reads.SetMaxOpenConns(pgReaders)
	reads.SetMaxIdleConns(pgReaders)
	if err := untilAnswered(ctx, writes, log); err != nil {
		return nil, nil, errors.Join(explainPostgres(config, err), writes.Close(), reads.Close())
	}
	return writes, reads, nil
}

// untilAnswered waits for a database that is starting: in a set of containers it
// may come up after us.
func untilAnswered(ctx context.Context, db *sql.DB, log *slog.Logger) error {
	ctx, cancel := context.WithTimeout(ctx, pgStartAtMost)
	defer cancel()
	again := time.NewTicker(pgAskAgain)
	defer again.Stop()
	for first := true; ; first = false {
		err := db.PingContext(ctx)
		if err == nil || !lost(err) {
			return err
		}
		if first {
			log.Info("store: waiting for PostgreSQL")
		}
		select {
		case <-ctx.Done():
			return err
		case <-again.C:
		}
	}
}

// explainPostgres says in plain words why the database does not open.
func explainPostgres(config *pgx.ConnConfig, err error) error {
	var said *pgconn.PgError
	switch {
	case errors.As(err, &said) && said.Code[:2] == "28": // invalid authorization
		return fmt.Errorf("store: PostgreSQL at %s refuses the user %s or the password", config.Host, config.User)
	case errors.As(err, &said) && said.Code == "3D000":
		return fmt.Errorf("store: PostgreSQL at %s has no database %s; make it with createdb", config.Host, config.Database)
	case errors.As(err, &said):
		return fmt.Errorf("store: open PostgreSQL at %s: %s", config.Host, said.Message)
	}
	return fmt.Errorf("store: no PostgreSQL answers at %s port %d; start it, or set LYCEUM_DATABASE_URL=sqlite:", config.Host, config.Port)
}
