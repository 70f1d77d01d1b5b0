// Package registration holds the rules by which a person gets a seat at an event.
//
// A patron has no account. Parse turns what was typed into an Applicant, Decide
// says what becomes of it, and Promote says who moves up when seats free. A
// registration is proved by its ticket, which Keys computes from a secret and
// which is never stored; raising the generation revokes it. A person is known by
// a keyed hash of the mail address, so the same human behind a plus-address gets
// no second seat and no way round a ban. Everything here is pure: the caller
// brings the event, the facts, the ids and the time, and stores the outcome.
package registration

import (
	"errors"
	"time"
)

// Status says where a registration stands.
type Status string

// The statuses. Refused is what a banned person gets: no seat, and an answer
// that looks like any other; only the mail says it.
const (
	Confirmed  Status = "confirmed"
	Waitlisted Status = "waitlisted"
	Cancelled  Status = "cancelled"
	Refused    Status = "refused"
)

// Kinds of mail that registrations cause, as the outbox names them.
const (
	MailRegistration = "mail.registration"
	MailWaitlisted   = "mail.waitlisted"
	MailPromoted     = "mail.promoted"
	MailAgain        = "mail.again"
	MailCancelled    = "mail.cancelled"
	MailRefused      = "mail.refused"
)

// Errors of this package; callers compare with errors.Is.
var (
	ErrClosed        = errors.New("registration: closed")   // the event is over or cancelled
	ErrNotOpen       = errors.New("registration: not open") // the library has not yet proved that its mail arrives
	ErrTicketRefused = errors.New("registration: ticket refused")
	ErrKeyReused     = errors.New("registration: idempotency key used with another body")
	ErrNotFound      = errors.New("registration: not found")
)

// Registration is one person's claim on one event.
type Registration struct {
	ID      string // UUID version 4: it says nothing about when it was made
	EventID string
	Name    string
	Email   string
	Person  string // keyed hash of the address, see Keys.Person
	Status  Status

	// Position is the place on the waitlist, from 1, and 0 for who does not wait.
	// A refused registration carries the position a stranger would have got.
	Position int

	Generation  int // rises when the ticket is revoked
	CreatedAt   time.Time
	CancelledAt time.Time // zero when not cancelled
}

// Seated reports whether the registration holds a seat, which is what entering a
// room takes.
func (r Registration) Seated() bool { return r.Status == Confirmed }
