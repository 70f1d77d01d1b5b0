package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"lyceum/server/outreach"
)

// ReminderStore is what reminding needs of the store; package store says what each call promises.
type ReminderStore interface {
	ReviseReminders(ctx context.Context, now time.Time) (events int, err error)
	PlannedReminders(ctx context.Context) ([]outreach.Reminder, error)
	UnscheduledReminders(ctx context.Context, limit int) ([]outreach.Reminder, error)
	ReminderScheduled(ctx context.Context, done []outreach.Reminder) error
	FanOutReminder(ctx context.Context, r outreach.Reminder, now time.Time) (more bool, err error)
	Reissue(ctx context.Context, incarnation string, now time.Time) (rows int64, err error)
}

// Scheduler is the alarm clock on the bus: a plan of the same name replaces the one before, and one that is past comes up
// at once. Incarnation names the bus's memory; another name means that it was lost.
type Scheduler interface {
	Schedule(ctx context.Context, name, key string, at time.Time, data []byte) error
	Unschedule(ctx context.Context, name string) error
	Schedules(ctx context.Context) (map[string]string, error)
	Incarnation(ctx context.Context) (string, error)
}

// Alarm is what a schedule carries: ids only. Whether it still counts is in SQL.
type Alarm struct {
	Event   string          `json:"event"`
	Moment  outreach.Moment `json:"moment"`
	Version int64           `json:"version"`
	Due     time.Time       `json:"due"`
}

const (
	compareEvery  = time.Minute
	compareAtMost = 50 * time.Second
	// firing is how long a plan that has come up may be on its way to us before a look at the rows takes it for lost.
	firing = 20 * time.Second
)

// Reminders keeps the bus's schedules equal to the rows in SQL, and turns a due one into mails. Any number of nodes may do
// both: whatever happens twice happens to the same names and ids.
type Reminders struct {
	store ReminderStore
	bus   Scheduler
	poke  func() // tells the relay that there are outbox rows
	now   func() time.Time
	log   *slog.Logger
	pokes chan struct{} // one place: a poke while one waits adds nothing
}

// NewReminders makes the task; schedules are kept while Run runs, and Due is for the bus's consumer. poke is called when
// mails were written to the outbox.
func NewReminders(store ReminderStore, bus Scheduler, poke func(), now func() time.Time, log *slog.Logger) *Reminders {
	return &Reminders{store: store, bus: bus, poke: poke, now: now, log: log, pokes: make(chan struct{}, 1)}
}

// Poke says that a commit may have changed events. It never blocks and may be called at any time.
func (r *Reminders) Poke() {
	select {
	case r.pokes <- struct{}{}:
	default:
	}
}

// Run compares everything at once and then every minute, and passes changed reminders on after every poke and once a
// second (the command line changes events too), until ctx ends.
func (r *Reminders) Run(ctx context.Context) {
	compared := time.Time{} // the monotonic clock: a jump of the wall clock must not put it off
	backing := time.Duration(0)
	for ctx.Err() == nil {
		var err error
		if compared.IsZero() || time.Since(compared) >= compareEvery {
			if err = r.Compare(ctx); err == nil {
				compared = time.Now()
			}
		} else {
			err = r.pass(ctx)
		}
		if err != nil && ctx.Err() == nil {
			backing = min(max(2*backing, idle), backOffMost)
			r.log.Warn("jobs: reminders wait", "again_in", backing, "err", err)
			pause(ctx, backing, nil)
			continue
		}
		backing = 0
		pause(ctx, idle, r.pokes)
	}
}

