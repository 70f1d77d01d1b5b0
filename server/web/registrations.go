package web

import (
	"context"
	"net/http"
	"time"

	"lyceum/server/registration"
)

// Application is what a person sends to get a seat. The rules for both fields are
// in package registration; the schema only bounds what is read.
type Application struct {
	Name  string `json:"name" maxLength:"500" doc:"How others see this person, at most 60 characters."`
	Email string `json:"email" maxLength:"500" doc:"Where the personal link goes."`
}

// Receipt answers an application. For an address that is known or banned it says
// what a new one would be told; the truth and the ticket travel by mail only.
type Receipt struct {
	ID       string              `json:"id"`
	Status   registration.Status `json:"status" enum:"confirmed,waitlisted"`
	Position int                 `json:"position" doc:"Place on the waiting list from 1; 0 for a confirmed seat."`
}

// OwnRegistration is a registration as its ticket's holder sees it.
type OwnRegistration struct {
	ID        string              `json:"id"`
	Name      string              `json:"name"`
	Status    registration.Status `json:"status" enum:"confirmed,waitlisted"`
	Position  int                 `json:"position"`
	CreatedAt time.Time           `json:"createdAt"`
	Event     Event               `json:"event"`
}

type applyInput struct {
	ID   string `path:"id" maxLength:"100" doc:"Id or slug of the event."`
	Key  string `header:"Idempotency-Key" maxLength:"500" doc:"At least 128 random bits in 22 to 128 characters. The same key with the same body is answered alike for 24 hours and takes one seat. Without it a repeated request is a new application."`
	Body Application
}

type receiptOutput struct{ Body Receipt }

type ownOutput struct{ Body OwnRegistration }

type renameInput struct {
	Body struct {
		Name string `json:"name" maxLength:"500"`
	}
}

type empty struct{}

func (s *site) registrationRoutes(a *api) {
	const own = "/api/registration"
	handle(a, operation("register", http.MethodPost, "/api/events/{id}/registrations", "Take a seat", http.StatusCreated, 404, 409, 413, 415, 429), s.apply)
	handle(a, operation("get-registration", http.MethodGet, own, "The ticket's registration", http.StatusOK, 401, 429), s.ownRegistration)
	handle(a, operation("rename-registration", http.MethodPatch, own, "Change the name others see", http.StatusOK, 401, 413, 415, 429), s.rename)
	handle(a, operation("cancel-registration", http.MethodDelete, own, "Give the seat back", http.StatusNoContent, 401, 429), s.giveBack)
}

func (s *site) apply(ctx context.Context, in *applyInput) (*receiptOutput, error) {
	r, err := s.desk.apply(ctx, in.ID, in.Body.Name, in.Body.Email, in.Key)
	if err != nil {
		return nil, err
	}
	return &receiptOutput{Body: Receipt{ID: r.ID, Status: r.Shown.Status, Position: r.Shown.Position}}, nil
}

func (s *site) ownRegistration(ctx context.Context, _ *empty) (*ownOutput, error) {
	who := visitorFrom(ctx)
	return s.showOwn(who, *who.registration), nil
}

func (s *site) showOwn(who visitor, r registration.Registration) *ownOutput {
	e := showEvent(*who.event, s.Now())
	e.Description = ""
	return &ownOutput{Body: OwnRegistration{ID: r.ID, Name: r.Name, Status: r.Status, Position: r.Position, CreatedAt: r.CreatedAt, Event: e}}
}

func (s *site) rename(ctx context.Context, in *renameInput) (*ownOutput, error) {
	who := visitorFrom(ctx)
	// The stored address is good, so only the name can fail.
	applicant, err := registration.Parse(in.Body.Name, who.registration.Email)
	if err != nil {
		return nil, err
	}
	r, err := s.Store.RenameRegistration(ctx, who.registration.ID, applicant.Name)
	if err != nil {
		return nil, err
	}
	return s.showOwn(who, r), nil
}

func (s *site) giveBack(ctx context.Context, _ *empty) (*empty, error) {
	return &empty{}, s.desk.cancel(ctx, visitorFrom(ctx).registration.ID)
}
