package main

import (
	"log/slog"
	"testing"

	"lyceum/rooms/journal"
	"lyceum/rooms/journal/journaltest"
	"lyceum/server/store"
	"lyceum/server/store/pgtest"
)

// The store and the rooms know nothing of each other; only here do both meet, so
// here the store is held to what rooms expect of a journal.
func TestTheStoreIsAJournalForRooms(t *testing.T) {
	open := func(t *testing.T, url string) journal.Journal {
		s, err := store.Open(t.Context(), url, t.TempDir(), slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		return s
	}
	t.Run("SQLite", func(t *testing.T) {
		journaltest.Run(t, func(t *testing.T) journal.Journal { return open(t, "sqlite:") })
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		var server pgtest.Shared
		t.Cleanup(func() { server.End() })
		journaltest.Run(t, func(t *testing.T) journal.Journal { return open(t, server.Database(t)) })
	})
}
