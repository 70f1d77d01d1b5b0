package pages

import (
	"context"
	"log/slog"
	"time"

	"lyceum/server/event"
	"lyceum/server/registration"
	"lyceum/server/settings"
)

// Store is what the pages read. Event answers event.ErrNotFound for an unknown id or slug.
type Store interface {
	Event(ctx context.Context, idOrSlug string) (event.Event, error)
	// Upcoming lists events that are not over, by start; next is the cursor of the following page, "" at the end. A
	// cursor that nobody gave out is an event.Problems.
	Upcoming(ctx context.Context, now time.Time, after string, limit int) (items []event.Event, next string, err error)
}

// Desk is where seats are taken and given back. Package web implements it once, for these forms and for the API.
type Desk interface {
	// Register takes a seat or a place in the waiting list. It answers event.Problems for fields that do not pass,
	// event.ErrNotFound, registration.ErrClosed, or an error with method RetryAfter() time.Duration when the sender
	// has tried too often. The receipt is the same for a new, a known and a refused address.
	Register(ctx context.Context, eventID, name, email, idempotencyKey string) (Receipt, error)
	// Ticket shows the seat a ticket stands for; registration.ErrTicketRefused for every ticket that opens nothing.
	Ticket(ctx context.Context, ticket string) (registration.Registration, event.Event, error)
	// Cancel gives the seat back; registration.ErrTicketRefused as in Ticket.
	Cancel(ctx context.Context, ticket string) error
}

// Receipt is what a person is told after the form. Position counts from 1 and is 0 for a confirmed seat.
type Receipt struct {
	Status   registration.Status
	Position int
}

// Config is everything the pages are given. All fields are required unless they say otherwise.
type Config struct {
	Store Store
	Desk  Desk
	// PublicURL is the site's own address without a final slash, such as https://events.library.example.
	PublicURL string
	// Settings answers what the library says about itself at this moment: its name stands on every page, its zone is the
	// clock of lists (an event's own zone wins on its page).
	Settings func() settings.Settings
	// Open tells whether registrations are taken: not before a test mail has gone through.
	Open func() bool
	// Demo adds the mailbox page, which shows every mail of MailDir to everybody, and the notice that says so.
	Demo    bool
	MailDir string
	// Messages is the English catalogue: one flat JSON object, keys "public.*".
	Messages []byte
	// Asset finds the built files of a Vite entry ("public", "room", "console"): addresses ready for src and href.
	// An entry that was not built has none.
	Asset func(entry string) (js string, css []string)
	Now   func() time.Time
	Log   *slog.Logger
}
