package store

import (
	"context"
	"time"

	"lyceum/server/event"
	"lyceum/server/registration"
	"lyceum/server/store/sqlgen"
)

// Registration returns one registration, or registration.ErrNotFound.
func (s *Store) Registration(ctx context.Context, id string) (registration.Registration, error) {
	if !storable(id) {
		return registration.Registration{}, registration.ErrNotFound
	}
	row, err := s.read.GetRegistration(ctx, id)
	if err != nil {
		return registration.Registration{}, missing("read registration "+id, err, registration.ErrNotFound)
	}
	return withPosition(ctx, s.read, row)
}

// RegistrationsOfEvent lists everything ever registered for an event in the order
// it came, cancelled and refused ones too.
func (s *Store) RegistrationsOfEvent(ctx context.Context, eventID string) ([]registration.Registration, error) {
	rows, err := s.read.RegistrationsOfEvent(ctx, eventID)
	if err != nil {
		return nil, fail("list registrations of event "+eventID, err)
	}
	out := make([]registration.Registration, len(rows))
	waiting := 0
	for i, row := range rows {
		out[i] = toRegistration(row)
		if out[i].Status == registration.Waitlisted {
			waiting++
			out[i].Position = waiting
		}
	}
	return out, nil
}

// RenameRegistration sets the name people see, which the caller has parsed. The
// error is registration.ErrNotFound when there is none or it is cancelled.
func (s *Store) RenameRegistration(ctx context.Context, id, name string) (registration.Registration, error) {
	var out registration.Registration
	err := s.write(ctx, "", func(ctx context.Context, q *sqlgen.Queries) error {
		row, err := q.RenameRegistration(ctx, sqlgen.RenameRegistrationParams{ID: id, Name: name})
		if err != nil {
			return missing("rename registration "+id, err, registration.ErrNotFound)
		}
		out, err = withPosition(ctx, q, row)
		return err
	})
	if err != nil {
		return registration.Registration{}, err
	}
	return out, nil
}

// CancelRegistration gives a seat or a place on the waitlist back, raises the
// generation, which revokes the ticket, promotes who waits, and writes the mails
// to all of them. Cancelling twice returns the registration as it stands. The
// error is registration.ErrNotFound when there is none.
func (s *Store) CancelRegistration(ctx context.Context, id string, now time.Time) (registration.Registration, error) {
	now = stamp(now)
	seen, err := s.Registration(ctx, id)
	if err != nil {
		return registration.Registration{}, err
	}
	var out registration.Registration
	err = s.write(ctx, seen.EventID, func(ctx context.Context, q *sqlgen.Queries) error {
		e, err := lockEvent(ctx, q, seen.EventID)
		if err != nil {
			return err
		}
		row, err := q.GetRegistration(ctx, id) // again: under the lock it cannot change
		if err != nil {
			return fail("read registration "+id, err)
		}
		out = toRegistration(row)
		if out.Status == registration.Cancelled {
			return nil
		}
		return cancel(ctx, q, e, &out, now)
	})
	if err != nil {
		return registration.Registration{}, err
	}
	return out, nil
}

// cancel turns r into a cancelled registration of e.
func cancel(ctx context.Context, q *sqlgen.Queries, e event.Event, r *registration.Registration, now time.Time) error {
	seats, places := held(r.Status)
	r.Status, r.Position, r.CancelledAt = registration.Cancelled, 0, now
	r.Generation++
	if err := setStatus(ctx, q, *r); err != nil {
		return err
	}
	err := q.CountSeats(ctx, sqlgen.CountSeatsParams{ID: e.ID, Seats: -seats, Places: -places})
	if err != nil {
		return fail("free the seat of registration "+r.ID, err)
	}
	if err := mailAbout(ctx, q, registration.MailCancelled, *r, now); err != nil {
		return err
	}
	e.Taken, e.Waiting = e.Taken-int(seats), e.Waiting-int(places)
	return promote(ctx, q, e, now)
}

// promote gives e's free seats to those who wait. e must be locked and its counts
// those of this moment.
func promote(ctx context.Context, q *sqlgen.Queries, e event.Event, now time.Time) error {
	if e.SeatsLeft() == 0 || e.Waiting == 0 || e.Over(now) {
		return nil
	}
	rows, err := q.Waitlist(ctx, sqlgen.WaitlistParams{EventID: e.ID, Seats: int64(e.SeatsLeft())})
	if err != nil {
		return fail("read the waitlist of event "+e.ID, err)
	}
	waiting := make([]registration.Registration, len(rows))
	for i, row := range rows {
		waiting[i] = toRegistration(row)
		waiting[i].Position = i + 1
	}
	for _, r := range registration.Promote(e, waiting) {
		if err := setStatus(ctx, q, r); err != nil {
			return err
		}
		err := q.CountSeats(ctx, sqlgen.CountSeatsParams{ID: e.ID, Seats: 1, Places: -1})
		if err != nil {
			return fail("seat registration "+r.ID, err)
		}
		if err := mailAbout(ctx, q, registration.MailPromoted, r, now); err != nil {
			return err
		}
	}
	return nil
}

func setStatus(ctx context.Context, q *sqlgen.Queries, r registration.Registration) error {
	return fail("set the status of registration "+r.ID, q.SetRegistrationStatus(ctx, sqlgen.SetRegistrationStatusParams{
		ID: r.ID, Status: string(r.Status), Generation: int64(r.Generation), CancelledAt: nullTime(r.CancelledAt),
	}))
}

func withPosition(ctx context.Context, q *sqlgen.Queries, row sqlgen.Registration) (registration.Registration, error) {
	r := toRegistration(row)
	if r.Status != registration.Waitlisted {
		return r, nil
	}
	ahead, err := q.WaitingAhead(ctx, sqlgen.WaitingAheadParams{EventID: row.EventID, Queue: row.Queue})
	r.Position = int(ahead) + 1
	return r, fail("count the waitlist of event "+row.EventID, err)
}
