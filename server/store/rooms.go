package store

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"lyceum/server/event"
	"lyceum/server/registration"
	"lyceum/server/store/sqlgen"
)

// journalPage is how many journal entries are in memory at a time while reading.
const journalPage = 500

// forever stands for a ban without an end.
var forever = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)

// AppendRoom writes one entry of a room's journal. A version that the room
// already has is ErrVersionTaken, which has a method Conflict() bool.
func (s *Store) AppendRoom(ctx context.Context, room string, version uint64, at time.Time, kind, subject string, data []byte) error {
	if version > math.MaxInt64 {
		return fmt.Errorf("store: append to room %s: version %d is too high", room, version)
	}
	return s.write(ctx, room, func(ctx context.Context, q *sqlgen.Queries) error {
		rows, err := q.AppendRoom(ctx, sqlgen.AppendRoomParams{
			Room: room, Version: int64(version), At: stamp(at), Kind: kind, Subject: subject, Data: string(data),
		})
		if err == nil && rows == 0 {
			return ErrVersionTaken
		}
		return fail("append to room "+room, err)
	})
}

// RoomEntries passes the room's entries with versions above after to each, in
// order, and stops at the first error of each, which it returns as it is.
func (s *Store) RoomEntries(ctx context.Context, room string, after uint64, each func(version uint64, at time.Time, kind, subject string, data []byte) error) error {
	for {
		rows, err := s.read.RoomEntries(ctx, sqlgen.RoomEntriesParams{
			Room: room, After: int64(min(after, math.MaxInt64)), Page: journalPage,
		})
		if err != nil {
			return fail("read the journal of room "+room, err)
		}
		for _, r := range rows {
			after = uint64(r.Version)
			if err := each(after, r.At.UTC(), r.Kind, r.Subject, []byte(r.Data)); err != nil {
				return err
			}
		}
		if len(rows) < journalPage {
			return nil
		}
	}
}

// BanPerson shuts a person (registration.Keys.Person) out of scope, an event's
// id or "site" for all of them, until that moment; the zero time means for good. Doing it again
// replaces the end. Who waits for a seat at that event loses the place in the
// queue; a seat already taken stays taken, because its holder was in the room.
func (s *Store) BanPerson(ctx context.Context, scope, person string, at, until time.Time) error {
	if until.IsZero() {
		until = forever
	}
	return s.write(ctx, scope, func(ctx context.Context, q *sqlgen.Queries) error {
		err := q.BanPerson(ctx, sqlgen.BanPersonParams{
			Scope: scope, Person: person, BannedAt: stamp(at), BannedUntil: stamp(until),
		})
		if err != nil {
			return fail("ban a person from "+scope, err)
		}
		return refuseWaiting(ctx, q, scope, person)
	})
}

// refuseWaiting takes a banned person off the waitlist. A scope that is no event
// has none.
func refuseWaiting(ctx context.Context, q *sqlgen.Queries, eventID, person string) error {
	e, err := lockEvent(ctx, q, eventID)
	if errors.Is(err, event.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	row, err := q.ClaimOfPerson(ctx, sqlgen.ClaimOfPersonParams{EventID: e.ID, Person: person})
	if classify(err) == absent {
		return nil
	}
	if err != nil {
		return fail("look for a registration", err)
	}
	r := toRegistration(row)
	if r.Status != registration.Waitlisted {
		return nil
	}
	r.Status = registration.Refused
	if err := setStatus(ctx, q, r); err != nil {
		return err
	}
	err = q.CountSeats(ctx, sqlgen.CountSeatsParams{ID: e.ID, Places: -1})
	return fail("count the waitlist of event "+e.ID, err)
}

// PersonBanned reports whether the person is shut out of scope at now.
func (s *Store) PersonBanned(ctx context.Context, scope, person string, now time.Time) (bool, error) {
	n, err := s.read.PersonBanned(ctx, sqlgen.PersonBannedParams{Scope: scope, Person: person, BannedUntil: stamp(now)})
	return n > 0, fail("look for a ban", err)
}
