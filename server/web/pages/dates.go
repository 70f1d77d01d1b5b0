package pages

import (
	"strings"
	"time"
)

// The reference reads dates with English month names from the standard library; other languages bring their own names
// with their own catalogue, so names are looked up there and not formatted by package time.

// zone answers the place whose wall clock counts for an event: the event's own, else the site's, else UTC.
func (s *Site) zone(name string) *time.Location {
	if name != "" {
		if loc, err := time.LoadLocation(name); err == nil {
			return loc
		}
	}
	return s.location()
}

func (s *Site) weekday(t time.Time) string {
	return nth(s.texts.text("public.date.weekdays"), int(t.Weekday()))
}

func (s *Site) month(t time.Time) string {
	return nth(s.texts.text("public.date.months"), int(t.Month())-1)
}

// longDate reads "Tuesday 24 November 2026".
func (s *Site) longDate(t time.Time) string {
	return s.texts.text("public.date.long", "weekday", s.weekday(t), "day", t.Day(), "month", s.month(t), "year", t.Year())
}

// dayDate reads "24 November".
func (s *Site) dayDate(t time.Time) string {
	return s.texts.text("public.date.day", "day", t.Day(), "month", s.month(t))
}

// hours reads "18:00 to 19:00"; an end on another day says which.
func (s *Site) hours(start, end time.Time) string {
	last := end.Format("15:04")
	if start.Format(time.DateOnly) != end.Format(time.DateOnly) {
		last = s.texts.text("public.date.end-day", "time", last, "day", s.dayDate(end))
	}
	return s.texts.text("public.date.hours", "start", start.Format("15:04"), "end", last)
}

// zoneName reads "Berlin time" for Europe/Berlin: the city is what people know, the abbreviation is not.
func (s *Site) zoneName(loc *time.Location) string {
	name := loc.String()
	if name == "UTC" || name == "Etc/UTC" {
		return s.texts.text("public.date.utc")
	}
	city := strings.ReplaceAll(name[strings.LastIndexByte(name, '/')+1:], "_", " ")
	return s.texts.text("public.date.zone", "city", city)
}

// week names the week that holds t, seen from now: weeks start on Monday, as in ISO 8601.
func (s *Site) week(t, now time.Time) string {
	monday := func(t time.Time) time.Time {
		back := (int(t.Weekday()) + 6) % 7
		return time.Date(t.Year(), t.Month(), t.Day()-back, 0, 0, 0, 0, t.Location())
	}
	first, current := monday(t), monday(now)
	switch {
	case t.Format(time.DateOnly) <= now.Format(time.DateOnly):
		return s.texts.text("public.week.today")
	case first.Equal(current):
		return s.texts.text("public.week.this")
	case first.Equal(current.AddDate(0, 0, 7)):
		return s.texts.text("public.week.next")
	}
	return s.texts.text("public.week.of", "day", s.dayDate(first))
}

// nth answers one word of a list in the catalogue, or "" for a list that is too short.
func nth(list string, i int) string {
	words := strings.Fields(list)
	if i >= len(words) {
		return ""
	}
	return words[i]
}
