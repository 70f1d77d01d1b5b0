// Package outreach holds the rules of reminding: which moments before an event its
// registered patrons hear from the library, and what becomes of those moments when
// the event moves or is called off.
//
// Due says when a moment is, Revise compares what is planned with what the event asks
// for now, and Timely says whether a mail of that moment still makes sense. Everything
// takes the present moment as an argument, so a year of reminders can be tried in a
// test. The package knows no database, no queue and no clock: the store keeps one row
// an event and moment, the bus wakes us when it is due, and the recipients are looked
// up only then, so a late registration gets what is still ahead by itself.
package outreach

import (
	"time"

	"lyceum/server/event"
)

// Moment is a time before an event at which everybody with a seat is reminded.
type Moment string

// The moments, the earliest first.
const (
	Week Moment = "week"
	Day  Moment = "day"
	Hour Moment = "hour"
)

// Moments lists every moment, the earliest first.
func Moments() []Moment { return []Moment{Week, Day, Hour} }

// Kinds of mail that the library sends by itself, not in answer to a patron.
const (
	MailReminderWeek   = "mail.reminder-week"
	MailReminderDay    = "mail.reminder-day"
	MailReminderHour   = "mail.reminder-hour"
	MailEventChanged   = "mail.event-changed"
	MailEventCancelled = "mail.event-cancelled"
)

// Mail is the kind of mail that goes out at m, or "" for a moment that is none.
func (m Moment) Mail() string {
	switch m {
	case Week:
		return MailReminderWeek
	case Day:
		return MailReminderDay
	case Hour:
		return MailReminderHour
	}
	return ""
}

// MomentOf is the moment whose mail has that kind; ok is false for other mails.
func MomentOf(kind string) (m Moment, ok bool) {
	for _, m := range Moments() {
		if m.Mail() == kind {
			return m, true
		}
	}
	return "", false
}

// Due is when m is, for an event that starts as e does. A week and a day before mean
// the same time on the wall clock of the event's zone, also when the clocks change in
// between: people plan by the clock. An hour before is sixty minutes. Of a wall time that
// comes twice one is taken, and one that a change of clocks skips becomes the time next to
// the gap; testdata/calendar.txt shows both.
func Due(e event.Event, m Moment) time.Time {
	zone, err := time.LoadLocation(e.TimeZone)
	if err != nil {
		zone = time.UTC
	}
	start := e.StartsAt.In(zone)
	switch m {
	case Week:
		return start.AddDate(0, 0, -7).UTC()
	case Day:
		return start.AddDate(0, 0, -1).UTC()
	}
	return start.Add(-time.Hour).UTC()
}

// Timely reports whether a reminder of moment m may go out at now: the event will take
// place and has not begun, m has come, and no later moment has. So work that lay about
// for a week (a stopped server, a queue that came back) reminds nobody of the past, and
// nobody gets the reminders of a week, a day and an hour in one minute.
func Timely(e event.Event, m Moment, now time.Time) bool {
	if e.Status != event.Scheduled || !now.Before(e.StartsAt) || now.Before(Due(e, m)) {
		return false
	}
	for _, other := range Moments() {
		if due := Due(e, other); due.After(Due(e, m)) && !now.Before(due) {
			return false
		}
	}
	return true
}
