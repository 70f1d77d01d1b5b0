package pages

import (
	"time"

	"lyceum/server/event"
)

// The words of schema.org/Event that search engines read. html/template writes a value into the page's data block as
// JSON with everything escaped that could end the block, so a hostile title stays a title.
type eventData struct {
	Context     string     `json:"@context"`
	Type        string     `json:"@type"`
	Name        string     `json:"name"`
	Description string     `json:"description,omitempty"`
	URL         string     `json:"url"`
	StartDate   string     `json:"startDate"`
	EndDate     string     `json:"endDate"`
	Status      string     `json:"eventStatus"`
	Mode        string     `json:"eventAttendanceMode"`
	Location    []location `json:"location"`
	Performer   *named     `json:"performer,omitempty"`
	Organizer   named      `json:"organizer"`
	Capacity    int        `json:"maximumAttendeeCapacity"`
	Remaining   int        `json:"remainingAttendeeCapacity"`
}

type location struct {
	Type    string `json:"@type"`
	Name    string `json:"name,omitempty"`
	Address string `json:"address,omitempty"`
	URL     string `json:"url,omitempty"`
}

type named struct {
	Type string `json:"@type"`
	Name string `json:"name"`
	URL  string `json:"url,omitempty"`
}

var attendanceModes = map[event.Format]string{
	event.Online:   "https://schema.org/OnlineEventAttendanceMode",
	event.InPerson: "https://schema.org/OfflineEventAttendanceMode",
	event.Hybrid:   "https://schema.org/MixedEventAttendanceMode",
}

func (s *Site) jsonLD(e event.Event) eventData {
	loc := s.zone(e.TimeZone)
	address := s.PublicURL + "/events/" + e.Slug
	d := eventData{
		Context: "https://schema.org", Type: "Event", Name: e.Title, Description: e.Summary, URL: address,
		StartDate: e.StartsAt.In(loc).Format(time.RFC3339), EndDate: e.EndsAt.In(loc).Format(time.RFC3339),
		Status: "https://schema.org/EventScheduled", Mode: attendanceModes[e.Format],
		Organizer: named{Type: "Library", Name: s.library(), URL: s.PublicURL},
		Capacity:  e.Capacity, Remaining: e.SeatsLeft(),
	}
	if e.Status == event.Cancelled {
		d.Status = "https://schema.org/EventCancelled"
	}
	if e.Speaker != "" {
		d.Performer = &named{Type: "Person", Name: e.Speaker}
	}
	if e.Format != event.Online {
		place := e.Branch
		if place == "" {
			place = s.library()
		}
		d.Location = append(d.Location, location{Type: "Place", Name: place, Address: place})
	}
	if e.Format != event.InPerson {
		d.Location = append(d.Location, location{Type: "VirtualLocation", URL: address})
	}
	return d
}
