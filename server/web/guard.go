package web

import (
	"context"
	"errors"
	"fmt"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"

	"lyceum/server/registration"
	"lyceum/server/staff"
)

// guard is the only place that lets a call through to an API handler. It runs
// before the body is read, so a stranger learns nothing about what is valid.
func (s *site) guard(r rule) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		who, err := s.admit(ctx.Context(), r)
		if err != nil {
			c := humafiber.Unwrap(ctx)
			if err := s.answerError(c, err); err != nil {
				s.Log.Error("answer a refusal", "route", r.route, "error", err.Error())
			}
			return
		}
		next(huma.WithValue(ctx, visitorKey{}, who))
	}
}

func (s *site) admit(ctx context.Context, r rule) (visitor, error) {
	credentials := requestFrom(ctx)
	switch r.need {
	case public:
		return visitor{}, nil
	case ticket:
		return s.byTicket(ctx, credentials.ticket)
	case ticketOrHost:
		// A ticket is shown on purpose, a cookie comes along by itself.
		if credentials.ticket != "" || credentials.session == "" {
			return s.byTicket(ctx, credentials.ticket)
		}
		return s.bySession(ctx, r)
	case signedIn, right:
		return s.bySession(ctx, r)
	}
	return visitor{}, newProblem(codeForbidden)
}

func (s *site) byTicket(ctx context.Context, ticket string) (visitor, error) {
	if ticket == "" {
		return visitor{}, registration.ErrTicketRefused
	}
	reg, e, err := s.desk.Ticket(ctx, ticket)
	if err != nil {
		return visitor{}, err
	}
	return visitor{registration: &reg, event: &e}, nil
}

func (s *site) bySession(ctx context.Context, r rule) (visitor, error) {
	session := requestFrom(ctx).session
	if session == "" {
		return visitor{}, staff.ErrSignedOut
	}
	person, err := s.Store.StaffSession(ctx, HashSecret(session), s.Now())
	if errors.Is(err, staff.ErrNotFound) {
		err = staff.ErrSignedOut
	}
	if err != nil {
		return visitor{}, fmt.Errorf("web: staff session: %w", err)
	}
	if !r.allows(&person) {
		return visitor{}, newProblem(codeForbidden)
	}
	return visitor{staff: &person}, nil
}
