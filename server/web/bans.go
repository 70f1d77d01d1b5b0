package web

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"time"
)

// Bans is what staff see and lift of the bans that hosts gave in rooms.
type Bans interface {
	// Bans lists those that hold, newest first.
	Bans(ctx context.Context, now time.Time, limit int) ([]Ban, error)
	// Lift ends one, in the room it was given in too. Repeating it is safe.
	Lift(ctx context.Context, b Ban) error
}

// Ban is a person kept out of an event, or, with scope "site", of all of them.
// Name and By are what was shown in the room then; Person never leaves the server.
type Ban struct {
	Scope, Person, Room, EventTitle, Name, By string

	At, Until time.Time
}

// id names a ban to the console without saying whom it is about.
func (b Ban) id() string {
	sum := sha256.Sum256([]byte(b.Scope + "\x00" + b.Person))
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

// ListedBan is a ban as staff see it.
type ListedBan struct {
	ID         string    `json:"id"`
	Scope      string    `json:"scope" enum:"event,site"`
	Name       string    `json:"name" doc:"The name shown in the room then; may be empty."`
	By         string    `json:"by" doc:"The host who gave it, as shown then; may be empty."`
	EventID    string    `json:"eventId" doc:"The event in whose room it was given."`
	EventTitle string    `json:"eventTitle"`
	At         time.Time `json:"at"`
	Until      time.Time `json:"until"`
}

type bansOutput struct {
	Body struct {
		Items []ListedBan `json:"items"`
	}
}

type banInput struct {
	ID string `path:"id" maxLength:"100"`
}

// bansLimit is how many bans are listed, and looked through for the one to lift.
const bansLimit = 1000

func (s *site) banRoutes(a *api) {
	handle(a, operation("list-bans", http.MethodGet, "/api/staff/bans", "List who is kept out", http.StatusOK, 401, 403), s.bans)
	handle(a, operation("lift-ban", http.MethodDelete, "/api/staff/bans/{id}", "Let somebody come back", http.StatusNoContent, 401, 403, 404), s.liftBan)
}

func (s *site) bans(ctx context.Context, _ *empty) (*bansOutput, error) {
	bans, err := s.Bans.Bans(ctx, s.Now(), bansLimit)
	if err != nil {
		return nil, err
	}
	out := &bansOutput{}
	out.Body.Items = make([]ListedBan, 0, len(bans))
	for _, b := range bans {
		scope := "event"
		if b.Scope == "site" {
			scope = b.Scope
		}
		out.Body.Items = append(out.Body.Items, ListedBan{
			ID: b.id(), Scope: scope, Name: b.Name, By: b.By, EventID: b.Room, EventTitle: b.EventTitle, At: b.At, Until: b.Until,
		})
	}
	return out, nil
}

func (s *site) liftBan(ctx context.Context, in *banInput) (*empty, error) {
	bans, err := s.Bans.Bans(ctx, s.Now(), bansLimit)
	if err != nil {
		return nil, err
	}
	for _, b := range bans {
		if b.id() == in.ID {
			return nil, s.Bans.Lift(ctx, b)
		}
	}
	return nil, newProblem(codeNotFound)
}
