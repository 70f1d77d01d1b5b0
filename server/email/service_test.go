package email_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"lyceum/server/email"
	"lyceum/server/event"
	"lyceum/server/outreach"
	"lyceum/server/registration"
)

// A mail goes out once, and only while what it says is true.
func TestHandle(t *testing.T) {
	eventCancelled := func(m *memory) { m.event.Status = event.Cancelled }
	status := func(s registration.Status) func(*memory) { return func(m *memory) { m.reg.Status = s } }
	startsIn := func(d time.Duration) func(*memory) {
		return func(m *memory) { m.event.StartsAt, m.event.EndsAt = noon.Add(d), noon.Add(d+time.Hour) }
	}
	before := func(state string) func(*memory) {
		return func(m *memory) {
			m.deliveries[jobID] = email.Delivery{ID: jobID, State: state, Attempts: 1, CreatedAt: noon}
		}
	}
	for _, c := range []struct {
		rule, kind string
		change     func(*memory)
		mails      int
		state      string
		detail     string
	}{
		{"a confirmed patron gets the link", registration.MailRegistration, func(*memory) {}, 1, email.Sent, ""},
		{"a mail that was sent is not sent again", registration.MailRegistration, before(email.Sent), 0, email.Sent, ""},
		{"a mail that failed is tried again", registration.MailRegistration, before(email.Failed), 1, email.Sent, ""},
		{"an attempt that was cut off is repeated and shown", registration.MailRegistration, before(email.Sending), 1, email.Sent, "may have arrived twice"},
		{"no link for a registration cancelled since", registration.MailRegistration, status(registration.Cancelled), 0, email.Failed, "registration was cancelled"},
		{"no link for an event cancelled since", registration.MailRegistration, eventCancelled, 0, email.Failed, "event was cancelled"},
		{"no waiting-list mail for who was promoted since", registration.MailWaitlisted, func(*memory) {}, 0, email.Failed, "registration changed"},
		{"no promotion for who is removed since", registration.MailPromoted, status(registration.Refused), 0, email.Failed, "registration changed"},
		{"a waiting patron gets the link again", registration.MailAgain, status(registration.Waitlisted), 1, email.Sent, ""},
		{"no link again for who cancelled since", registration.MailAgain, status(registration.Cancelled), 0, email.Failed, "registration was cancelled"},
		{"a cancelled registration is told so", registration.MailCancelled, status(registration.Cancelled), 1, email.Sent, ""},
		{"a refused person is told so", registration.MailRefused, status(registration.Refused), 1, email.Sent, ""},
		{"a refusal is not told to who has a seat", registration.MailRefused, func(*memory) {}, 0, email.Failed, "registration changed"},
		{"who has a seat is reminded a week before", outreach.MailReminderWeek, startsIn(6 * 24 * time.Hour), 1, email.Sent, ""},
		{"who waits for a seat is not reminded", outreach.MailReminderWeek, status(registration.Waitlisted), 0, email.Failed, "registration changed"},
		{"no reminder for who gave the seat back since", outreach.MailReminderWeek, status(registration.Cancelled), 0, email.Failed, "registration was cancelled"},
		{"no reminder for an event cancelled since", outreach.MailReminderWeek, eventCancelled, 0, email.Failed, "event was cancelled"},
		{"no reminder for an event that was moved away since", outreach.MailReminderDay, func(*memory) {}, 0, email.Failed, "wrong time"},
		{"no reminder of a week on the last day", outreach.MailReminderWeek, startsIn(23 * time.Hour), 0, email.Failed, "wrong time"},
		{"no reminder after the start", outreach.MailReminderHour, startsIn(-time.Minute), 0, email.Failed, "wrong time"},
		{"a late reminder still goes out before the start", outreach.MailReminderHour, startsIn(time.Minute), 1, email.Sent, ""},
		{"who has a seat hears of the new time", outreach.MailEventChanged, func(*memory) {}, 1, email.Sent, ""},
		{"who waits hears of the new time", outreach.MailEventChanged, status(registration.Waitlisted), 1, email.Sent, ""},
		{"no new time for an event cancelled since", outreach.MailEventChanged, eventCancelled, 0, email.Failed, "event was cancelled"},
		{"who has a seat hears that the event is off", outreach.MailEventCancelled, eventCancelled, 1, email.Sent, ""},
		{"who gave the seat back is not told that the event is off", outreach.MailEventCancelled, status(registration.Cancelled), 0, email.Failed, "registration was cancelled"},
		{"staff get their sign-in link", email.SignIn, func(*memory) {}, 1, email.Sent, ""},
	} {
		t.Run(c.rule, func(t *testing.T) {
			store, out := newMemory(talk(), patron(registration.Confirmed)), &outgoing{}
			c.change(store)
			s := mustNew(t, config(store, out))
			if err := s.Handle(t.Context(), jobOf(c.kind)); err != nil {
				t.Fatal(err)
			}
			d := store.deliveries[jobID]
			if len(out.mails) != c.mails || d.State != c.state || !strings.Contains(d.Detail, c.detail) {
				t.Errorf("%d mails, delivery %s (%s); want %d, %s (%s)", len(out.mails), d.State, d.Detail, c.mails, c.state, c.detail)
			}
			if err := s.Handle(t.Context(), jobOf(c.kind)); err != nil || len(out.mails) != c.mails {
				t.Errorf("the same job again: %d mails, %v", len(out.mails), err)
			}
		})
	}
}

