package store_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"lyceum/server/store"
	"lyceum/server/store/pgtest"
	"lyceum/server/store/storetest"
)

// postgres is the one server of this package's tests; TestMain ends it.
var postgres pgtest.Shared

// databases remembers which database stands for which place of the contract.
type databases struct {
	mu      sync.Mutex
	byPlace map[string]string
}

func (d *databases) open(t *testing.T, place string) *store.Store {
	t.Helper()
	d.mu.Lock()
	url := d.byPlace[place]
	d.mu.Unlock()
	if url == "" {
		url = postgres.Database(t)
		d.mu.Lock()
		d.byPlace[place] = url
		d.mu.Unlock()
	}
	return mustOpen(t, url)
}

func mustOpen(t *testing.T, url string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), url, "", quiet)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestPostgresContract(t *testing.T) {
	storetest.Run(t, (&databases{byPlace: map[string]string{}}).open)
}

// Nodes that start together migrate once, one after the other.
func TestNodesThatStartTogetherShareADatabase(t *testing.T) {
	url := postgres.Database(t)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			s, err := store.Open(t.Context(), url, "", quiet)
			if err != nil {
				t.Error(err)
				return
			}
			if err := s.Healthy(t.Context()); err != nil {
				t.Error(err)
			}
			s.Close()
		})
	}
	wg.Wait()
}

func TestPostgresRefusalsAreInPlainWords(t *testing.T) {
	url := postgres.Database(t)
	for _, row := range []struct{ name, url, want string }{
		{"an address that cannot be read", "postgres://u:secret@[::1/db", "cannot be read"},
		{"a database that is not there", url[:strings.LastIndex(url, "/")] + "/nowhere?sslmode=disable", "has no database nowhere"},
		{"nobody listens", "postgres://u:secret@127.0.0.1:1/db?sslmode=disable", "no PostgreSQL answers at 127.0.0.1 port 1"},
	} {
		t.Run(row.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			_, err := store.Open(ctx, row.url, "", quiet)
			if err == nil || !strings.Contains(err.Error(), row.want) || strings.Contains(err.Error(), "secret") {
				t.Errorf("error %v, want one with %q and no password", err, row.want)
			}
		})
	}
}
