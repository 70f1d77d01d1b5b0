package event

import "time"

// Move returns e as it would be with another start and length. Minutes of 0 keeps the
// length. The error is ErrCancelled for an event that was called off, or a Problems with
// the fields "startsAt" and "minutes", by the same rules as for a new event: what has
// begun may be moved while its new end lies ahead of now.
func (e Event) Move(startsAt time.Time, minutes int, now time.Time) (Event, error) {
	if e.Status == Cancelled {
		return Event{}, ErrCancelled
	}
	length := time.Duration(minutes) * time.Minute
	var ps Problems
	if minutes == 0 {
		length = e.EndsAt.Sub(e.StartsAt)
	} else if minutes < MinMinutes || minutes > MaxMinutes {
		ps.Add("minutes", CodeOutOfRange)
	}
	checkTimes(&ps, Draft{StartsAt: startsAt, Minutes: int(length / time.Minute), TimeZone: e.TimeZone}, now)
	if len(ps) > 0 {
		return Event{}, ps
	}
	e.StartsAt = startsAt.UTC().Truncate(time.Second)
	e.EndsAt = e.StartsAt.Add(length)
	return e, nil
}
