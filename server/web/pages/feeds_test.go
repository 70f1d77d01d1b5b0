package pages_test

import (
	"encoding/json"
	"encoding/xml"
	"net/http"
	"strings"
	"testing"
	"time"

	ics "github.com/arran4/golang-ical"

	"lyceum/server/event"
	"lyceum/server/web/pages"
)

func TestCalendarReadsBack(t *testing.T) {
	s := open(t, func(_ *pages.Config, m *memory) {
		m.events[0].Title = "Lamp; a, \"b\" \\ c" + strings.Repeat(" long", 30)
		m.events[0].Summary = "One\nTwo"
	})
	for path, want := range map[string]int{"/events/lamp.ics": 1, "/events/off.ics": 1, "/events.ics": 4} {
		page := s.get(t, path).must(t, http.StatusOK)
		if got := page.header.Get("Content-Type"); got != "text/calendar; charset=utf-8" {
			t.Errorf("%s has type %s", path, got)
		}
		for line := range strings.SplitSeq(page.body, "\r\n") {
			if len(line) > 75 || strings.Contains(line, "\n") {
				t.Errorf("%s: line is not folded as RFC 5545 section 3.1 wants: %q", path, line)
			}
		}
		cal, err := ics.ParseCalendar(strings.NewReader(page.body))
		if err != nil {
			t.Fatal(err)
		}
		if got := len(cal.Events()); got != want {
			t.Fatalf("%s has %d events, want %d", path, got, want)
		}
	}
	cal, err := ics.ParseCalendar(strings.NewReader(s.get(t, "/events/lamp.ics").body))
	if err != nil {
		t.Fatal(err)
	}
	checkEntry(t, cal.Events()[0], s.events[0])
	s.get(t, "/events/off.ics").has(t, "STATUS:CANCELLED")
	s.get(t, "/events/nowhere.ics").must(t, http.StatusNotFound)
}

func checkEntry(t *testing.T, entry *ics.VEvent, e event.Event) {
	t.Helper()
	start, err := entry.GetStartAt()
	if err != nil || !start.Equal(e.StartsAt) {
		t.Errorf("start is %v, %v", start, err)
	}
	end, err := entry.GetEndAt()
	if err != nil || !end.Equal(e.EndsAt) {
		t.Errorf("end is %v, %v", end, err)
	}
	for property, want := range map[ics.ComponentProperty]string{
		ics.ComponentPropertyUniqueId: liveID + "@events.library.example", ics.ComponentPropertySummary: e.Title,
		ics.ComponentPropertyDescription: e.Summary, ics.ComponentPropertySequence: "3",
		ics.ComponentPropertyUrl: "https://events.library.example/events/lamp",
	} {
		if got := entry.GetProperty(property); got == nil || got.Value != want {
			t.Errorf("%s is %v, want %q", property, got, want)
		}
	}
}

func TestAtomReadsBack(t *testing.T) {
	var feed struct {
		XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
		ID      string   `xml:"id"`
		Updated string   `xml:"updated"`
		Entries []struct {
			ID      string `xml:"id"`
			Title   string `xml:"title"`
			Updated string `xml:"updated"`
			Summary string `xml:"summary"`
			Link    struct {
				Href string `xml:"href,attr"`
			} `xml:"link"`
		} `xml:"entry"`
	}
	page := open(t).get(t, "/events.atom").must(t, http.StatusOK)
	if err := xml.Unmarshal([]byte(page.body), &feed); err != nil {
		t.Fatal(err)
	}
	if len(feed.Entries) != 4 {
		t.Fatalf("%d entries", len(feed.Entries))
	}
	first := feed.Entries[0]
	if first.ID != "urn:uuid:"+liveID || first.Link.Href != "https://events.library.example/events/lamp" {
		t.Errorf("first entry is %+v", first)
	}
	if !strings.HasPrefix(first.Summary, "Tuesday 24 November 2026, 18:00 to 19:00, Berlin time") {
		t.Errorf("the summary does not say when: %s", first.Summary)
	}
	for _, at := range []string{feed.Updated, first.Updated} {
		if _, err := time.Parse(time.RFC3339, at); err != nil {
			t.Error(err)
		}
	}
}

func TestJSONLDSaysWhatSearchEnginesNeed(t *testing.T) {
	s := open(t)
	data := jsonLD(t, s.get(t, "/events/lamp"))
	for key, want := range map[string]any{
		"@context": "https://schema.org", "@type": "Event", "name": "The Lamp and the Library",
		"startDate": "2026-11-24T18:00:00+01:00", "eventStatus": "https://schema.org/EventScheduled",
		"eventAttendanceMode": "https://schema.org/OnlineEventAttendanceMode", "remainingAttendeeCapacity": 40.0,
	} {
		if data[key] != want {
			t.Errorf("%s is %v, want %v", key, data[key], want)
		}
	}
	if got := jsonLD(t, s.get(t, "/events/off"))["eventStatus"]; got != "https://schema.org/EventCancelled" {
		t.Errorf("a cancelled event is %v", got)
	}
	if got := jsonLD(t, s.get(t, "/events/club"))["location"].([]any); len(got) != 2 {
		t.Errorf("a hybrid event has the places %v", got)
	}
}

// jsonLD reads the page's one data block.
func jsonLD(t *testing.T, page answer) map[string]any {
	t.Helper()
	for _, n := range elements(page.document(t), "script") {
		if attribute(n, "type") != "application/ld+json" {
			continue
		}
		var data map[string]any
		if err := json.Unmarshal([]byte(n.FirstChild.Data), &data); err != nil {
			t.Fatal(err)
		}
		return data
	}
	t.Fatal("the page has no JSON-LD")
	return nil
}
