package store

import (
	"database/sql"
	"errors"
	"fmt"

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
	return other
}

func retryable(err error) bool { return classify(err) == transient }

// fail names the operation that an engine's error broke; nil stays nil.
func fail(operation string, err error) error {
	switch {
	case err == nil:
		return nil
	case classify(err) == duplicate:
		return fmt.Errorf("store: %s: %w", operation, ErrExists)
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
