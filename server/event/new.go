package event

import (
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // time zones must load on machines without a zone database
	"unicode/utf8"
)

// Limits of a draft. Lengths count runes, not bytes.
const (
	MaxTitle       = 120
	MaxSummary     = 300
	MaxDescription = 20_000
	MaxSpeaker     = 120
	MaxBranch      = 120
	MinMinutes     = 5
	MaxMinutes     = 24 * 60
	MaxCapacity    = 100_000
)

// DefaultMinutes is how long an event lasts when the draft does not say.
const DefaultMinutes = 60

// Draft is an event as a person typed it. Audience, Format, Minutes and TimeZone
// may be left empty; New then takes General, Online, DefaultMinutes and UTC.
type Draft struct {
	Title, Summary, Description, Speaker, Branch string

	Kind     Kind
	Audience Audience
	Format   Format
	StartsAt time.Time
	Minutes  int
	TimeZone string
	Capacity int
}

// New makes a scheduled event with the given id out of a draft. The error, when
// there is one, is a Problems with everything that is wrong. An event that has
// begun may still be added while its end lies ahead of now. The slug is a
// proposal; the store adds a suffix when it is taken.
func New(id string, d Draft, now time.Time) (Event, error) {
	d = d.withDefaults()
	var ps Problems
	title := line(&ps, "title", d.Title, MaxTitle, true)
	summary := line(&ps, "summary", d.Summary, MaxSummary, false)
	speaker := line(&ps, "speaker", d.Speaker, MaxSpeaker, false)
	branch := line(&ps, "branch", d.Branch, MaxBranch, false)
	description := strings.TrimSpace(d.Description)
	if utf8.RuneCountInString(description) > MaxDescription {
		ps.Add("description", CodeTooLong)
	} else if !utf8.ValidString(description) || strings.ContainsRune(description, 0) {
		ps.Add("description", CodeBadText)
	}
	if d.Kind == "" {
		ps.Add("kind", CodeRequired)
	} else if !slices.Contains(Kinds(), d.Kind) {
		ps.Add("kind", CodeUnknown)
	}
	if !slices.Contains(Audiences(), d.Audience) {
		ps.Add("audience", CodeUnknown)
	}
	if !slices.Contains(Formats(), d.Format) {
		ps.Add("format", CodeUnknown)
	}
	if d.Minutes < MinMinutes || d.Minutes > MaxMinutes {
		ps.Add("minutes", CodeOutOfRange)
	}
	if d.Capacity < 1 || d.Capacity > MaxCapacity {
		ps.Add("capacity", CodeOutOfRange)
	}
	zone := checkTimes(&ps, d, now)
	if len(ps) > 0 {
		return Event{}, ps
	}
	starts := d.StartsAt.UTC().Truncate(time.Second)
	return Event{
		ID: id, Slug: Slug(title, starts.In(zone)),
		Title: title, Summary: summary, Description: description, Speaker: speaker, Branch: branch,
		Kind: d.Kind, Audience: d.Audience, Format: d.Format,
		StartsAt: starts, EndsAt: starts.Add(time.Duration(d.Minutes) * time.Minute), TimeZone: d.TimeZone,
		Capacity: d.Capacity, Status: Scheduled, CreatedAt: now.UTC().Truncate(time.Microsecond),
	}, nil
}

func (d Draft) withDefaults() Draft {
	if d.Audience == "" {
		d.Audience = General
	}
	if d.Format == "" {
		d.Format = Online
	}
	if d.Minutes == 0 {
		d.Minutes = DefaultMinutes
	}
	if d.TimeZone == "" {
		d.TimeZone = "UTC"
	}
	return d
}

// line checks a one-line text and returns it tidied.
func line(ps *Problems, field, text string, limit int, required bool) string {
	text, ok := Tidy(text)
	switch {
	case !ok:
		ps.Add(field, CodeBadText)
	case text == "" && required:
		ps.Add(field, CodeRequired)
	case utf8.RuneCountInString(text) > limit:
		ps.Add(field, CodeTooLong)
	}
	return text
}

func checkTimes(ps *Problems, d Draft, now time.Time) *time.Location {
	// "Local" would make the same row read differently on two machines.
	zone, err := time.LoadLocation(d.TimeZone)
	if err != nil || d.TimeZone == "Local" {
		ps.Add("timeZone", CodeUnknown)
		zone = time.UTC
	}
	switch {
	case d.StartsAt.IsZero():
		ps.Add("startsAt", CodeRequired)
	case !d.StartsAt.Add(time.Duration(d.Minutes) * time.Minute).After(now):
		ps.Add("startsAt", CodeInThePast)
	case d.StartsAt.Year() > 9999: // RFC 3339 has four digits for the year
		ps.Add("startsAt", CodeOutOfRange)
	}
	return zone
}
