package email_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/wneessen/go-mail"

	"lyceum/server/email"
	"lyceum/server/event"
	"lyceum/server/registration"
	"lyceum/server/settings"
	"lyceum/server/staff"
)

const (
	regID   = "0b7e1a2c-3d4e-4f50-8a6b-7c8d9e0f1a2b"
	eventID = "6f1d2c3b-4a59-4687-9b0a-1c2d3e4f5061"
	jobID   = "019aa0b1-0000-7000-8000-000000000001"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// talk is a hybrid author talk in winter time, far enough from UTC to show a wrong zone.
func talk() event.Event {
	return event.Event{
		ID: eventID, Slug: "the-lighthouse-ledger", Title: "The Lighthouse Ledger", Speaker: "Paper Lantern",
		Branch: "Harbour Branch", Kind: event.AuthorTalk, Format: event.Hybrid,
		StartsAt: time.Date(2026, 12, 1, 17, 30, 0, 0, time.UTC), EndsAt: time.Date(2026, 12, 1, 18, 30, 0, 0, time.UTC),
		TimeZone: "Europe/Berlin", Capacity: 30, Taken: 3, Status: event.Scheduled, Version: 7,
	}
}

func patron(status registration.Status) registration.Registration {
	return registration.Registration{
		ID: regID, EventID: eventID, Name: "Reader One", Email: "reader.one@example.org", Status: status, Generation: 1,
	}
}

// memory is a Store with the rules of the real one: one delivery an id, sent stays sent, unfinished becomes unknown.
type memory struct {
	mu         sync.Mutex
	event      event.Event
	reg        registration.Registration
	staff      staff.Staff
	deliveries map[string]email.Delivery
	failing    error
}

func newMemory(e event.Event, r registration.Registration) *memory {
	return &memory{event: e, reg: r, deliveries: map[string]email.Delivery{},
		staff: staff.Staff{ID: "s1", Name: "Desk Two", Email: "desk.two@example.org"}}
}

func (m *memory) Event(_ context.Context, id string) (event.Event, error) {
	if id != m.event.ID {
		return event.Event{}, event.ErrNotFound
	}
	return m.event, m.failing
}

func (m *memory) Registration(_ context.Context, id string) (registration.Registration, error) {
	if id != m.reg.ID {
		return registration.Registration{}, registration.ErrNotFound
	}
	return m.reg, m.failing
}

func (m *memory) StaffByID(_ context.Context, id string) (staff.Staff, error) {
	if id != m.staff.ID {
		return staff.Staff{}, staff.ErrNotFound
	}
	return m.staff, m.failing
}

func (m *memory) BeginDelivery(_ context.Context, d email.Delivery, now time.Time) (email.Delivery, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	old, has := m.deliveries[d.ID]
	switch {
	case !has:
		d.State, d.Attempts, d.CreatedAt = email.Sending, 1, now
	case old.State == email.Sent:
		return old, nil
	case old.State == email.Failed:
		d = old
		d.State, d.Attempts = email.Sending, old.Attempts+1
	default:
		d = old
		d.State, d.Attempts = email.Unknown, old.Attempts+1
	}
	m.deliveries[d.ID] = d
	return d, m.failing
}

func (m *memory) FinishDelivery(ctx context.Context, id, state, detail string, now time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	d, has := m.deliveries[id]
	if !has {
		return errors.New("never began")
	}
	d.State, d.Detail, d.UpdatedAt = state, detail, now
	m.deliveries[id] = d
	return ctx.Err()
}

// outgoing is a Sender that keeps what it is given, or fails as told.
type outgoing struct {
	mails [][]byte
	fail  error
}

func (o *outgoing) Send(_ context.Context, msg *mail.Msg) error {
	if o.fail != nil {
		return o.fail
	}
	var b bytes.Buffer
	if _, err := msg.WriteTo(&b); err != nil {
		return err
	}
	o.mails = append(o.mails, b.Bytes())
	return nil
}

func config(store email.Store, sender email.Sender) email.Config {
	return email.Config{
		Store: store, Sender: sender, Keys: registration.Keys{Site: bytes.Repeat([]byte{7}, 32)},
		PublicURL: "https://library.example/", From: "mail@library.example", Settings: called("Harbour Town Library"),
		Now: func() time.Time { return noon }, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		SignInCode: func(_ context.Context, staffID string) (string, error) { return "code-of-" + staffID, nil },
	}
}

// called is the settings of a library with that name.
func called(library string) func() settings.Settings {
	return func() settings.Settings { return settings.Settings{Library: library} }
}

func mustNew(t testing.TB, c email.Config) *email.Service {
	t.Helper()
	s, err := email.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func jobOf(kind string) email.Job {
	if kind == email.SignIn {
		return email.Job{ID: jobID, Kind: kind, Staff: "s1"}
	}
	return email.Job{ID: jobID, Kind: kind, Registration: regID, Event: eventID}
}
