package post

import (
	"net/url"
	"strings"
	"time"
	"unicode"

	"lyceum/server/event"
)

// Draft writes the first text for a moment: title, when, what it is about, and the public page. It fits into limit as
// measure counts; what gives way first is the summary, then the title's end. Staff may change it before they approve.
func Draft(e event.Event, moment, link string, limit int, measure func(string) int) string {
	head := e.Title
	if moment == HourBefore {
		head = "In one hour: " + e.Title
	}
	when := whenText(e)
	build := func(head, summary string) string {
		parts := []string{head, when}
		if summary != "" {
			parts = append(parts, summary)
		}
		return strings.Join(append(parts, link), "\n\n")
	}
	summary := ""
	if moment == Announced {
		summary = strings.Join(strings.Fields(e.Summary), " ")
	}
	if text := build(head, summary); measure(text) <= limit {
		return text
	}
	if text := shorten(summary, func(s string) bool { return measure(build(head, s)) <= limit }); text != "" {
		return build(head, text)
	}
	return build(shorten(head, func(s string) bool { return measure(build(s, "")) <= limit }), "")
}

// whenText is the start in the event's own zone, with the zone's short name, and where it takes place.
func whenText(e event.Event) string {
	zone, err := time.LoadLocation(e.TimeZone)
	if err != nil {
		zone = time.UTC
	}
	text := e.StartsAt.In(zone).Format("Monday, 2 January 2006, 15:04 MST")
	switch {
	case e.Format == event.Online:
		return text + " \u00b7 online"
	case e.Branch == "":
		return text
	case e.Format == event.Hybrid:
		return text + " \u00b7 " + e.Branch + " and online"
	}
	return text + " \u00b7 " + e.Branch
}

// shorten answers the longest beginning of text, cut between words and ended by an ellipsis, that fits; "" when none does.
func shorten(text string, fits func(string) bool) string {
	if text == "" || fits(text) {
		return text
	}
	words := strings.Fields(text)
	for n := len(words) - 1; n > 0; n-- {
		if cut := strings.TrimRightFunc(strings.Join(words[:n], " "), unicode.IsPunct) + "\u2026"; fits(cut) {
			return cut
		}
	}
	return ""
}

// maxText bounds what is read from staff, in bytes; the longest limit of a known server is far below.
const maxText = 20_000

// Problems answers what keeps a text from going out: a field of event.Problems, or nil. origin is the site's own address,
// such as https://live.library.example.
func Problems(text, origin string, limit int, measure func(string) int) event.Problems {
	code := ""
	switch {
	case strings.TrimSpace(text) == "":
		code = event.CodeRequired
	case len(text) > maxText || measure(text) > limit:
		code = event.CodeTooLong
	case strings.ContainsFunc(text, func(r rune) bool { return r != '\n' && (unicode.IsControl(r) || bidi(r)) }):
		code = event.CodeBadText
	case private(text, origin):
		code = FaultPrivateLink
	default:
		return nil
	}
	return event.Problems{{Field: "text", Code: code}}
}

// bidi tells the characters that turn the reading direction around (Unicode TR 36 section 2.6).
func bidi(r rune) bool { return r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 }

// private finds links that are somebody's own: whoever follows one acts as its owner. On our own address only the pages
// of events are public enough to be posted.
func private(text, origin string) bool {
	host := ""
	if u, err := url.Parse(origin); err == nil {
		host = strings.ToLower(u.Host)
	}
	for _, word := range strings.Fields(text) {
		at := strings.Index(strings.ToLower(word), "://")
		rest := word
		if at >= 0 {
			rest = word[at+3:]
		}
		name, path, found := strings.Cut(rest, "/")
		if !found || host == "" || !strings.HasSuffix(strings.ToLower(name), host) {
			continue
		}
		for _, door := range []string{"join", "my", "room", "staff", "live", "whip", "whep", "api", "demo"} {
			rest, begins := strings.CutPrefix(strings.ToLower(path), door)
			if begins && strings.IndexFunc(rest, func(r rune) bool { return r != '-' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }) == 0 || begins && rest == "" {
				return true
			}
		}
	}
	return false
}