func TestDeliveryShowsWhatWasSentAndNoSecret(t *testing.T) {
	store, out := newMemory(talk(), patron(registration.Confirmed)), &outgoing{}
	if err := mustNew(t, config(store, out)).Handle(t.Context(), jobOf(registration.MailRegistration)); err != nil {
		t.Fatal(err)
	}
	want := email.Delivery{
		ID: jobID, Kind: registration.MailRegistration, Channel: "email", Recipient: "reader.one@example.org",
		Subject: "You have a seat: The Lighthouse Ledger", EventID: eventID, RegistrationID: regID,
		State: email.Sent, Attempts: 1, CreatedAt: noon, UpdatedAt: noon,
	}
	if got := store.deliveries[jobID]; got != want {
		t.Errorf("delivery %+v\nwant     %+v", got, want)
	}
}

// A revoked ticket must not come back to life in a mail that is rendered late.
func TestTheLinkHasTheGenerationOfTheMoment(t *testing.T) {
	store, out := newMemory(talk(), patron(registration.Confirmed)), &outgoing{}
	store.reg.Generation = 4
	c := config(store, out)
	if err := mustNew(t, c).Handle(t.Context(), jobOf(registration.MailRegistration)); err != nil {
		t.Fatal(err)
	}
	if text := readable(t, out.mails[0]); !strings.Contains(text, "/join#"+c.Keys.Ticket(regID, 4)) {
		t.Error("the mail has another link than that of generation 4")
	}
}

func TestARepeatedAttemptHasTheSameMessageID(t *testing.T) {
	out := &outgoing{}
	for range 2 {
		if err := mustNew(t, config(newMemory(talk(), patron(registration.Confirmed)), out)).Handle(t.Context(), jobOf(registration.MailRegistration)); err != nil {
			t.Fatal(err)
		}
	}
	want := []byte("Message-ID: <" + jobID + "@library.example>\r\n")
	if !bytes.Contains(out.mails[0], want) || !bytes.Contains(out.mails[1], want) {
		t.Errorf("no %q in both mails", want)
	}
}

