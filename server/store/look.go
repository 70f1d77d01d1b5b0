package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
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
	path, ok := strings.CutPrefix(url, "sqlite:")
	if !ok {
		return Looked{}, errors.New("store: look: only sqlite: can be looked at")
	}
	if path == "" {
		path = filepath.Join(dir, "lyceum.db")
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return Looked{Missing: true}, nil
	}
	writes, reads, err := openSQLite(ctx, path)
	if err != nil {
		return Looked{}, err
	}
	defer writes.Close()
	defer reads.Close()
	var whole string
	if err := reads.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&whole); err != nil || whole != "ok" {
		return Looked{}, errors.Join(fmt.Errorf("store: look: the file is damaged: %s", whole), err)
	}
	tx, err := writes.BeginTx(ctx, nil) // takes the write lock, since _txlock is immediate
	if err != nil {
		return Looked{}, fmt.Errorf("store: look: %w", err)
	}
	if err := tx.Rollback(); err != nil {
		return Looked{}, fmt.Errorf("store: look: %w", err)
	}
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return Looked{}, fmt.Errorf("store: look: %w", err)
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, writes, files)
	if err != nil {
		return Looked{}, fmt.Errorf("store: look: %w", err)
	}
	var found Looked
	found.Version, found.Newest, err = provider.GetVersions(ctx)
	if err != nil {
		return Looked{}, fmt.Errorf("store: look: %w", err)
	}
	return found, nil
}
