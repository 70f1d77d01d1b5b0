package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/pressly/goose/v3"
)

// Looked is what a look at a database found, without changing it.
type Looked struct {
	Missing bool  // there is no database yet; the first start makes it
	Version int64 // the newest migration it has
	Newest  int64 // the newest this program knows
}

// Look opens the database at url as Open does, but neither makes nor migrates
// it: it asks the engine whether the file is whole and whether it can be
// written to. For who wants to know, while a site runs or not.
func Look(ctx context.Context, url, dir string) (Looked, error) {
	dialect := goose.DialectSQLite3
	var writes, reads *sql.DB
	var err error
	if path, is := strings.CutPrefix(url, "sqlite:"); is {
		if path == "" {
			path = filepath.Join(dir, "lyceum.db")
		}
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return Looked{Missing: true}, nil
		}
		writes, reads, err = openSQLite(ctx, path)
		if err == nil {
			err = whole(ctx, reads)
		}
	} else {
		dialect = goose.DialectPostgres
		writes, reads, err = openPostgres(ctx, url, slog.New(slog.DiscardHandler))
	}
	if writes != nil {
		defer writes.Close()
		defer reads.Close()
	}
	if err != nil {
		return Looked{}, err
	}
	tx, err := writes.BeginTx(ctx, nil) // takes SQLite's write lock, since _txlock is immediate
	if err != nil {
		return Looked{}, fmt.Errorf("store: look: %w", err)
	}
	if err := tx.Rollback(); err != nil {
		return Looked{}, fmt.Errorf("store: look: %w", err)
	}
	provider, err := migrator(writes, dialect)
	if err != nil {
		return Looked{}, err
	}
	var found Looked
	if found.Version, found.Newest, err = provider.GetVersions(ctx); err != nil {
		return Looked{}, fmt.Errorf("store: look: %w", err)
	}
	found.Missing = found.Version == 0
	return found, nil
}

// whole asks SQLite to read its file through.
func whole(ctx context.Context, db *sql.DB) error {
	var verdict string
	if err := db.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&verdict); err != nil || verdict != "ok" {
		return errors.Join(fmt.Errorf("store: look: the file is damaged: %s", verdict), err)
	}
	return nil
}
