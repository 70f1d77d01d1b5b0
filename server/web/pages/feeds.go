package pages

import (
	"context"
	"encoding/xml"
	"net/http"
	"net/url"
	"time"

	ics "github.com/arran4/golang-ical"
	"github.com/gofiber/fiber/v2"

	"lyceum/server/event"
)

// feedEvents is how many coming events a feed carries.
const feedEvents = 200

func (s *Site) coming(ctx context.Context) ([]event.Event, error) {
	events, _, err := s.Store.Upcoming(ctx, s.Now(), "", feedEvents)
	return events, err
}

// calendar is the whole programme, for calendar programs that subscribe.
func (s *Site) calendar(c *fiber.Ctx) error {
	events, err := s.coming(c.UserContext())
	if err != nil {
		return err
	}
	return s.sendCalendar(c, s.library(), events)
}

// eventCalendar is one event, public facts only: the personal link travels by mail.
func (s *Site) eventCalendar(c *fiber.Ctx) error {
	e, err := s.lookup(c, "slug")
	if err != nil {
		return err
	}
	return s.sendCalendar(c, e.Title, []event.Event{e})
}

// sendCalendar writes iCalendar (RFC 5545). Times are UTC: single dates need no zone rules, and every program shows
// them on its owner's own clock. METHOD stays out, as RFC 7986 feeds want to be subscribed to and not answered.
func (s *Site) sendCalendar(c *fiber.Ctx, name string, events []event.Event) error {
	cal := ics.NewCalendarFor("Lyceum")
	cal.SetXWRCalName(name)
	cal.SetRefreshInterval("PT1H", ics.WithValue("DURATION"))
	for _, e := range events {
		s.addToCalendar(cal, e)
	}
	c.Set(fiber.HeaderCacheControl, "no-cache")
	c.Set(fiber.HeaderContentType, "text/calendar; charset=utf-8")
	return c.SendString(cal.Serialize(ics.WithNewLineWindows))
}

func (s *Site) addToCalendar(cal *ics.Calendar, e event.Event) {
	entry := cal.AddEvent(s.calendarID(e))
	entry.SetDtStampTime(s.Now())
	entry.SetCreatedTime(e.CreatedAt)
	entry.SetStartAt(e.StartsAt)
	entry.SetEndAt(e.EndsAt)
	entry.SetSequence(int(e.Version))
	entry.SetSummary(e.Title)
	if e.Summary != "" {
		entry.SetDescription(e.Summary)
	}
	if e.Format != event.Online && e.Branch != "" {
		entry.SetLocation(e.Branch)
	}
	entry.SetURL(s.PublicURL + "/events/" + e.Slug)
	entry.SetStatus(ics.ObjectStatusConfirmed)
	if e.Status == event.Cancelled {
		entry.SetStatus(ics.ObjectStatusCancelled)
	}
}

// calendarID is the event's own id at the site's host: stable over every change, as RFC 7986 section 5.3 wants it.
func (s *Site) calendarID(e event.Event) string {
	host := "lyceum"
	if u, err := url.Parse(s.PublicURL); err == nil && u.Hostname() != "" {
		host = u.Hostname()
	}
	return e.ID + "@" + host
}

// The parts of Atom (RFC 4287) that a programme needs.
type atomFeed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	ID      string      `xml:"id"`
	Title   string      `xml:"title"`
	Updated string      `xml:"updated"`
	Author  string      `xml:"author>name"`
	Links   []atomLink  `xml:"link"`
	Entries []atomEntry `xml:"entry"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr"`
	Href string `xml:"href,attr"`
}

type atomEntry struct {
	ID        string   `xml:"id"`
	Title     string   `xml:"title"`
	Updated   string   `xml:"updated"`
	Published string   `xml:"published"`
	Link      atomLink `xml:"link"`
	Summary   string   `xml:"summary"`
}

// atom is the programme as a feed: an entry an event, its time in the first line of the summary.
func (s *Site) atom(c *fiber.Ctx) error {
	events, err := s.coming(c.UserContext())
	if err != nil {
		return err
	}
	out, err := xml.MarshalIndent(s.feed(events), "", "  ")
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderCacheControl, "no-cache")
	c.Set(fiber.HeaderContentType, "application/atom+xml; charset=utf-8")
	return c.Status(http.StatusOK).Send(append([]byte(xml.Header), out...))
}

func (s *Site) feed(events []event.Event) atomFeed {
	feed := atomFeed{
		ID: s.PublicURL + "/events.atom", Title: s.texts.text("public.feed.title", "library", s.library()), Author: s.library(),
		Links: []atomLink{
			{Rel: "self", Type: "application/atom+xml", Href: s.PublicURL + "/events.atom"},
			{Rel: "alternate", Type: "text/html", Href: s.PublicURL + "/events"},
		},
	}
	var newest time.Time
	for _, e := range events {
		if e.CreatedAt.After(newest) {
			newest = e.CreatedAt
		}
		v := s.view(e, s.Now())
		when := s.texts.text("public.feed.when", "date", v.Date, "hours", v.Hours, "zone", v.Zone)
		if v.Cancelled {
			when = v.Seats
		}
		feed.Entries = append(feed.Entries, atomEntry{
			ID: "urn:uuid:" + e.ID, Title: e.Title, Summary: when + "\n" + e.Summary,
			Updated: e.CreatedAt.UTC().Format(time.RFC3339), Published: e.CreatedAt.UTC().Format(time.RFC3339),
			Link: atomLink{Rel: "alternate", Type: "text/html", Href: s.PublicURL + v.Path},
		})
	}
	feed.Updated = newest.UTC().Format(time.RFC3339)
	return feed
}
