package outreach_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lyceum/server/event"
	"lyceum/server/outreach"
)

var update = flag.Bool("update", false, "write the golden calendar anew")

// startsAt is an event of one hour at a local time.
func startsAt(t *testing.T, local, zone string) event.Event {
	t.Helper()
	place, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	start, err := time.ParseInLocation("2006-01-02 15:04", local, place)
	if err != nil {
		t.Fatal(err)
	}
	return event.Event{ID: "e", StartsAt: start.UTC(), EndsAt: start.Add(time.Hour).UTC(), TimeZone: zone, Status: event.Scheduled}
}

// A week and a day before mean the same time on the wall, whatever the clocks do in between; an hour before is sixty minutes.
func TestTheCalendar(t *testing.T) {
	var out strings.Builder
	for _, row := range []struct{ rule, local, zone string }{
		{"an ordinary week in winter", "2026-11-24 18:00", "Europe/Berlin"},
		{"the clocks go forward the night before", "2027-03-28 18:00", "Europe/Berlin"},
		{"the clocks go back the night before", "2026-10-25 18:00", "Europe/Berlin"},
		{"the clocks go forward in the week before", "2027-04-01 18:00", "Europe/Berlin"},
		{"an hour before lies before the clocks go forward", "2027-03-28 03:30", "Europe/Berlin"},
		{"the day before has no such time: the clock jumps over it", "2027-03-29 02:30", "Europe/Berlin"},
		{"the week before has no such time", "2027-04-04 02:30", "Europe/Berlin"},
		{"the day before has such a time twice", "2026-10-26 02:30", "Europe/Berlin"},
		{"the clocks go forward in Chicago", "2027-03-14 19:00", "America/Chicago"},
		{"the clocks go back in Chicago", "2026-11-01 19:00", "America/Chicago"},
		{"the south: summer time begins in October", "2026-10-04 18:00", "Australia/Sydney"},
		{"a change of half an hour", "2027-04-04 10:00", "Australia/Lord_Howe"},
		{"a zone without changes and with half an hour", "2026-10-25 18:00", "Asia/Kolkata"},
		{"a day before is the leap day", "2028-03-01 18:00", "Europe/London"},
		{"on the leap day", "2028-02-29 18:00", "Europe/London"},
		{"a week over the leap day", "2028-03-06 18:00", "Europe/London"},
		{"a week before without a leap day", "2027-03-06 18:00", "Europe/London"},
		{"the first of January", "2027-01-01 00:30", "Pacific/Auckland"},
	} {
		e := startsAt(t, row.local, row.zone)
		place, _ := time.LoadLocation(row.zone)
		fmt.Fprintf(&out, "%s\n  %-6s %s  %s\n", row.rule, "start", e.StartsAt.In(place).Format("Mon 2006-01-02 15:04 -07:00"), row.zone)
		for _, m := range outreach.Moments() {
			due := outreach.Due(e, m)
			fmt.Fprintf(&out, "  %-6s %s  %s ahead\n", m, due.In(place).Format("Mon 2006-01-02 15:04 -07:00"), e.StartsAt.Sub(due))
		}
	}
	const path = "testdata/calendar.txt"
	if *update {
		if err := os.WriteFile(path, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), out.String()); diff != "" {
		t.Errorf("%s differs; read it, then run with -update\n%s", path, diff)
	}
}

// Every start in two years, three hours apart: the moments come in order, before the start, at the start's own time on the wall
// unless that day has no such time.
func TestMomentsKeepTheWallClockAllYear(t *testing.T) {
	for _, zone := range []string{"Europe/Berlin", "Australia/Lord_Howe"} {
		place, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		e := event.Event{TimeZone: zone, Status: event.Scheduled}
		for start := time.Date(2027, 1, 1, 0, 30, 0, 0, time.UTC); start.Year() < 2029; start = start.Add(3 * time.Hour) {
			e.StartsAt = start
			week, day, hour := outreach.Due(e, outreach.Week), outreach.Due(e, outreach.Day), outreach.Due(e, outreach.Hour)
			if !week.Before(day) || !day.Before(hour) || hour.Add(time.Hour) != start {
				t.Fatalf("%s %v: %v, %v, %v", zone, start, week, day, hour)
			}
			for _, due := range []time.Time{week, day} {
				wall, want := due.In(place), start.In(place)
				exists := time.Date(wall.Year(), wall.Month(), wall.Day(), want.Hour(), want.Minute(), 0, 0, place)
				if exists.Hour() == want.Hour() && exists.Minute() == want.Minute() && (wall.Hour() != want.Hour() || wall.Minute() != want.Minute()) {
					t.Fatalf("%s %v: due at %v", zone, want, wall)
				}
			}
		}
	}
}

func TestTimely(t *testing.T) {
	e := startsAt(t, "2026-12-01 18:00", "Europe/Berlin")
	off := e
	off.Status = event.Cancelled
	before := func(d time.Duration) time.Time { return e.StartsAt.Add(-d) }
	const day = 24 * time.Hour
	for _, row := range []struct {
		rule   string
		event  event.Event
		moment outreach.Moment
		now    time.Time
		want   bool
	}{
		{"a week before, on time", e, outreach.Week, before(7 * day), true},
		{"a second too early", e, outreach.Week, before(7*day + time.Second), false},
		{"three days late, still before the next moment", e, outreach.Week, before(4 * day), true},
		{"the week's reminder when the day's is due", e, outreach.Week, before(day), false},
		{"the day's reminder some hours late", e, outreach.Day, before(2 * time.Hour), true},
		{"the day's reminder when the hour's is due", e, outreach.Day, before(time.Hour), false},
		{"the hour's reminder half an hour late", e, outreach.Hour, before(30 * time.Minute), true},
		{"at the start nobody is reminded", e, outreach.Hour, e.StartsAt, false},
		{"a week late", e, outreach.Hour, before(-7 * day), false},
		{"a cancelled event reminds nobody", off, outreach.Hour, before(30 * time.Minute), false},
	} {
		if got := outreach.Timely(row.event, row.moment, row.now); got != row.want {
			t.Errorf("%s: %v", row.rule, got)
		}
	}
}

func TestEveryMomentHasAMailOfItsOwn(t *testing.T) {
	for _, m := range outreach.Moments() {
		if back, ok := outreach.MomentOf(m.Mail()); !ok || back != m {
			t.Errorf("the mail of %s is of %s (%v)", m, back, ok)
		}
	}
	if _, ok := outreach.MomentOf("mail.registration"); ok || outreach.Moment("month").Mail() != "" {
		t.Error("a moment that is none")
	}
}
