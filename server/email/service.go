package email

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	netmail "net/mail"
	"net/url"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"lyceum/server/event"
	"lyceum/server/registration"
	"lyceum/server/settings"
	"lyceum/server/staff"
)

// The states of a delivery. Unknown means that an attempt may have reached the mail server and nobody noted it.
const (
	Sending = "sending"
	Sent    = "sent"
	Failed  = "failed"
	Unknown = "unknown"
)

// Delivery is the record of sending one mail.
type Delivery struct {
	ID, Kind, Channel, Recipient, Subject, EventID, RegistrationID string

	State     string
	Attempts  int
	Detail    string // what happened, in plain words for staff; never a ticket or a code
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Store is what a mail needs to read and to note. BeginDelivery keeps one row an id and returns it as it stands after this
// attempt began: Sent when there is nothing to do, Unknown when an earlier attempt began and never finished.
type Store interface {
	Event(ctx context.Context, id string) (event.Event, error)
	Registration(ctx context.Context, id string) (registration.Registration, error)
	StaffByID(ctx context.Context, id string) (staff.Staff, error)
	BeginDelivery(ctx context.Context, d Delivery, now time.Time) (Delivery, error)
	FinishDelivery(ctx context.Context, id, state, detail string, now time.Time) error
}

// Sender hands one mail on. It returns nil only when the receiving side has taken it.
type Sender interface {
	Send(ctx context.Context, msg *mail.Msg) error
}

// Config is everything a Service works with; every field is needed.
type Config struct {
	Store     Store
	Sender    Sender
	Keys      registration.Keys
	PublicURL string                   // where patrons reach the site, no path
	From      string                   // an address, or "Name <address>"
	Settings  func() settings.Settings // what the library says about itself now: its name, its mails' sender
	Now       func() time.Time
	Log       *slog.Logger
	// SignInCode makes and stores a fresh code for a member of staff and returns it, for the link.
	SignInCode func(ctx context.Context, staffID string) (code string, err error)
}

// giveUpAfter is how long a mail is tried. Later it would only surprise its reader.
const giveUpAfter = 48 * time.Hour

// noteWithin is what writing down an outcome may take when the service is being stopped.
const noteWithin = 2 * time.Second

// Service writes and sends mails. It keeps no state of its own and may handle many jobs at the same time.
type Service struct {
	Config
	from netmail.Address
	host string // of PublicURL: makes calendar ids unique in the world
}

// New checks the configuration.
func New(c Config) (*Service, error) {
	from, err := netmail.ParseAddress(c.From)
	if err != nil {
		return nil, fmt.Errorf("email: %q is not a sender address; write LYCEUM_MAIL_FROM like \"Library <mail@library.example>\"", c.From)
	}
	u, err := url.Parse(c.PublicURL)
	if err != nil || u.Hostname() == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, fmt.Errorf("email: %q is no public address that a link can use", c.PublicURL)
	}
	c.PublicURL = strings.TrimRight(c.PublicURL, "/")
	from.Name = oneLine(from.Name, maxTitle)
	return &Service{Config: c, from: *from, host: u.Hostname()}, nil
}

// Handle sends the mail that job names, unless it was sent or its reason is gone. The error is a *Permanent when another
// attempt cannot help, and a *Passing or some fault of the store when it may.
func (s *Service) Handle(ctx context.Context, job Job) error {
	if err := job.check(); err != nil {
		return err
	}
	l, err := s.look(ctx, job)
	if err != nil {
		return err
	}
	d, err := s.Store.BeginDelivery(ctx, l.delivery(job), s.Now())
	if err != nil {
		return fmt.Errorf("email: begin delivery %s: %w", job.ID, err)
	}
	if d.State == Sent {
		return nil
	}
	if reason := l.moot(job.Kind, s.Now()); reason != "" {
		s.Log.Info("email: not sent, its reason is gone", "delivery", job.ID, "kind", job.Kind)
		return s.finish(ctx, job.ID, Failed, reason)
	}
	err = s.send(ctx, job, l)
	switch f := fault(err); {
	case err == nil && d.State == Unknown:
		return s.finish(ctx, job.ID, Sent, "An earlier attempt was cut off. The mail may have arrived twice, both times with the same Message-ID.")
	case err == nil:
		return s.finish(ctx, job.ID, Sent, "")
	case f.permanent:
		return errors.Join(&Permanent{Detail: f.detail, Err: err}, s.finish(ctx, job.ID, Failed, f.detail))
	case s.Now().Sub(d.CreatedAt) > giveUpAfter:
		detail := f.detail + " Lyceum tried for two days and has given up."
		return errors.Join(&Permanent{Detail: detail, Err: err}, s.finish(ctx, job.ID, f.state(), detail))
	default:
		detail := f.detail + " Lyceum tries again by itself."
		return errors.Join(&Passing{Detail: detail, Err: err}, s.finish(ctx, job.ID, f.state(), detail))
	}
}

// send renders and hands on. A sign-in code is made here, after it is sure that the mail goes out.
func (s *Service) send(ctx context.Context, job Job, l looked) error {
	code := ""
	if job.Kind == SignIn {
		var err error
		if code, err = s.SignInCode(ctx, l.staff.ID); err != nil {
			return fmt.Errorf("email: make a sign-in code: %w", err)
		}
	}
	msg, err := s.compose(job, l, code)
	if err != nil {
		return err
	}
	return s.Sender.Send(ctx, msg)
}

// finish notes the outcome also when ctx has just ended: an unknown outcome costs a reader a second mail.
func (s *Service) finish(ctx context.Context, id, state, detail string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteWithin)
	defer cancel()
	if err := s.Store.FinishDelivery(ctx, id, state, detail, s.Now()); err != nil {
		return fmt.Errorf("email: finish delivery %s: %w", id, err)
	}
	return nil
}

// library is the library's name as mails call it.
func (s *Service) library() string { return oneLine(s.Settings().Library, maxTitle) }

// sender is whom mails come from: the name in the settings, else the one in LYCEUM_MAIL_FROM, else the library's.
func (s *Service) sender() netmail.Address {
	from, now := s.from, s.Settings()
	if from.Name == "" || now.Sender != "" {
		from.Name = oneLine(now.MailName(), maxTitle)
	}
	return from
}
