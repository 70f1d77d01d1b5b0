package store

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Errors of this package; callers compare with errors.Is. What a rule refuses
// comes as that rule's own error.
var (
	ErrClosed       = errors.New("store: closed")
	ErrExists       = errors.New("store: already exists")
	ErrVersionTaken = error(conflict{})
)

// conflict is the error of a journal version that is already written. The journal
// knows it by its method, without importing this package.
type conflict struct{}

func (conflict) Error() string  { return "store: room version taken" }
func (conflict) Conflict() bool { return true }

// away is the error of a database that does not answer. The website knows it by
// its method and asks its caller to come again.
type away struct{ error }

func (a *away) Unwrap() error   { return a.error }
func (*away) Unavailable() bool { return true }

// kind is what an engine's error means to us.
type kind int

const (
	other     kind = iota
	absent         // no such row
	duplicate      // a unique constraint was hit
	transient      // the same work may succeed when tried again
)

// classify is the one place that knows engines' error codes.
func classify(err error) kind {
	if errors.Is(err, sql.ErrNoRows) {
		return absent
	}
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		switch lite.Code() {
		case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
			return duplicate
		}
		switch lite.Code() & 0xff { // extended codes carry the primary one in the low byte
		case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
			return transient
		}
	}
	var said *pgconn.PgError
	if errors.As(err, &said) {
		switch said.Code { // PostgreSQL's appendix A
		case "23505": // unique_violation
			return duplicate
		case "40001", "40P01", "55P03": // serialization_failure, deadlock_detected, lock_not_available
			return transient
		}
	}
	return other
}

// lost reports whether the connection to the database is gone or was never there.
// A transaction whose commit was not yet sent then left nothing behind.
func lost(err error) bool {
	var said *pgconn.PgError
	if errors.As(err, &said) { // connection exception; the server is stopped, crashed or starting
		return strings.HasPrefix(said.Code, "08") || strings.HasPrefix(said.Code, "57P0")
	}
	var refused *pgconn.ConnectError
	var network net.Error
	return errors.Is(err, driver.ErrBadConn) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) ||
		errors.As(err, &refused) || errors.As(err, &network) || pgconn.SafeToRetry(err)
}

// storable reports whether a text can be in a row at all. PostgreSQL refuses to
// compare any other, and that would break the transaction of everybody else.
func storable(text string) bool { return utf8.ValidString(text) && !strings.ContainsRune(text, 0) }

func retryable(err error) bool { return classify(err) == transient }

// fail names the operation that an engine's error broke; nil stays nil. An engine
// that does not answer gives an error with a method Unavailable() bool.
func fail(operation string, err error) error {
	switch {
	case err == nil:
		return nil
	case classify(err) == duplicate:
		return fmt.Errorf("store: %s: %w", operation, ErrExists)
	case lost(err):
		return &away{fmt.Errorf("store: %s: %w", operation, err)}
	}
	return fmt.Errorf("store: %s: %w", operation, err)
}

// missing is fail for reading one row: notFound stands for a row that is not there.
func missing(operation string, err, notFound error) error {
	if classify(err) == absent {
		return notFound
	}
	return fail(operation, err)
}
