package jobs_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"testing"
	"time"

	"lyceum/server/jobs"
	"lyceum/server/outreach"
)

var morning = time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)

// shelf is a store of reminders; told is what the bus was said to know.
type shelf struct {
	rows    []outreach.Reminder
	told    map[string]int64
	parts   int // how many calls a fan-out takes
	calls   []string
	failing error
}

func (s *shelf) ReviseReminders(context.Context, time.Time) (int, error) { return 0, s.failing }

func (s *shelf) PlannedReminders(context.Context) (planned []outreach.Reminder, err error) {
	for _, r := range s.rows {
		if r.State == outreach.Planned {
			planned = append(planned, r)
		}
	}
	return planned, s.failing
}

func (s *shelf) UnscheduledReminders(context.Context, int) (news []outreach.Reminder, err error) {
	for _, r := range s.rows {
		if s.told[r.EventID] != r.Version {
			news = append(news, r)
		}
	}
	return news, s.failing
}

func (s *shelf) ReminderScheduled(_ context.Context, done []outreach.Reminder) error {
	for _, r := range done {
		s.told[r.EventID] = r.Version
	}
	return s.failing
}

func (s *shelf) FanOutReminder(_ context.Context, r outreach.Reminder, _ time.Time) (bool, error) {
	s.calls = append(s.calls, fmt.Sprintf("%s %s %d", r.EventID, r.Moment, r.Version))
	return len(s.calls) < s.parts, s.failing
}

func (s *shelf) Reissue(_ context.Context, incarnation string, _ time.Time) (int64, error) {
	s.calls = append(s.calls, "memory "+incarnation)
	return 1, s.failing
}

// clock is the alarm clock on the bus: plan name -> key.
type clock map[string]string

func (c clock) Schedule(_ context.Context, name, key string, _ time.Time, _ []byte) error {
	c[name] = key
	return nil
}

func (c clock) Unschedule(_ context.Context, name string) error {
	delete(c, name)
	return nil
}

func (c clock) Schedules(context.Context) (map[string]string, error) { return maps.Clone(c), nil }
func (c clock) Incarnation(context.Context) (string, error)          { return "m1", nil }

func row(event string, due time.Duration, state outreach.State, version int64) outreach.Reminder {
	return outreach.Reminder{EventID: event, Moment: outreach.Day, Due: morning.Add(due), State: state, Version: version}
}

// Whatever the bus has or lost, after a look it has what the rows say and nothing else.
func TestCompareMakesTheBusAgreeWithTheRows(t *testing.T) {
	s := &shelf{told: map[string]int64{"missing": 1, "outdated": 2, "right": 1, "firing": 1, "lost": 1, "off": 1}, rows: []outreach.Reminder{
		row("missing", time.Hour, outreach.Planned, 1), row("outdated", time.Hour, outreach.Planned, 2), row("right", time.Hour, outreach.Planned, 1),
		row("firing", -time.Second, outreach.Planned, 1), row("lost", -time.Minute, outreach.Planned, 1),
		row("off", time.Hour, outreach.Cancelled, 2), row("fresh", time.Hour, outreach.Planned, 1),
	}}
	const at, past = "2026-12-01T10:00:00Z", "2026-12-01T08:59:00Z"
	c := clock{"outdated.day": "outdated.day.1." + at, "right.day": "right.day.1." + at, "off.day": "x", "orphan.day": "x"}
	poked := 0
	r := jobs.NewReminders(s, c, func() { poked++ }, func() time.Time { return morning }, quiet())
	for range 2 {
		if err := r.Compare(t.Context()); err != nil {
			t.Fatal(err)
		}
		want := clock{
			"missing.day": "missing.day.1." + at, "outdated.day": "outdated.day.2." + at, "right.day": "right.day.1." + at,
			"lost.day": "lost.day.1." + past, "fresh.day": "fresh.day.1." + at,
		}
		if !maps.Equal(c, want) {
			t.Errorf("the bus has %v\nwant        %v", c, want)
		}
	}
	if len(s.told) != 7 || s.told["off"] != 2 || poked != 2 {
		t.Errorf("told %v, poked %d", s.told, poked)
	}
}

func TestAnAlarmFansOutToItsEndAndRefusesWhatItCannotBe(t *testing.T) {
	alarm := func(event string, moment outreach.Moment, due time.Duration) string {
		data, err := json.Marshal(jobs.Alarm{Event: event, Moment: moment, Version: 3, Due: morning.Add(due)})
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	broken := errors.New("locked")
	for _, c := range []struct {
		rule, data string
		failing    error
		calls      int
		wrong      func(error) bool
	}{
		{"due: until nobody is left", alarm("e", outreach.Day, 0), nil, 3, func(err error) bool { return err != nil }},
		{"early: it says how long to wait", alarm("e", outreach.Day, time.Hour), nil, 0, func(err error) bool {
			var early *jobs.EarlyError
			return !errors.As(err, &early) || early.Wait != time.Hour
		}},
		{"a store that does not answer", alarm("e", outreach.Day, 0), broken, 1, func(err error) bool { return !errors.Is(err, broken) }},
		{"no JSON", "{", nil, 0, func(err error) bool { return !errors.Is(err, jobs.ErrAlarm) }},
		{"no event", alarm("", outreach.Day, 0), nil, 0, func(err error) bool { return !errors.Is(err, jobs.ErrAlarm) }},
		{"no such moment", alarm("e", "month", 0), nil, 0, func(err error) bool { return !errors.Is(err, jobs.ErrAlarm) }},
	} {
		s := &shelf{parts: 3, failing: c.failing}
		r := jobs.NewReminders(s, clock{}, func() {}, func() time.Time { return morning }, quiet())
		if err := r.Due(t.Context(), []byte(c.data)); c.wrong(err) || len(s.calls) != c.calls {
			t.Errorf("%s: %v after %v", c.rule, err, s.calls)
		}
	}
}
