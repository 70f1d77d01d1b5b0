package pages_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"lyceum/server/event"
	"lyceum/server/web/pages"
)

func TestListFiltersByKindAndAudience(t *testing.T) {
	s := open(t)
	for query, want := range map[string][]string{
		"":                               {"lamp", "off", "bears", "club"},
		"?kind=story-time":               {"bears"},
		"?audience=19%2B":                {"club"},
		"?kind=author-talk&audience=0-5": {},
		"?kind=nonsense":                 {"lamp", "off", "bears", "club"},
	} {
		page := s.get(t, "/events"+query).must(t, http.StatusOK)
		for _, e := range s.events {
			listed := strings.Contains(page.body, `href="/events/`+e.Slug+`"`)
			if expected := strings.Contains(" "+strings.Join(want, " ")+" ", " "+e.Slug+" "); listed != expected {
				t.Errorf("/events%s lists %s: %v", query, e.Slug, listed)
			}
		}
	}
	s.get(t, "/events?kind=story-time").has(t, `<option value="story-time" selected>`, "1 event found", "Show all events")
	s.get(t, "/events?after=junk").must(t, http.StatusNotFound)
}

func TestListGroupsByWeek(t *testing.T) {
	page := open(t).get(t, "/events")
	last := -1
	for _, title := range []string{"Today", "Later this week", "Next week"} {
		at := strings.Index(page.body, "<h2>"+title+"</h2>")
		if at <= last {
			t.Errorf("%s is not in its place", title)
		}
		last = at
	}
}

// Following "Later events" meets every event once, with and without a filter.
func TestListPagesMeetEveryEventOnce(t *testing.T) {
	s := open(t, func(_ *pages.Config, m *memory) {
		base := m.events[0]
		m.events = nil
		for i := range 130 {
			e := base
			e.ID, e.Slug, e.StartsAt = fmt.Sprintf("id-%03d", i), fmt.Sprintf("event-%03d", i), today.Add(time.Duration(i)*time.Hour)
			e.EndsAt = e.StartsAt.Add(time.Hour)
			if i%3 == 0 {
				e.Kind = event.Class
			}
			m.events = append(m.events, e)
		}
	})
	for start, want := range map[string]int{"/events": 130, "/events?kind=class": 44} {
		met := 0
		for next := start; next != ""; {
			page := s.get(t, next).must(t, http.StatusOK)
			met += strings.Count(page.body, `<h3><a href="/events/`)
			next = ""
			for _, n := range elements(page.document(t), "a") {
				if attribute(n, "rel") == "next" {
					next = attribute(n, "href")
				}
			}
		}
		if met != want {
			t.Errorf("from %s one meets %d events, want %d", start, met, want)
		}
	}
}

// An event has one address; its id leads there.
func TestEventIDLeadsToItsAddress(t *testing.T) {
	s := open(t)
	if got := s.get(t, "/events/"+liveID).must(t, http.StatusMovedPermanently).header.Get("Location"); got != "/events/lamp" {
		t.Errorf("leads to %s", got)
	}
	if got := s.get(t, "/events/lamp/registrations").must(t, http.StatusSeeOther).header.Get("Location"); got != "/events/lamp" {
		t.Errorf("leads to %s", got)
	}
	for _, path := range []string{"/events/nowhere", "/events/nowhere/registered", "/room/nowhere", "/nowhere"} {
		s.get(t, path).must(t, http.StatusNotFound).has(t, "This page is not here")
	}
}

func TestSeatPageSaysWhenTheDoorsOpen(t *testing.T) {
	s := open(t)
	for slug, says := range map[string]string{
		"lamp": "The doors are open", "club": "The doors open at 11:45, New York time", "bears": "You are number 4 in line",
	} {
		ticket := s.seat(t, slug, slug+"@example.org")
		s.post(t, "/my", map[string][]string{"ticket": {ticket}}).must(t, http.StatusOK).has(t, says)
	}
}

// Nothing but the shells may wait for a script, and those say what to do without one.
func TestShellsSpeakWithoutScripts(t *testing.T) {
	s := open(t)
	s.get(t, "/join").has(t, `<div id="app"`, `src="/assets/room.js"`, "<noscript>", `href="/my"`)
	s.get(t, "/room/"+liveID).must(t, http.StatusOK).has(t, `src="/assets/room.js"`)
	for _, path := range []string{"/staff", "/staff/sign-in", "/staff/events/x/y"} {
		s.get(t, path).must(t, http.StatusOK).has(t, `src="/assets/console.js"`, "<noscript>")
	}
}
