package email

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"lyceum/server/event"
)

const maxTitle = 100 // runes of an event's title or a library's name in a mail

// oneLine makes any text safe for a header, a calendar line and a mail's running text: one line, no control, direction or
// invisible characters, at most max runes. What comes here was checked when it was typed; this holds also when it was not.
func oneLine(s string, max int) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\u200c', r == '\u200d': // the zero-width joiners: Persian and Indic names need them
			return r
		case r == utf8.RuneError, unicode.Is(unicode.Cf, r), unicode.Is(unicode.Co, r), unicode.Is(unicode.Cs, r):
			return -1
		case unicode.IsSpace(r), unicode.IsControl(r), unicode.Is(unicode.Zl, r), unicode.Is(unicode.Zp, r):
			return ' '
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	// "=?utf-8?q?=0D=0A?=" is plain ASCII here and a line break to the mail program that decodes it (RFC 2047).
	s = strings.ReplaceAll(s, "=?", "= ?")
	if utf8.RuneCountInString(s) > max {
		s = strings.TrimRight(string([]rune(s)[:max-1]), " ") + "…"
	}
	return s
}

// phrase is a name for an address header. A backslash may not stand in an encoded word there (RFC 2047, section 5), and
// net/mail writes one all the same: such an address is one that mail servers refuse.
func phrase(name string) string { return strings.ReplaceAll(name, `\`, "") }

// when says an event's time as people of that library read it: weekday, date, 24-hour clock, the zone's name and its
// distance from UTC, so that a reader far away can convert.
func when(e event.Event) string {
	zone, err := time.LoadLocation(e.TimeZone)
	if err != nil {
		zone = time.UTC
	}
	const day = "Monday, 2 January 2006"
	start, end := e.StartsAt.In(zone), e.EndsAt.In(zone)
	until := end.Format("15:04")
	if start.Format(day) != end.Format(day) {
		until = end.Format(day + ", 15:04")
	}
	return fmt.Sprintf("%s, %s to %s (%s)", start.Format(day), start.Format("15:04"), until, zoneName(start))
}

// zoneName is like "Europe/Berlin, CET, UTC+01:00". Zones whose abbreviation is only a number have no second part.
func zoneName(t time.Time) string {
	name := t.Location().String()
	if name == "UTC" {
		return "UTC"
	}
	if short, _ := t.Zone(); strings.IndexFunc(short, unicode.IsLetter) == 0 && short != name {
		name += ", " + short
	}
	return name + ", UTC" + t.Format("-07:00")
}

func where(e event.Event) string {
	branch := oneLine(e.Branch, maxTitle)
	switch {
	case e.Format == event.Online || branch == "":
		return "Online"
	case e.Format == event.Hybrid:
		return branch + ", and online"
	}
	return branch
}
