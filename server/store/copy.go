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

// ErrNotAFile is what Copy answers for a database that has its own ways to be copied.
var ErrNotAFile = errors.New("store: the database is no file")

// Copy writes the SQLite database at url, as of this moment, into the new file
// to. The site may go on writing meanwhile. The copy is whole when Copy returns
// nil; otherwise there is no file.
func Copy(ctx context.Context, url, dir, to string) error {
	path, is := strings.CutPrefix(url, "sqlite:")
	if !is {
		return ErrNotAFile
	}
	if path == "" {
		path = filepath.Join(dir, "lyceum.db")
	}
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf("store: copy: %w", err)
	}
	writes, reads, err := openSQLite(ctx, path)
	if err != nil {
		return err
	}
	return errors.Join(vacuumInto(ctx, writes, to), reads.Close(), writes.Close())
}

// vacuumInto makes the copy beside its name first: a name that exists is whole.
func vacuumInto(ctx context.Context, db *sql.DB, to string) error {
	part := to + ".part"
	if err := os.Remove(part); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("store: copy: %w", err)
	}
	// SQLite makes no file that is there; ours has the mode that names and addresses need.
	file, err := os.OpenFile(part, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err == nil {
		err = file.Close()
	}
	if err == nil {
		_, err = db.ExecContext(ctx, "VACUUM INTO $1", part) // an empty file counts as none
	}
	if err == nil {
		err = syncFile(part)
	}
	if err == nil {
		err = os.Rename(part, to)
	}
	if err != nil {
		return fmt.Errorf("store: copy: %w", errors.Join(err, os.Remove(part)))
	}
	return nil
}

func syncFile(name string) error {
	file, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}

// copyBefore keeps the database as it is before the migrations that wait, until
// done is called. A copy that is there already is of an upgrade that was cut
// off: it is the older one, so it stays.
func copyBefore(ctx context.Context, db *sql.DB, path string, provider *goose.Provider, log *slog.Logger) (done func() error, err error) {
	nothing := func() error { return nil }
	if path == "" {
		return nothing, nil
	}
	to := path + ".before-upgrade"
	done = func() error {
		if err := os.Remove(to); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("store: migrate: drop the copy: %w", err)
		}
		return nil
	}
	version, err := provider.GetDBVersion(ctx)
	if err != nil {
		return nil, fmt.Errorf("store: migrate: %w", err)
	}
	pending, err := provider.HasPending(ctx)
	if err != nil {
		return nil, fmt.Errorf("store: migrate: %w", err)
	}
	if _, err := os.Stat(to); version == 0 || !pending || err == nil {
		return done, nil // nothing to lose, nothing to do, or kept already
	}
	log.Info("the database is copied before it is upgraded", "file", to)
	return done, vacuumInto(ctx, db, to)
}
