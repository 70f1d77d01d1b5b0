package outreach

import (
	"time"

	"lyceum/server/event"
)

// State says what became of a planned moment.
type State string

// A moment is planned until its recipients have been looked up (fanned out), until the
// event no longer asks for it (cancelled), or until it was too late for it (skipped).
const (
	Planned   State = "planned"
	FannedOut State = "fanned-out"
	Cancelled State = "cancelled"
	Skipped   State = "skipped"
)

// Reminder is one moment of one event. Version rises with every change of the due time
// or of the state back to planned; what was set in motion for an older version counts
// no more.
type Reminder struct {
	EventID string
	Moment  Moment
	Due     time.Time // UTC
	State   State
	Version int64
}

// Revise returns the reminders of e that must be written so that they fit the event as
// it is at now; standing are those that exist, in any order. Nothing to do is nil.
//
// A moment still ahead is planned, also again when the event moved to a later day after
// the reminder went out: what people were told is no longer true. A moment already past
// is skipped when it is new, and cancelled when it was planned for a time that the event
// has left. A reminder whose due time stays as it is keeps its state, so a moment that is
// being worked on right now is not disturbed by a change of the event's length.
func Revise(e event.Event, standing []Reminder, now time.Time) []Reminder {
	old := make(map[Moment]Reminder, len(standing))
	for _, r := range standing {
		old[r.Moment] = r
	}
	var changed []Reminder
	for _, m := range Moments() {
		had, exists := old[m]
		want := revise(e, m, had, exists, now)
		if !exists || want.State != had.State || !want.Due.Equal(had.Due) {
			want.Version = had.Version + 1
			changed = append(changed, want)
		}
	}
	return changed
}

// revise says how one moment should stand; its version is the caller's business.
func revise(e event.Event, m Moment, had Reminder, exists bool, now time.Time) Reminder {
	due := Due(e, m)
	want := Reminder{EventID: e.ID, Moment: m, Due: due, State: had.State, Version: had.Version}
	ahead := due.After(now)
	moved := exists && !due.Equal(had.Due)
	switch {
	case e.Status != event.Scheduled:
		if exists {
			want.Due = had.Due
		}
		if !exists || had.State == Planned {
			want.State = Cancelled
		}
	case ahead && (!exists || moved || had.State != FannedOut):
		want.State = Planned
	case !exists:
		want.State = Skipped
	case moved && had.State == Planned:
		want.State = Cancelled
	}
	return want
}

// Tells reports whether a change of an event's time is news for those who hold a seat or
// wait. A new start is; a new end is as long as the event has not begun, after that who
// is there sees it. What is over before and after is no news.
func Tells(before, after event.Event, now time.Time) bool {
	switch {
	case before.Over(now) && after.Over(now):
		return false
	case !before.StartsAt.Equal(after.StartsAt):
		return true
	}
	return !before.EndsAt.Equal(after.EndsAt) && now.Before(before.StartsAt)
}
