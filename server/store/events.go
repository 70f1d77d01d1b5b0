package store

import (
	"context"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"

	"lyceum/server/event"
	"lyceum/server/outreach"
	"lyceum/server/registration"
	"lyceum/server/store/sqlgen"
)

// maxSlugs is how many events of one title on one day find a free slug.
const maxSlugs = 1000

// AddEvent writes a new event and plans its reminders. A slug that is taken gets a number behind it, so
// read the event back by its id to learn its address.
func (s *Store) AddEvent(ctx context.Context, e event.Event) error {
	return s.write(ctx, e.ID, func(ctx context.Context, q *sqlgen.Queries) error {
		for n := 1; n <= maxSlugs; n++ {
			slug := e.Slug
			if n > 1 {
				slug += "-" + strconv.Itoa(n)
			}
			rows, err := q.AddEvent(ctx, sqlgen.AddEventParams{
				ID: e.ID, Slug: slug, Title: e.Title, Summary: e.Summary, Description: e.Description,
				Speaker: e.Speaker, Branch: e.Branch,
				Kind: string(e.Kind), Audience: string(e.Audience), Format: string(e.Format),
				StartsAt: stamp(e.StartsAt), EndsAt: stamp(e.EndsAt), TimeZone: e.TimeZone,
				Capacity: int64(e.Capacity), Status: string(e.Status), Version: e.Version, CreatedAt: stamp(e.CreatedAt),
			})
			if err != nil {
				return fail("add event "+e.ID, err)
			}
			if rows == 1 {
				return reviseReminders(ctx, q, e, e.CreatedAt)
			}
		}
		return fmt.Errorf("store: add event %s: no free slug like %s: %w", e.ID, e.Slug, ErrExists)
	})
}

// MoveEvent sets when an event starts and ends, raises its version, plans its reminders
// anew, writes a "mail.event-changed" for everybody who holds a seat or waits when the
// change is news (outreach.Tells), and returns it as it stands then.
// A cancelled event stays where it is: event.ErrCancelled.
func (s *Store) MoveEvent(ctx context.Context, id string, startsAt, endsAt, now time.Time) (event.Event, error) {
	if !endsAt.After(startsAt) {
		return event.Event{}, fmt.Errorf("store: move event %s: the end must be after the start", id)
	}
	var moved event.Event
	err := s.write(ctx, id, func(ctx context.Context, q *sqlgen.Queries) error {
		e, err := lockEvent(ctx, q, id)
		if err != nil {
			return err
		}
		if e.Status == event.Cancelled {
			return event.ErrCancelled
		}
		row, err := q.MoveEvent(ctx, sqlgen.MoveEventParams{ID: id, StartsAt: stamp(startsAt), EndsAt: stamp(endsAt)})
		if err != nil {
			return fail("move event "+id, err)
		}
		moved = toEvent(row)
		if err := reviseReminders(ctx, q, moved, stamp(now)); err != nil {
			return err
		}
		if !outreach.Tells(e, moved, now) {
			return nil
		}
		return mailAll(ctx, q, outreach.MailEventChanged, id, now)
	})
	if err != nil {
		return event.Event{}, err
	}
	return moved, nil
}

// CancelEvent calls an event off for good, ends its reminders, and writes a
// "mail.event-cancelled" for everybody who holds a seat or waits, unless the event is
// already over. Their registrations stay as they are. Cancelling twice changes nothing.
func (s *Store) CancelEvent(ctx context.Context, id string, now time.Time) error {
	return s.write(ctx, id, func(ctx context.Context, q *sqlgen.Queries) error {
		e, err := lockEvent(ctx, q, id)
		if err != nil || e.Status == event.Cancelled {
			return err
		}
		e.Status = event.Cancelled
		if err := q.SetEventStatus(ctx, sqlgen.SetEventStatusParams{ID: id, Status: string(e.Status)}); err != nil {
			return fail("cancel event "+id, err)
		}
		if err := reviseReminders(ctx, q, e, stamp(now)); err != nil || e.Over(now) {
			return err
		}
		return mailAll(ctx, q, outreach.MailEventCancelled, id, now)
	})
}

// mailAll writes one mail of that kind for everybody who holds a seat or waits.
func mailAll(ctx context.Context, q *sqlgen.Queries, kind, eventID string, now time.Time) error {
	rows, err := q.RegistrationsOfEvent(ctx, eventID)
	if err != nil {
		return fail("read registrations of event "+eventID, err)
	}
	for _, row := range rows {
		r := toRegistration(row)
		if r.Status != registration.Confirmed && r.Status != registration.Waitlisted {
			continue
		}
		if err := mailAbout(ctx, q, kind, r, now); err != nil {
			return err
		}
	}
	return nil
}

// Event returns the event with that id or slug, or event.ErrNotFound.
func (s *Store) Event(ctx context.Context, idOrSlug string) (event.Event, error) {
	if !storable(idOrSlug) {
		return event.Event{}, event.ErrNotFound
	}
	row, err := s.read.GetEvent(ctx, idOrSlug)
	if err != nil {
		return event.Event{}, missing("read event "+idOrSlug, err, event.ErrNotFound)
	}
	return toEvent(row), nil
}

// Upcoming lists scheduled events that are not over, by start. after is "" or the
// next of an earlier call; next is "" on the last page. A cursor nobody gave out
// is an event.Problems for the field "after".
func (s *Store) Upcoming(ctx context.Context, now time.Time, after string, limit int) (items []event.Event, next string, err error) {
	start, id, err := readCursor(after)
	if err != nil {
		return nil, "", err
	}
	rows, err := s.read.UpcomingEvents(ctx, sqlgen.UpcomingEventsParams{
		Now: stamp(now), AfterStart: start, AfterID: id, Page: int64(limit) + 1,
	})
	if err != nil {
		return nil, "", fail("list upcoming events", err)
	}
	if len(rows) > limit {
		rows = rows[:limit]
		next = cursor(rows[limit-1])
	}
	return toEvents(rows), next, nil
}

// EventsForStaff lists all events, cancelled and past ones too, latest start first.
func (s *Store) EventsForStaff(ctx context.Context, limit int) ([]event.Event, error) {
	rows, err := s.read.NewestEvents(ctx, int64(limit))
	if err != nil {
		return nil, fail("list events", err)
	}
	return toEvents(rows), nil
}

// lockEvent takes the event's row for this transaction and reads it.
func lockEvent(ctx context.Context, q *sqlgen.Queries, id string) (event.Event, error) {
	row, err := q.LockEvent(ctx, id)
	if err != nil {
		return event.Event{}, missing("lock event "+id, err, event.ErrNotFound)
	}
	return toEvent(row), nil
}

// A cursor names the last event of a page; it stays right when events come and go.
func cursor(last sqlgen.Event) string {
	return base64.RawURLEncoding.EncodeToString([]byte(last.StartsAt.UTC().Format(time.RFC3339Nano) + " " + last.ID))
}

func readCursor(text string) (start time.Time, id string, err error) {
	if text == "" {
		return time.Time{}, "", nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(text)
	at, id, ok := strings.Cut(string(raw), " ")
	if err == nil && ok && storable(id) {
		if start, err = time.Parse(time.RFC3339Nano, at); err == nil {
			return stamp(start), id, nil
		}
	}
	return time.Time{}, "", event.Problems{{Field: "after", Code: event.CodeUnknown}}
}