// Compare makes the bus agree with SQL, whatever was lost on the way: rows that an event lacks, mails that a bus without
// memory has forgotten, schedules that are missing, outdated or without a row.
func (r *Reminders) Compare(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, compareAtMost)
	defer cancel()
	if _, err := r.store.ReviseReminders(ctx, r.now()); err != nil {
		return fmt.Errorf("jobs: revise reminders: %w", err)
	}
	incarnation, err := r.bus.Incarnation(ctx)
	if err != nil {
		return fmt.Errorf("jobs: compare reminders: %w", err)
	}
	if rows, err := r.store.Reissue(ctx, incarnation, r.now()); err != nil {
		return fmt.Errorf("jobs: reissue the outbox: %w", err)
	} else if rows > 0 {
		r.log.Warn("jobs: the bus lost its memory, mails in flight go out again", "mails", rows)
		r.poke()
	}
	// First the bus, then the rows: whatever the bus has was committed before, so a plan without a row is really without.
	have, err := r.bus.Schedules(ctx)
	if err != nil {
		return fmt.Errorf("jobs: compare reminders: %w", err)
	}
	rows, err := r.store.PlannedReminders(ctx)
	if err != nil {
		return fmt.Errorf("jobs: compare reminders: %w", err)
	}
	var missing []outreach.Reminder
	for _, row := range rows {
		key, has := have[nameOf(row)]
		delete(have, nameOf(row))
		late := r.now().Sub(row.Due)
		if !has && late > 0 && late < firing {
			continue // it has just come up
		}
		if !has || key != keyOf(row) {
			missing = append(missing, row)
		}
	}
	for name := range have {
		if err := r.bus.Unschedule(ctx, name); err != nil {
			return fmt.Errorf("jobs: take a reminder off: %w", err)
		}
	}
	if err := r.schedule(ctx, missing); err != nil {
		return err
	}
	return r.pass(ctx)
}

// pass tells the bus of every reminder that it has not heard of in its newest version.
func (r *Reminders) pass(ctx context.Context) error {
	for {
		ask, cancel := context.WithTimeout(ctx, roundAtMost)
		rows, err := r.store.UnscheduledReminders(ask, batch)
		if err == nil {
			err = r.schedule(ask, rows)
		}
		cancel()
		if err != nil || len(rows) < batch {
			return err
		}
	}
}

func (r *Reminders) schedule(ctx context.Context, rows []outreach.Reminder) error {
	for i, row := range rows {
		err := r.tell(ctx, row)
		if err != nil || (i+1)%batch == 0 || i+1 == len(rows) {
			done := rows[i/batch*batch : i]
			if err == nil {
				done = rows[i/batch*batch : i+1]
			}
			if noted := r.store.ReminderScheduled(ctx, done); noted != nil {
				err = errors.Join(err, fmt.Errorf("jobs: note scheduled reminders: %w", noted))
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *Reminders) tell(ctx context.Context, row outreach.Reminder) error {
	if row.State != outreach.Planned {
		return r.bus.Unschedule(ctx, nameOf(row))
	}
	data, err := json.Marshal(Alarm{Event: row.EventID, Moment: row.Moment, Version: row.Version, Due: row.Due})
	if err != nil {
		return fmt.Errorf("jobs: encode a reminder of event %s: %w", row.EventID, err)
	}
	return r.bus.Schedule(ctx, nameOf(row), keyOf(row), row.Due, data)
}

// nameOf is the plan's name on the bus: an event and a moment have one.
func nameOf(r outreach.Reminder) string { return r.EventID + "." + string(r.Moment) }

// keyOf tells plans of one name apart.
func keyOf(r outreach.Reminder) string {
	return fmt.Sprintf("%s.%d.%s", nameOf(r), r.Version, r.Due.UTC().Format(time.RFC3339))
}

// EarlyError says that an alarm rang before its time, by our clock.
type EarlyError struct{ Wait time.Duration }

func (e *EarlyError) Error() string { return "jobs: a reminder is not due for " + e.Wait.String() }

// ErrAlarm is the error of an alarm that cannot be read and never will be.
var ErrAlarm = errors.New("jobs: an alarm that cannot be read")

// Due writes the mails of a reminder that has come up. It may be called any number of times with the same alarm, in any
// order and by any node, also for one that was moved or called off since: only what the rows say now happens, once a
// recipient. The errors are *EarlyError (call again then), ErrAlarm, or a passing fault of the store.
func (r *Reminders) Due(ctx context.Context, data []byte) error {
	var a Alarm
	if err := json.Unmarshal(data, &a); err != nil || a.Event == "" || a.Moment.Mail() == "" || strings.ContainsAny(a.Event, " .*>") {
		return ErrAlarm
	}
	if wait := a.Due.Sub(r.now()); wait > 0 {
		return &EarlyError{Wait: wait}
	}
	row := outreach.Reminder{EventID: a.Event, Moment: a.Moment, Version: a.Version, Due: a.Due}
	for more := true; more; {
		var err error
		if more, err = r.store.FanOutReminder(ctx, row, r.now()); err != nil {
			return fmt.Errorf("jobs: fan out the %s reminder of event %s: %w", a.Moment, a.Event, err)
		}
		r.poke()
	}
	return nil
}
