package web

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"

	"lyceum/server/event"
	"lyceum/server/registration"
)

// listLimit is how many rows the console's lists hold at most.
const listLimit = 200

// Draft is an event as staff type it. The rules are in package event; the schema
// only bounds what is read.
type Draft struct {
	Title       string         `json:"title" maxLength:"1000"`
	Summary     string         `json:"summary,omitempty" maxLength:"2000"`
	Description string         `json:"description,omitempty" maxLength:"40000" doc:"Markdown."`
	Speaker     string         `json:"speaker,omitempty" maxLength:"1000"`
	Branch      string         `json:"branch,omitempty" maxLength:"1000"`
	Kind        event.Kind     `json:"kind" enum:"author-talk,club-meeting,workshop,story-time,class"`
	Audience    event.Audience `json:"audience,omitempty" maxLength:"20"`
	Format      event.Format   `json:"format,omitempty" maxLength:"20"`
	StartsAt    time.Time      `json:"startsAt"`
	Minutes     int            `json:"minutes,omitempty"`
	TimeZone    string         `json:"timeZone,omitempty" maxLength:"100"`
	Capacity    int            `json:"capacity"`
}

// Attendance is a registration as staff see it.
type Attendance struct {
	ID        string              `json:"id"`
	Name      string              `json:"name"`
	Email     string              `json:"email"`
	Status    registration.Status `json:"status"`
	Position  int                 `json:"position"`
	CreatedAt time.Time           `json:"createdAt"`
}

type staffEventsOutput struct {
	Body struct {
		Items []Event `json:"items"`
	}
}

type addEventInput struct{ Body Draft }

type addEventOutput struct {
	Location string `header:"Location"`
	Body     Event
}

type moveEventInput struct {
	ID   string `path:"id" maxLength:"100" doc:"Id or slug."`
	Body struct {
		StartsAt time.Time `json:"startsAt"`
		Minutes  int       `json:"minutes,omitempty" doc:"The new length. Without it the length stays."`
	}
}

type attendanceOutput struct {
	Body struct {
		Items []Attendance `json:"items"`
	}
}

func (s *site) staffRoutes(a *api) {
	const events = "/api/staff/events"
	handle(a, operation("list-staff-events", http.MethodGet, events, "All events, newest start first", http.StatusOK, 401), s.staffEvents)
	handle(a, operation("add-event", http.MethodPost, events, "Add an event", http.StatusCreated, 401, 403, 413, 415), s.addEvent)
	handle(a, operation("move-event", http.MethodPatch, events+"/{id}", "Give an event another time", http.StatusOK, 401, 403, 404, 409, 413, 415), s.moveEvent)
	handle(a, operation("cancel-event", http.MethodPost, events+"/{id}/cancel", "Call an event off", http.StatusOK, 401, 403, 404), s.cancelEvent)
	handle(a, operation("list-registrations", http.MethodGet, events+"/{id}/registrations", "Who registered for an event", http.StatusOK, 401, 403, 404), s.attendance)
	handle(a, operation("list-outbox", http.MethodGet, "/api/staff/outbox", "What was mailed lately", http.StatusOK, 401, 403), s.outbox)
}

func (s *site) staffEvents(ctx context.Context, _ *empty) (*staffEventsOutput, error) {
	events, err := s.Store.EventsForStaff(ctx, listLimit)
	if err != nil {
		return nil, err
	}
	out := &staffEventsOutput{}
	out.Body.Items = showEvents(events, s.Now())
	return out, nil
}

func (s *site) addEvent(ctx context.Context, in *addEventInput) (*addEventOutput, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return nil, fmt.Errorf("web: add event: %w", err)
	}
	e, err := event.New(id.String(), event.Draft(in.Body), s.Now())
	if err != nil {
		return nil, err
	}
	if err := s.Store.AddEvent(ctx, e); err != nil {
		return nil, err
	}
	s.Poke()
	// The store may have given it another slug, so what is shown is what is kept.
	if e, err = s.Store.Event(ctx, e.ID); err != nil {
		return nil, err
	}
	return &addEventOutput{Location: "/api/events/" + e.ID, Body: showEvent(e, s.Now())}, nil
}

// moveEvent gives an event another time; everybody who holds a seat or waits gets a mail.
func (s *site) moveEvent(ctx context.Context, in *moveEventInput) (*eventOutput, error) {
	e, err := s.Store.Event(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	moved, err := e.Move(in.Body.StartsAt, in.Body.Minutes, s.Now())
	if err != nil {
		return nil, err
	}
	if e, err = s.Store.MoveEvent(ctx, e.ID, moved.StartsAt, moved.EndsAt, s.Now()); err != nil {
		return nil, err
	}
	s.Poke()
	return &eventOutput{Body: showEvent(e, s.Now())}, nil
}

func (s *site) cancelEvent(ctx context.Context, in *eventInput) (*eventOutput, error) {
	e, err := s.Store.Event(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if err := s.Store.CancelEvent(ctx, e.ID, s.Now()); err != nil {
		return nil, err
	}
	s.Poke()
	if e, err = s.Store.Event(ctx, e.ID); err != nil {
		return nil, err
	}
	return &eventOutput{Body: showEvent(e, s.Now())}, nil
}

func (s *site) attendance(ctx context.Context, in *eventInput) (*attendanceOutput, error) {
	e, err := s.Store.Event(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	registrations, err := s.Store.RegistrationsOfEvent(ctx, e.ID)
	if err != nil {
		return nil, err
	}
	out := &attendanceOutput{}
	out.Body.Items = make([]Attendance, 0, len(registrations))
	for _, r := range registrations {
		out.Body.Items = append(out.Body.Items, Attendance{
			ID: r.ID, Name: r.Name, Email: r.Email, Status: r.Status, Position: r.Position, CreatedAt: r.CreatedAt,
		})
	}
	return out, nil
}
