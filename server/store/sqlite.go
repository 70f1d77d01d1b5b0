package store

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"

	_ "modernc.org/sqlite" // the driver "sqlite", without cgo
)

// readers bounds the pool of reading connections; WAL lets them run beside the
// writer.
const readers = 4

// openSQLite opens one writing connection and a pool of reading ones. SQLite has
// one writer anyway; a single connection turns "database is locked" into waiting
// in line. synchronous(FULL) makes a commit survive a power cut in WAL mode.
func openSQLite(ctx context.Context, path string) (writes, reads *sql.DB, err error) {
	// The file holds names and addresses. SQLite gives its side files the same mode.
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, nil, fmt.Errorf("store: open the database: %w", err)
	}
	if err := file.Close(); err != nil {
		return nil, nil, fmt.Errorf("store: open the database: %w", err)
	}
	name := (&url.URL{Scheme: "file", OmitHost: true, Path: path}).String()
	common := []string{"busy_timeout(5000)", "foreign_keys(1)", "synchronous(FULL)"}
	options := func(pragmas ...string) string {
		return "?" + url.Values{
			"_txlock":      {"immediate"},
			"_time_format": {"sqlite"},
			"_pragma":      append(pragmas, common...),
		}.Encode()
	}
	writes, err = sql.Open("sqlite", name+options("journal_mode(WAL)"))
	if err != nil {
		return nil, nil, fmt.Errorf("store: open %s: %w", path, err)
	}
	writes.SetMaxOpenConns(1)
	if err := writes.PingContext(ctx); err != nil {
		writes.Close()
		return nil, nil, fmt.Errorf("store: open %s: %w", path, err)
	}
	reads, err = sql.Open("sqlite", name+options("query_only(1)"))
	if err != nil {
		writes.Close()
		return nil, nil, fmt.Errorf("store: open %s for reading: %w", path, err)
	}
	reads.SetMaxOpenConns(readers)
	reads.SetMaxIdleConns(readers)
	return writes, reads, nil
}
