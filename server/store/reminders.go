package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"lyceum/server/event"
	"lyceum/server/outreach"
	"lyceum/server/store/sqlgen"
)

const (
	// fanOutChunk is how many recipients one transaction of a fan-out serves, so that
	// nobody else's write waits long.
	fanOutChunk = 500
	// reissueFor is how far back the loss of the bus can matter: a mail is tried for two
	// days, so an older one has its outcome.
	reissueFor = 72 * time.Hour
)

// ErrEarly is the error of a fan-out that is asked for before its time.
var ErrEarly = errors.New("store: the reminder is not due yet")

// ReviseReminders compares every event that has not begun with its reminders and
// writes what differs: events that came from elsewhere or from before reminders
// existed, and due times that a new rule of a time zone moved. It returns the number of
// events that changed.
func (s *Store) ReviseReminders(ctx context.Context, now time.Time) (int, error) {
	now = stamp(now)
	events, err := s.read.EventsAhead(ctx, now)
	if err != nil {
		return 0, fail("list events ahead", err)
	}
	rows, err := s.read.RemindersAhead(ctx, now)
	if err != nil {
		return 0, fail("list reminders ahead", err)
	}
	standing := map[string][]outreach.Reminder{}
	for _, row := range rows {
		standing[row.EventID] = append(standing[row.EventID], toReminder(row))
	}
	changed := 0
	for _, row := range events {
		if len(outreach.Revise(toEvent(row), standing[row.ID], now)) == 0 {
			continue
		}
		changed++
		err := s.write(ctx, row.ID, func(ctx context.Context, q *sqlgen.Queries) error {
			e, err := lockEvent(ctx, q, row.ID)
			if err != nil {
				return err
			}
			return reviseReminders(ctx, q, e, now)
		})
		if err != nil {
			return changed, err
		}
	}
	return changed, nil
}

// reviseReminders makes the reminders of a locked event fit it.
func reviseReminders(ctx context.Context, q *sqlgen.Queries, e event.Event, now time.Time) error {
	rows, err := q.RemindersOfEvent(ctx, e.ID)
	if err != nil {
		return fail("read the reminders of event "+e.ID, err)
	}
	standing := make([]outreach.Reminder, len(rows))
	for i, row := range rows {
		standing[i] = toReminder(row)
	}
	for _, r := range outreach.Revise(e, standing, now) {
		err := q.SaveReminder(ctx, sqlgen.SaveReminderParams{
			EventID: r.EventID, Moment: string(r.Moment), DueAt: stamp(r.Due), State: string(r.State), Version: r.Version,
		})
		if err != nil {
			return fail("save a reminder of event "+e.ID, err)
		}
	}
	return nil
}

// Reminders lists the reminders of one event, in no order.
func (s *Store) Reminders(ctx context.Context, eventID string) ([]outreach.Reminder, error) {
	return reminders(s.read.RemindersOfEvent(ctx, eventID))
}

// PlannedReminders lists every reminder that is still to come or overdue, by due time.
func (s *Store) PlannedReminders(ctx context.Context) ([]outreach.Reminder, error) {
	return reminders(s.read.PlannedReminders(ctx))
}

// UnscheduledReminders lists up to limit reminders whose newest version the bus has not
// heard of: planned ones to schedule, all others to take off.
func (s *Store) UnscheduledReminders(ctx context.Context, limit int) ([]outreach.Reminder, error) {
	return reminders(s.read.UnscheduledReminders(ctx, int64(limit)))
}

func reminders(rows []sqlgen.Reminder, err error) ([]outreach.Reminder, error) {
	if err != nil {
		return nil, fail("list reminders", err)
	}
	out := make([]outreach.Reminder, len(rows))
	for i, row := range rows {
		out[i] = toReminder(row)
	}
	return out, nil
}

// ReminderScheduled records that the bus has these very versions.
func (s *Store) ReminderScheduled(ctx context.Context, done []outreach.Reminder) error {
	if len(done) == 0 {
		return nil
	}
	return s.write(ctx, "", func(ctx context.Context, q *sqlgen.Queries) error {
		for _, r := range done {
			err := q.ReminderScheduled(ctx, sqlgen.ReminderScheduledParams{EventID: r.EventID, Moment: string(r.Moment), Version: r.Version})
			if err != nil {
				return fail("mark a reminder of event "+r.EventID, err)
			}
		}
		return nil
	})
}

// FanOutReminder writes the mails of a due reminder for the next 500 of those who have a
// seat at this moment; more tells that there may be others, so call it again. The mail's
// id follows from event, moment, version and registration: however often and wherever
// this runs, one row each. Of a reminder that is not planned in this version any more
// nothing is written; one that comes too late is skipped. The error is ErrEarly before
// the due time.
func (s *Store) FanOutReminder(ctx context.Context, r outreach.Reminder, now time.Time) (more bool, err error) {
	now = stamp(now)
	err = s.write(ctx, r.EventID, func(ctx context.Context, q *sqlgen.Queries) (err error) {
		more, err = fanOut(ctx, q, r, now)
		return err
	})
	return more, err
}

