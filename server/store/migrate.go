package store

import (
	"context"
	"database/sql"
	"embed"
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
// each runs in its own transaction.
func migrate(ctx context.Context, db *sql.DB, dialect goose.Dialect, log *slog.Logger) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return fmt.Errorf("store: migrate: %w", err)
	}
	var options []goose.ProviderOption
	if dialect == goose.DialectPostgres { // a SQLite file has one process
		turns, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(migrateAgain, migrateTries))
		if err != nil {
			return fmt.Errorf("store: migrate: %w", err)
		}
		options = append(options, goose.WithSessionLocker(turns))
	}
	provider, err := goose.NewProvider(dialect, db, files, options...)
	if err != nil {
		return fmt.Errorf("store: migrate: %w", err)
	}
	done, err := provider.Up(ctx)
	if err != nil {
		return fmt.Errorf("store: migrate: %w", err)
	}
	for _, m := range done {
		log.Info("database migrated", "version", m.Source.Version, "took", m.Duration)
	}
	return nil
}
