package pages

import (
	"time"

	"lyceum/server/event"
)

// Labels of the closed sets. Keys stand here in full, so that a search for a key finds where it is used.
var (
	kindKeys = map[event.Kind]string{
		event.AuthorTalk: "public.kind.author-talk", event.ClubMeeting: "public.kind.club-meeting",
		event.Workshop: "public.kind.workshop", event.StoryTime: "public.kind.story-time", event.Class: "public.kind.class",
	}
	audienceKeys = map[event.Audience]string{
		event.Ages0to5: "public.audience.0-5", event.Ages6to11: "public.audience.6-11",
		event.Ages12to18: "public.audience.12-18", event.Ages19up: "public.audience.19+", event.General: "public.audience.general",
	}
	formatKeys = map[event.Format]string{
		event.Online: "public.format.online", event.InPerson: "public.format.in-person", event.Hybrid: "public.format.hybrid",
	}
)

// fewSeats is from where on the seats left are worth a raised voice.
const fewSeats = 5

// eventView is an event as pages print it: only words, no rules left to apply.
type eventView struct {
	Path, Title, Summary, Speaker          string
	Kind, Audience, Format                 string
	Place                                  string // branch, or "" when people only meet online
	Date, Hours, Zone                      string // "Tuesday 24 November 2026", "18:00 to 19:00", "Berlin time"
	ZoneID                                 string // IANA name, for the island that adds the visitor's own time
	OtherZone                              bool   // the event's clock is not the site's
	Weekday, Day, Month                    string // for the date tile: "Tue", "24", "Nov"
	Start, End                             string // RFC 3339, in the event's zone
	Seats, SeatsState                      string // state: "live" "cancelled" "over" "full" "few" "free"
	Live, Cancelled, Over, Full, OnlineToo bool
	Closed                                 bool // takes no registrations any more
}

func (s *Site) view(e event.Event, now time.Time) eventView {
	loc := s.zone(e.TimeZone)
	start, end := e.StartsAt.In(loc), e.EndsAt.In(loc)
	v := eventView{
		Path: "/events/" + e.Slug, Title: e.Title, Summary: e.Summary, Speaker: e.Speaker,
		Kind: s.texts.text(kindKeys[e.Kind]), Audience: s.texts.text(audienceKeys[e.Audience]),
		Format: s.texts.text(formatKeys[e.Format]),
		Date:   s.longDate(start), Hours: s.hours(start, end), Zone: s.zoneName(loc), ZoneID: loc.String(),
		OtherZone: loc.String() != s.location().String(),
		Weekday:   short(s.weekday(start)), Day: start.Format("2"), Month: short(s.month(start)),
		Start: start.Format(time.RFC3339), End: end.Format(time.RFC3339),
		Live: e.Live(now), Cancelled: e.Status == event.Cancelled, Over: e.Over(now),
		// Nobody overtakes those who wait, so a freed seat is not on offer while somebody waits for it.
		Full:      e.SeatsLeft() == 0 || e.Waiting > 0,
		OnlineToo: e.Format != event.InPerson,
	}
	v.Closed = v.Cancelled || v.Over
	if e.Format != event.Online {
		v.Place = e.Branch
	}
	v.SeatsState, v.Seats = s.seats(e, v)
	return v
}

// seats says in one word and in one sentence what a person who wants to come can expect.
func (s *Site) seats(e event.Event, v eventView) (state, words string) {
	left := e.SeatsLeft()
	switch {
	case v.Cancelled:
		return "cancelled", s.texts.text("public.seats.cancelled")
	case v.Over:
		return "over", s.texts.text("public.seats.over")
	case v.Full && e.Waiting > 0:
		return "full", s.texts.count("public.seats.waiting", e.Waiting)
	case v.Full:
		return "full", s.texts.text("public.seats.full")
	case left <= fewSeats:
		return "few", s.texts.count("public.seats.few", left)
	}
	return "free", s.texts.count("public.seats.left", left)
}

// short cuts a name of a day or month to three letters for the date tile; screen readers get the whole date.
func short(name string) string {
	if letters := []rune(name); len(letters) > 3 {
		return string(letters[:3])
	}
	return name
}