func fanOut(ctx context.Context, q *sqlgen.Queries, asked outreach.Reminder, now time.Time) (more bool, err error) {
	e, err := lockEvent(ctx, q, asked.EventID)
	if errors.Is(err, event.ErrNotFound) {
		return false, nil
	} else if err != nil {
		return false, err
	}
	row, err := q.GetReminder(ctx, sqlgen.GetReminderParams{EventID: asked.EventID, Moment: string(asked.Moment)})
	if classify(err) == absent {
		return false, nil
	} else if err != nil {
		return false, fail("read a reminder of event "+e.ID, err)
	}
	r := toReminder(row)
	switch {
	case r.State != outreach.Planned || r.Version != asked.Version:
		return false, nil
	case r.Due.After(now):
		return false, ErrEarly
	case row.Reached == 0 && !outreach.Timely(e, r.Moment, now):
		return false, reached(ctx, q, r, 0, outreach.Skipped)
	}
	people, err := q.SeatedAfter(ctx, sqlgen.SeatedAfterParams{EventID: e.ID, After: row.Reached, Page: fanOutChunk})
	if err != nil {
		return false, fail("list who has a seat at event "+e.ID, err)
	}
	last := row.Reached
	for _, p := range people {
		if err := remind(ctx, q, r, p.ID, now); err != nil {
			return false, err
		}
		last = p.Queue
	}
	if len(people) == fanOutChunk {
		return true, reached(ctx, q, r, last, outreach.Planned)
	}
	return false, reached(ctx, q, r, last, outreach.FannedOut)
}

func reached(ctx context.Context, q *sqlgen.Queries, r outreach.Reminder, queue int64, state outreach.State) error {
	return fail("note how far a reminder of event "+r.EventID+" is", q.ReminderReached(ctx, sqlgen.ReminderReachedParams{
		EventID: r.EventID, Moment: string(r.Moment), Reached: queue, State: string(state),
	}))
}

// reminderSpace makes the ids of reminder mails differ from all other name-based ones.
var reminderSpace = uuid.MustParse("5b1f6a52-3a0e-4f6c-9d0a-7d7d2f0c1c11")

// remind writes one reminder mail, unless this very one was written before.
func remind(ctx context.Context, q *sqlgen.Queries, r outreach.Reminder, registrationID string, now time.Time) error {
	body, err := json.Marshal(payload{Registration: registrationID, Event: r.EventID})
	if err != nil {
		return fail("encode an outbox row", err)
	}
	id := uuid.NewSHA1(reminderSpace, fmt.Appendf(nil, "%s %s %d %s", r.EventID, r.Moment, r.Version, registrationID))
	return fail("add a reminder to the outbox", q.AddOutboxOnce(ctx, sqlgen.AddOutboxOnceParams{
		ID: id.String(), Kind: r.Moment.Mail(), Payload: string(body), Recipient: uncounted, CreatedAt: now, DueAt: now,
	}))
}

// Reissue compares the bus's incarnation with the one that took what the outbox handed
// on. When it is another, the bus has lost its memory: every row of the last days that
// was handed on and not sent is put back, to go out again under its old id. It returns
// their number.
func (s *Store) Reissue(ctx context.Context, incarnation string, now time.Time) (int64, error) {
	const name = "bus"
	var rows int64 // read only after a write that was waited for to its end
	known, err := s.read.BusIncarnation(ctx, name)
	if err == nil && known == incarnation {
		return 0, nil
	}
	now = stamp(now)
	err = s.write(ctx, "", func(ctx context.Context, q *sqlgen.Queries) error {
		rows = 0
		switch known, err := q.BusIncarnation(ctx, name); {
		case err == nil && known == incarnation:
			return nil // another node was faster
		case err != nil && classify(err) != absent:
			return fail("read the bus's incarnation", err)
		}
		if err := q.SetBusIncarnation(ctx, sqlgen.SetBusIncarnationParams{Name: name, Incarnation: incarnation}); err != nil {
			return fail("set the bus's incarnation", err)
		}
		var err error
		rows, err = q.ReissueOutbox(ctx, sql.NullTime{Time: now.Add(-reissueFor), Valid: true})
		return fail("reissue the outbox", err)
	})
	if err != nil {
		return 0, err
	}
	return rows, nil
}

func toReminder(r sqlgen.Reminder) outreach.Reminder {
	return outreach.Reminder{
		EventID: r.EventID, Moment: outreach.Moment(r.Moment), Due: r.DueAt.UTC(), State: outreach.State(r.State), Version: r.Version,
	}
}
