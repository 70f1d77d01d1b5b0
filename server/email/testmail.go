package email

import (
	"context"
	"errors"
	netmail "net/mail"

	"github.com/google/uuid"
	"github.com/wneessen/go-mail"
)

// Test sends one mail to an address at once, so that an administrator sees whether mail goes out. The error is a
// *Permanent or a *Passing whose Detail says in plain words what happened.
func (s *Service) Test(ctx context.Context, to string) error {
	address, err := netmail.ParseAddress(to)
	if err != nil || address.Address != to {
		return &Permanent{Detail: "This is no mail address.", Err: errors.New("email: bad test address")}
	}
	v := view{Kind: "test", Subject: "A test mail from your Lyceum", Library: s.library(), Page: s.PublicURL + "/staff/settings"}
	text, html, err := render(v)
	if err != nil {
		return err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	msg := s.blank(id.String(), address, v.Subject)
	msg.SetBodyString(mail.TypeTextPlain, text)
	msg.AddAlternativeString(mail.TypeTextHTML, html)
	switch f := fault(s.Sender.Send(ctx, msg)); {
	case f == found{}:
		return nil
	case f.permanent:
		return &Permanent{Detail: f.detail, Err: errors.New("email: test mail")}
	default:
		return &Passing{Detail: f.detail, Err: errors.New("email: test mail")}
	}
}
