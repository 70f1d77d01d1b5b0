package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Nodes that start together take turns: one migrates, the others look again every
// second, for two minutes.
const (
	migrateAgain = 1
	migrateTries = 120
)

// migrate brings the schema to the newest version. Migrations only go forward;
// each runs in its own transaction. A SQLite database, which is the file, is
// copied beside itself before and the copy dropped after: an upgrade that fails
// loses nothing.
func migrate(ctx context.Context, db *sql.DB, dialect goose.Dialect, file string, log *slog.Logger) error {
	provider, err := migrator(db, dialect)
	if err != nil {
		return err
	}
	done, err := copyBefore(ctx, db, file, provider, log)
	if err != nil {
		return err
	}
	for {
		pending, err := provider.HasPending(ctx)
		if err != nil {
			return fmt.Errorf("store: migrate: %w", err)
		}
		if !pending {
			return done()
		}
		log.Info("database migrating")
		step, err := provider.UpByOne(ctx)
		if errors.Is(err, goose.ErrNoNextVersion) {
			continue // another node was faster
		} else if err != nil {
			return fmt.Errorf("store: migrate: %w", err)
		}
		log.Info("database migrated", "version", step.Source.Version, "took", step.Duration)
	}
}

func migrator(db *sql.DB, dialect goose.Dialect) (*goose.Provider, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, fmt.Errorf("store: migrate: %w", err)
	}
	var options []goose.ProviderOption
	if dialect == goose.DialectPostgres { // a SQLite file has one process
		turns, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(migrateAgain, migrateTries))
		if err != nil {
			return nil, fmt.Errorf("store: migrate: %w", err)
		}
		options = append(options, goose.WithSessionLocker(turns))
	}
	provider, err := goose.NewProvider(dialect, db, files, options...)
	if err != nil {
		return nil, fmt.Errorf("store: migrate: %w", err)
	}
	return provider, nil
}
