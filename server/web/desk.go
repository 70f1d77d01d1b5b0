package web

import (
	"context"
	"errors"
	"fmt"
	"time"

	"lyceum/server/event"
	"lyceum/server/registration"
	"lyceum/server/web/pages"
)

// An Idempotency-Key holds at least 128 random bits, which is 22 characters of
// base64url.
const (
	minKey = 22
	maxKey = 128
)

// desk is where seats are taken and given back, for the API and for the forms of
// the pages alike: same limits, same checks, same answers.
type desk struct {
	store  seats
	keys   registration.Keys
	limits limits
	now    func() time.Time
	poke   func()
	open   func() bool // registrations are taken: mail is known to go out
}

// seats is the part of the Store that the desk needs.
type seats interface {
	Registrations
	Event(ctx context.Context, idOrSlug string) (event.Event, error)
}

// apply takes a seat or a place on the waiting list. idOrSlug may be either. Of what
// it answers, the id and Shown may go out; all else tells whether the address was
// known.
func (d *desk) apply(ctx context.Context, idOrSlug, name, email, key string) (registration.Registered, error) {
	applicant, err := parseApplication(name, email, key)
	if err != nil {
		return registration.Registered{}, err
	}
	e, err := d.store.Event(ctx, idOrSlug)
	if err != nil {
		return registration.Registered{}, fmt.Errorf("web: register: event: %w", err)
	}
	if !d.open() {
		return registration.Registered{}, registration.ErrNotOpen
	}
	person := d.keys.Person(applicant.Email)
	if err := errors.Join(d.limits.apply.take(requestFrom(ctx).network), d.limits.seat.take(e.ID+" "+person)); err != nil {
		return registration.Registered{}, err
	}
	r, err := d.store.Register(ctx, RegisterInput{
		EventID: e.ID, Applicant: applicant, Person: person, IdempotencyKey: key, Now: d.now(),
	})
	if err != nil {
		return registration.Registered{}, fmt.Errorf("web: register: event %s: %w", e.ID, err)
	}
	d.poke()
	return r, nil
}

func parseApplication(name, email, key string) (registration.Applicant, error) {
	var fields event.Problems
	applicant, err := registration.Parse(name, email)
	if err != nil && !errors.As(err, &fields) {
		return applicant, err
	}
	switch {
	case key == "":
	case len(key) < minKey:
		fields.Add("Idempotency-Key", fieldTooShort)
	case len(key) > maxKey:
		fields.Add("Idempotency-Key", event.CodeTooLong)
	}
	if len(fields) > 0 {
		return applicant, fields
	}
	return applicant, nil
}

// Register implements pages.Desk.
func (d *desk) Register(ctx context.Context, eventID, name, email, key string) (pages.Receipt, error) {
	r, err := d.apply(ctx, eventID, name, email, key)
	if err != nil {
		return pages.Receipt{}, err
	}
	return pages.Receipt(r.Shown), nil
}

// Ticket implements pages.Desk: it turns a ticket into what it stands for.
// Whatever is wrong with it, the error is registration.ErrTicketRefused, unless
// one network has shown too many bad ones.
func (d *desk) Ticket(ctx context.Context, ticket string) (registration.Registration, event.Event, error) {
	r, err := d.verify(ctx, ticket)
	if err != nil {
		return registration.Registration{}, event.Event{}, err
	}
	e, err := d.store.Event(ctx, r.EventID)
	if err != nil {
		return registration.Registration{}, event.Event{}, fmt.Errorf("web: ticket: event: %w", err)
	}
	return r, e, nil
}

func (d *desk) verify(ctx context.Context, ticket string) (registration.Registration, error) {
	id, err := registration.ReadTicket(ticket)
	if err != nil {
		return registration.Registration{}, d.refuse(ctx)
	}
	r, err := d.store.Registration(ctx, id)
	if errors.Is(err, registration.ErrNotFound) {
		return registration.Registration{}, d.refuse(ctx)
	}
	if err != nil {
		return registration.Registration{}, fmt.Errorf("web: ticket: %w", err)
	}
	if err := d.keys.Verify(ticket, r); err != nil {
		return registration.Registration{}, d.refuse(ctx)
	}
	return r, nil
}

// refuse answers a bad ticket and counts it against the network it came from.
func (d *desk) refuse(ctx context.Context) error {
	if err := d.limits.guess.take(requestFrom(ctx).network); err != nil {
		return err
	}
	return registration.ErrTicketRefused
}

// Cancel implements pages.Desk: it gives the seat back.
func (d *desk) Cancel(ctx context.Context, ticket string) error {
	r, err := d.verify(ctx, ticket)
	if err != nil {
		return err
	}
	return d.cancel(ctx, r.ID)
}

func (d *desk) cancel(ctx context.Context, id string) error {
	if _, err := d.store.CancelRegistration(ctx, id, d.now()); err != nil {
		return fmt.Errorf("web: cancel registration: %w", err)
	}
	d.poke()
	return nil
}
