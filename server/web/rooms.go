package web

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"lyceum/server/event"
	"lyceum/server/registration"
)

// The roles that the website gives. Others are given inside the room.
const (
	roleHost     = "host"
	roleAttendee = "attendee"
)

type joinInput struct {
	Event string `path:"event" maxLength:"100" doc:"Id or slug of the event."`
}

type joinOutput struct{ Body Joined }

// Joined is what opens the room: a token for the websocket's hello.
type Joined struct {
	Token       string      `json:"token"`
	ExpiresAt   time.Time   `json:"expiresAt"`
	Live        string      `json:"live" doc:"The websocket's address, subprotocol lyceum.v1."`
	ICEServers  []ICEServer `json:"iceServers"`
	Participant Participant `json:"participant"`
	Event       JoinedEvent `json:"event"`
}

// Participant is who one is in the room.
type Participant struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Role string `json:"role" enum:"host,attendee"`
}

// JoinedEvent is the room's event in short.
type JoinedEvent struct {
	ID       string    `json:"id"`
	Slug     string    `json:"slug"`
	Title    string    `json:"title"`
	StartsAt time.Time `json:"startsAt"`
	EndsAt   time.Time `json:"endsAt"`
	TimeZone string    `json:"timeZone"`
}

func (s *site) roomRoutes(a *api) {
	handle(a, operation("join-room", http.MethodPost, "/api/rooms/{event}/join", "Exchange a ticket or a staff session for a room token",
		http.StatusOK, 401, 403, 404, 409, 429), s.join)
}

// join lets a person into the room of an event: the holder of a ticket for it as
// an attendee, staff who may host as host.
func (s *site) join(ctx context.Context, in *joinInput) (*joinOutput, error) {
	e, err := s.Store.Event(ctx, in.Event)
	if err != nil {
		return nil, err
	}
	admission, err := admissionOf(visitorFrom(ctx), e)
	if err != nil {
		return nil, err
	}
	if err := doors(e, admission.Role, s.Now()); err != nil {
		return nil, err
	}
	pass, err := s.Rooms.Admit(ctx, admission)
	if err != nil {
		return nil, fmt.Errorf("web: join room %s: %w", e.ID, err)
	}
	servers := pass.ICEServers
	if servers == nil {
		servers = []ICEServer{}
	}
	return &joinOutput{Body: Joined{
		Token: pass.Token, ExpiresAt: pass.ExpiresAt, Live: s.address.live, ICEServers: servers,
		Participant: Participant{ID: admission.Participant, Name: admission.Name, Role: admission.Role},
		Event:       JoinedEvent{ID: e.ID, Slug: e.Slug, Title: e.Title, StartsAt: e.StartsAt, EndsAt: e.EndsAt, TimeZone: e.TimeZone},
	}}, nil
}

// admissionOf says as whom a visitor stands at the door of e. A ticket for another
// event is refused like any ticket that opens nothing here.
func admissionOf(who visitor, e event.Event) (Admission, error) {
	if p := who.staff; p != nil {
		return Admission{EventID: e.ID, Participant: "staff-" + p.ID, Name: p.Name, Role: roleHost, Person: p.Person}, nil
	}
	r := who.registration
	if r.EventID != e.ID {
		return Admission{}, registration.ErrTicketRefused
	}
	if r.Status == registration.Waitlisted {
		return Admission{}, newProblem(codeWaitlisted)
	}
	return Admission{EventID: e.ID, Participant: r.ID, Name: r.Name, Role: roleAttendee, Person: r.Person}, nil
}

// doors says whether the room may be entered at now. Hosts may come any time
// before the doors open, to prepare; nobody comes after they have closed.
func doors(e event.Event, role string, now time.Time) error {
	switch {
	case e.Format == event.InPerson:
		return newProblem(codeNotOnline)
	case e.Status == event.Cancelled:
		return newProblem(codeEventCancelled)
	case !now.Before(e.ClosesAt()):
		return newProblem(codeEventOver)
	case now.Before(e.OpensAt()) && role != roleHost:
		p, opens := newProblem(codeDoorsClosed), e.OpensAt()
		p.OpensAt = &opens
		return p
	}
	return nil
}
