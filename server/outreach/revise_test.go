package outreach_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"lyceum/server/event"
	"lyceum/server/outreach"
)

const day = 24 * time.Hour

// say writes reminders in one line: "day planned 1".
func say(reminders []outreach.Reminder) string {
	words := make([]string, len(reminders))
	for i, r := range reminders {
		words[i] = fmt.Sprintf("%s %s %d", r.Moment, r.State, r.Version)
	}
	return strings.Join(words, ", ")
}

// apply is what the store does with an answer of Revise.
func apply(standing, changed []outreach.Reminder) []outreach.Reminder {
	out := append([]outreach.Reminder{}, standing...)
	for _, c := range changed {
		found := false
		for i := range out {
			if out[i].Moment == c.Moment {
				out[i], found = c, true
			}
		}
		if !found {
			out = append(out, c)
		}
	}
	return out
}

// Each row lives through a story: an event that starts in some time is planned, then something happens, and the answer of
// Revise is what must be written.
func TestRevise(t *testing.T) {
	now := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
	sent := func(m outreach.Moment) func(*event.Event, []outreach.Reminder) {
		return func(_ *event.Event, rs []outreach.Reminder) {
			for i := range rs {
				if rs[i].Moment == m {
					rs[i].State = outreach.FannedOut
				}
			}
		}
	}
	move := func(by time.Duration) func(*event.Event, []outreach.Reminder) {
		return func(e *event.Event, _ []outreach.Reminder) {
			e.StartsAt, e.EndsAt = e.StartsAt.Add(by), e.EndsAt.Add(by)
		}
	}
	off := func(e *event.Event, _ []outreach.Reminder) { e.Status = event.Cancelled }
	longer := func(e *event.Event, _ []outreach.Reminder) { e.EndsAt = e.EndsAt.Add(time.Hour) }
	type then []func(*event.Event, []outreach.Reminder)
	for _, row := range []struct {
		rule   string
		ahead  time.Duration // from now to the start
		then   then
		at     time.Duration // from now to the second look
		first  string
		second string
	}{
		{"far ahead all moments are planned", 30 * day, nil, 0, "week planned 1, day planned 1, hour planned 1", ""},
		{"a moment already past is skipped", 3 * day, nil, 0, "week skipped 1, day planned 1, hour planned 1", ""},
		{"the last hour has none left", 30 * time.Minute, nil, 0, "week skipped 1, day skipped 1, hour skipped 1", ""},
		{"an event that has begun has none", -time.Minute, nil, 0, "week skipped 1, day skipped 1, hour skipped 1", ""},
		{"moved to later, all are planned anew", 30 * day, then{move(day)}, 0, "week planned 1, day planned 1, hour planned 1", "week planned 2, day planned 2, hour planned 2"},
		{"moved close, what is past by then is cancelled", 30 * day, then{move(-28 * day)}, 0, "week planned 1, day planned 1, hour planned 1", "week cancelled 2, day planned 2, hour planned 2"},
		{"moved away after a reminder, it comes again for the new time", 8 * day, then{sent(outreach.Week), move(30 * day)}, 2 * day, "week planned 1, day planned 1, hour planned 1", "week planned 2, day planned 2, hour planned 2"},
		{"moved a little after a reminder, that one stays sent", 8 * day, then{sent(outreach.Week), move(time.Hour)}, 2 * day, "week planned 1, day planned 1, hour planned 1", "week fanned-out 2, day planned 2, hour planned 2"},
		{"a skipped moment is planned when the event moves away", 3 * day, then{move(30 * day)}, 0, "week skipped 1, day planned 1, hour planned 1", "week planned 2, day planned 2, hour planned 2"},
		{"longer changes nothing", 30 * day, then{longer}, 0, "week planned 1, day planned 1, hour planned 1", ""},
		{"longer does not disturb a reminder that is just due", 8 * day, then{longer}, day + time.Second, "week planned 1, day planned 1, hour planned 1", ""},
		{"cancelled, what is planned is cancelled", 8 * day, then{sent(outreach.Week), off}, 2 * day, "week planned 1, day planned 1, hour planned 1", "day cancelled 2, hour cancelled 2"},
		{"moved and back again, all are planned", 30 * day, then{move(day), move(-day)}, 0, "week planned 1, day planned 1, hour planned 1", ""},
	} {
		e := event.Event{ID: "e", StartsAt: now.Add(row.ahead), EndsAt: now.Add(row.ahead + time.Hour), TimeZone: "Europe/Berlin", Status: event.Scheduled}
		changed := outreach.Revise(e, nil, now)
		if got := say(changed); got != row.first {
			t.Errorf("%s: at first %s, want %s", row.rule, got, row.first)
		}
		standing := apply(nil, changed)
		for _, step := range row.then {
			step(&e, standing)
		}
		changed = outreach.Revise(e, standing, now.Add(row.at))
		if got := say(changed); got != row.second {
			t.Errorf("%s: then %s, want %s", row.rule, got, row.second)
		}
		if again := outreach.Revise(e, apply(standing, changed), now.Add(row.at)); again != nil {
			t.Errorf("%s: a second look changes %s", row.rule, say(again))
		}
	}
}

func TestTells(t *testing.T) {
	now := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
	at := func(start, end time.Duration) event.Event {
		return event.Event{StartsAt: now.Add(start), EndsAt: now.Add(end), Status: event.Scheduled}
	}
	const h = time.Hour
	for _, row := range []struct {
		rule          string
		before, after event.Event
		want          bool
	}{
		{"a new start is news", at(h, 2*h), at(3*h, 4*h), true},
		{"nothing changed is none", at(h, 2*h), at(h, 2*h), false},
		{"a new end is news before the start", at(h, 2*h), at(h, 3*h), true},
		{"a new end is none while the event is on", at(-h, h), at(-h, 2*h), false},
		{"what is over stays over", at(-3*h, -2*h), at(-4*h, -h), false},
		{"what was over is held again", at(-3*h, -2*h), at(h, 2*h), true},
	} {
		if got := outreach.Tells(row.before, row.after, now); got != row.want {
			t.Errorf("%s: %v", row.rule, got)
		}
	}
}
