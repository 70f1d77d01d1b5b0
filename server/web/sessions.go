package web

import (
	"context"
	"net/http"
	"time"

	"lyceum/server/registration"
	"lyceum/server/staff"
)

// evenTime is how long asking for a sign-in link takes at least, so that its
// duration does not tell whether the address is known (S14).
const evenTime = 60 * time.Millisecond

// Me is the signed-in person.
type Me struct {
	ID     string        `json:"id"`
	Name   string        `json:"name"`
	Email  string        `json:"email"`
	Rights []staff.Right `json:"rights"`
	May    []string      `json:"may" doc:"The actions that the rights allow, such as event.write."`
}

type signInLinkInput struct {
	Body struct {
		Email string `json:"email" maxLength:"500"`
	}
}

type signInInput struct {
	Body struct {
		Code string `json:"code" maxLength:"200" doc:"The part after # of a sign-in link."`
	}
}

type signInOutput struct {
	Cookie string `header:"Set-Cookie"`
	Body   Me
}

type signOutOutput struct {
	Cookie string `header:"Set-Cookie"`
}

type meOutput struct{ Body Me }

func (s *site) sessionRoutes(a *api) {
	const session = "/api/staff/session"
	handle(a, operation("ask-sign-in-link", http.MethodPost, "/api/staff/sign-in-link", "Have a sign-in link mailed", http.StatusAccepted, 413, 415, 429), s.askSignInLink)
	handle(a, operation("sign-in", http.MethodPost, session, "Begin a session with the code of a sign-in link", http.StatusOK, 401, 413, 415, 429), s.signIn)
	handle(a, operation("sign-out", http.MethodDelete, session, "End one's session", http.StatusNoContent, 403), s.signOut)
	handle(a, operation("me", http.MethodGet, "/api/staff/me", "Who is signed in", http.StatusOK, 401), s.me)
}

// askSignInLink answers alike, and in about the same time, whether the address
// belongs to somebody or not.
func (s *site) askSignInLink(ctx context.Context, in *signInLinkInput) (*empty, error) {
	even := time.NewTimer(evenTime)
	defer even.Stop()
	// A staff address obeys the same rules as a patron's.
	applicant, err := registration.Parse("staff", in.Body.Email)
	if err != nil {
		return nil, err
	}
	if err := s.limits.guess.take(requestFrom(ctx).network); err != nil {
		return nil, err
	}
	if err := s.limits.sign.take(s.Keys.Person(applicant.Email)); err != nil {
		return nil, err
	}
	if err := s.Store.RequestSignIn(ctx, applicant.Email, s.Now()); err != nil {
		return nil, err
	}
	s.Poke()
	select {
	case <-even.C:
	case <-ctx.Done():
	}
	return &empty{}, nil
}

// signIn uses a code up. Each sign-in makes a new session, so nobody can plant one.
func (s *site) signIn(ctx context.Context, in *signInInput) (*signInOutput, error) {
	if err := s.limits.guess.take(requestFrom(ctx).network); err != nil {
		return nil, err
	}
	now, session := s.Now(), NewSecret()
	person, err := s.Store.RedeemSignInCode(ctx, HashSecret(in.Body.Code), HashSecret(session), now, now.Add(sessionLife))
	if err != nil {
		return nil, err
	}
	return &signInOutput{Cookie: s.sessionCookie(session), Body: showMe(person)}, nil
}

func (s *site) signOut(ctx context.Context, _ *empty) (*signOutOutput, error) {
	if session := requestFrom(ctx).session; session != "" {
		if err := s.Store.EndStaffSession(ctx, HashSecret(session)); err != nil {
			return nil, err
		}
	}
	return &signOutOutput{Cookie: s.sessionCookie("")}, nil
}

func (s *site) me(ctx context.Context, _ *empty) (*meOutput, error) {
	return &meOutput{Body: showMe(*visitorFrom(ctx).staff)}, nil
}

func showMe(p staff.Staff) Me {
	me := Me{ID: p.ID, Name: p.Name, Email: p.Email, Rights: append([]staff.Right{}, p.Rights...), May: []string{}}
	for _, action := range []string{staff.EventWrite, staff.RegistrationRead, staff.OutboxRead, staff.RoomHost, staff.SocialWrite, staff.StaffWrite, staff.SiteWrite} {
		if p.May(action) {
			me.May = append(me.May, action)
		}
	}
	return me
}
