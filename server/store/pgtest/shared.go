package pgtest

import (
	"context"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
)

// Shared lends one server to all tests of a process. Its zero value is ready; End
// belongs into TestMain, after the tests.
type Shared struct {
	once   sync.Once
	server *Server
	err    error
}

// Database makes an empty database and returns its address. Where PostgreSQL is not
// installed, the test is skipped, and fails in continuous integration.
func (s *Shared) Database(t testing.TB) string {
	t.Helper()
	s.once.Do(func() { s.server, s.err = Start(context.Background(), false) })
	if errors.Is(s.err, ErrMissing) && os.Getenv("CI") != "true" {
		t.Skip(s.err)
	}
	if s.err != nil {
		t.Fatal(s.err)
	}
	name := "t" + strings.ReplaceAll(uuid.NewString(), "-", "")
	if err := s.server.Create(t.Context(), name); err != nil {
		t.Fatal(err)
	}
	return s.server.URL(name)
}

// End stops the server, if a test started one.
func (s *Shared) End() error {
	if s.server == nil {
		return nil
	}
	return s.server.Close()
}
