package web

import (
	"context"
	"net/http"
	"time"

	"lyceum/server/event"
)

// Event is an event as the API shows it.
type Event struct {
	ID          string         `json:"id"`
	Slug        string         `json:"slug" doc:"The readable part of the page's address: /events/{slug}."`
	Title       string         `json:"title"`
	Summary     string         `json:"summary"`
	Description string         `json:"description,omitempty" doc:"Markdown. Lists leave it out."`
	Speaker     string         `json:"speaker"`
	Branch      string         `json:"branch"`
	Kind        event.Kind     `json:"kind" enum:"author-talk,club-meeting,workshop,story-time,class"`
	Audience    event.Audience `json:"audience" enum:"0-5,6-11,12-18,19+,general"`
	Format      event.Format   `json:"format" enum:"online,in-person,hybrid"`
	Status      event.Status   `json:"status" enum:"scheduled,cancelled"`
	StartsAt    time.Time      `json:"startsAt"`
	EndsAt      time.Time      `json:"endsAt"`
	OpensAt     time.Time      `json:"opensAt" doc:"When the room's doors open."`
	TimeZone    string         `json:"timeZone" doc:"IANA name of the zone to show times in."`
	Live        bool           `json:"live"`
	Capacity    int            `json:"capacity"`
	SeatsLeft   int            `json:"seatsLeft"`
	Taken       int            `json:"taken"`
	Waiting     int            `json:"waiting"`
}

// showEvent is the event as seen at now.
func showEvent(e event.Event, now time.Time) Event {
	return Event{
		ID: e.ID, Slug: e.Slug, Title: e.Title, Summary: e.Summary, Description: e.Description, Speaker: e.Speaker, Branch: e.Branch,
		Kind: e.Kind, Audience: e.Audience, Format: e.Format, Status: e.Status,
		StartsAt: e.StartsAt, EndsAt: e.EndsAt, OpensAt: e.OpensAt(), TimeZone: e.TimeZone, Live: e.Live(now),
		Capacity: e.Capacity, SeatsLeft: e.SeatsLeft(), Taken: e.Taken, Waiting: e.Waiting,
	}
}

// showEvents is a list for cards and tables, without the long texts.
func showEvents(events []event.Event, now time.Time) []Event {
	out := make([]Event, 0, len(events)) // never null in JSON
	for _, e := range events {
		shown := showEvent(e, now)
		shown.Description = ""
		out = append(out, shown)
	}
	return out
}

type listEventsInput struct {
	After string `query:"after" maxLength:"200" doc:"The value of next of the page before."`
	Limit int    `query:"limit" default:"20" minimum:"1" maximum:"100"`
}

type listEventsOutput struct {
	Body struct {
		Items []Event `json:"items"`
		Next  string  `json:"next" doc:"Cursor of the following page; empty at the end."`
	}
}

type eventInput struct {
	ID string `path:"id" maxLength:"100" doc:"Id or slug."`
}

type eventOutput struct{ Body Event }

func (s *site) eventRoutes(a *api) {
	handle(a, operation("list-events", http.MethodGet, "/api/events", "Events that are not over, by start", http.StatusOK, 422), s.listEvents)
	handle(a, operation("get-event", http.MethodGet, "/api/events/{id}", "One event", http.StatusOK, 404), s.getEvent)
}

func (s *site) listEvents(ctx context.Context, in *listEventsInput) (*listEventsOutput, error) {
	now := s.Now()
	events, next, err := s.Store.Upcoming(ctx, now, in.After, in.Limit)
	if err != nil {
		return nil, err
	}
	out := &listEventsOutput{}
	out.Body.Items, out.Body.Next = showEvents(events, now), next
	return out, nil
}

func (s *site) getEvent(ctx context.Context, in *eventInput) (*eventOutput, error) {
	e, err := s.Store.Event(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &eventOutput{Body: showEvent(e, s.Now())}, nil
}