// What can never work is *Permanent, so that it leaves the queue; what may mend itself is not.
func TestHandleTellsLastingFromPassingFailures(t *testing.T) {
	broken := errors.New("locked")
	for _, c := range []struct {
		rule      string
		job       email.Job
		change    func(*memory, *outgoing, *email.Config)
		permanent bool
	}{
		{"an unknown kind", email.Job{ID: jobID, Kind: "mail.unknown"}, func(*memory, *outgoing, *email.Config) {}, true},
		{"an id that is no id", email.Job{ID: "../x\r\nBcc: a@b.c", Kind: email.SignIn, Staff: "s1"}, func(*memory, *outgoing, *email.Config) {}, true},
		{"a registration that is gone", email.Job{ID: jobID, Kind: registration.MailAgain, Registration: "x"}, func(*memory, *outgoing, *email.Config) {}, true},
		{"an event that is gone", jobOf(registration.MailAgain), func(m *memory, _ *outgoing, _ *email.Config) { m.reg.EventID = "x" }, true},
		{"staff that are gone", email.Job{ID: jobID, Kind: email.SignIn, Staff: "x"}, func(*memory, *outgoing, *email.Config) {}, true},
		{"an address that is none", jobOf(registration.MailAgain), func(m *memory, _ *outgoing, _ *email.Config) { m.reg.Email = "a@b.c\r\nBcc: x@y.z" }, true},
		{"a store that does not answer", jobOf(registration.MailAgain), func(m *memory, _ *outgoing, _ *email.Config) { m.failing = broken }, false},
		{"a sender that does not answer", jobOf(registration.MailAgain), func(_ *memory, o *outgoing, _ *email.Config) { o.fail = broken }, false},
		{"a code that cannot be made", jobOf(email.SignIn), func(_ *memory, _ *outgoing, c *email.Config) {
			c.SignInCode = func(context.Context, string) (string, error) { return "", broken }
		}, false},
		{"a passing failure for more than two days", jobOf(registration.MailAgain), func(m *memory, o *outgoing, _ *email.Config) {
			o.fail = broken
			m.deliveries[jobID] = email.Delivery{ID: jobID, State: email.Failed, CreatedAt: noon.Add(-49 * time.Hour)}
		}, true},
	} {
		t.Run(c.rule, func(t *testing.T) {
			store, out := newMemory(talk(), patron(registration.Confirmed)), &outgoing{}
			cfg := config(store, out)
			c.change(store, out, &cfg)
			err := mustNew(t, cfg).Handle(t.Context(), c.job)
			var permanent *email.Permanent
			if err == nil || errors.As(err, &permanent) != c.permanent || len(out.mails) != 0 {
				t.Errorf("error %v (permanent: %v), %d mails", err, errors.As(err, &permanent), len(out.mails))
			}
			if err != nil && strings.ContainsAny(err.Error(), "@\r") {
				t.Errorf("the error shows an address: %v", err)
			}
		})
	}
}

// A stop in the middle must still note what is known: else the mail is doubled.
func TestTheOutcomeIsNotedWhenTheContextEndsMeanwhile(t *testing.T) {
	store, out := newMemory(talk(), patron(registration.Confirmed)), &outgoing{}
	cfg := config(store, out)
	ctx, cancel := context.WithCancel(t.Context())
	cfg.SignInCode = func(context.Context, string) (string, error) { cancel(); return "code", nil }
	if err := mustNew(t, cfg).Handle(ctx, jobOf(email.SignIn)); err != nil {
		t.Fatal(err)
	}
	if d := store.deliveries[jobID]; d.State != email.Sent {
		t.Errorf("delivery is %s", d.State)
	}
}

func TestNewRefusesWhatNoMailCanUse(t *testing.T) {
	for _, c := range []struct{ rule, from, url string }{
		{"no sender", "", "https://library.example"},
		{"a sender that is no address", "library", "https://library.example"},
		{"no public address", "mail@library.example", ""},
		{"a public address without a host", "mail@library.example", "https://"},
		{"a public address that no browser opens", "mail@library.example", "ftp://library.example"},
	} {
		cfg := config(newMemory(talk(), patron(registration.Confirmed)), &outgoing{})
		cfg.From, cfg.PublicURL = c.from, c.url
		if _, err := email.New(cfg); err == nil {
			t.Errorf("accepted %s", c.rule)
		}
	}
}
