package store_test

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"lyceum/server/store"
	"lyceum/server/store/storetest"
)

// quiet is a log nobody reads.
var quiet = slog.New(slog.DiscardHandler)

func openSQLite(t *testing.T, place string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), "sqlite:", place, quiet)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// SQLite is held to the same contract as any other database.
func TestContract(t *testing.T) { storetest.Run(t, openSQLite) }

func TestOpen(t *testing.T) {
	odd := filepath.Join(t.TempDir(), "a ?#%41 folder")
	if err := os.Mkdir(odd, 0o700); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), "sqlite:"+filepath.Join(odd, "my.db"), "", quiet)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, file := range []string{"my.db", "my.db-wal"} {
		info, err := os.Stat(filepath.Join(odd, file))
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s is readable for others: %v", file, info.Mode())
		}
	}
	for _, url := range []string{"mysql://u:secret@127.0.0.1/db", "", "mysql:x", "sqlite:/nowhere/at/all.db"} {
		_, err := store.Open(t.Context(), url, t.TempDir(), quiet)
		if err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("Open(%q): %v", url, err)
		}
	}
}
