package pages_test

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"lyceum/server/event"
	"lyceum/server/registration"
	"lyceum/server/settings"
	"lyceum/server/web/pages"
)

// memory is a Store and a Desk over the real rules: the pages meet the same answers as in the whole site.
type memory struct {
	mu            sync.Mutex
	keys          registration.Keys
	now           func() time.Time
	events        []event.Event
	registrations map[string]registration.Registration
	seen          map[string]pages.Receipt // by idempotency key
	refuse        error                    // answers the next Register, for trouble that needs no story
	settings      settings.Settings
	unopened      bool
}

func (m *memory) Event(_ context.Context, idOrSlug string) (event.Event, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, e := range m.events {
		if e.ID == idOrSlug || e.Slug == idOrSlug {
			return e, nil
		}
	}
	return event.Event{}, event.ErrNotFound
}

// Upcoming uses the last event's id as its cursor.
func (m *memory) Upcoming(_ context.Context, now time.Time, after string, limit int) ([]event.Event, string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var coming []event.Event
	for _, e := range m.events {
		if !e.Over(now) {
			coming = append(coming, e)
		}
	}
	slices.SortStableFunc(coming, func(a, b event.Event) int { return a.StartsAt.Compare(b.StartsAt) })
	if i := slices.IndexFunc(coming, func(e event.Event) bool { return e.ID == after }); i >= 0 {
		coming = coming[i+1:]
	} else if after != "" {
		return nil, "", event.Problems{{Field: "after", Code: event.CodeUnknown}}
	}
	if len(coming) <= limit {
		return coming, "", nil
	}
	return coming[:limit], coming[limit-1].ID, nil
}

func (m *memory) Register(_ context.Context, eventID, name, email, key string) (pages.Receipt, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.refuse != nil {
		return pages.Receipt{}, m.refuse
	}
	if receipt, again := m.seen[key]; again {
		return receipt, nil
	}
	applicant, err := registration.Parse(name, email)
	if err != nil {
		return pages.Receipt{}, err
	}
	i := slices.IndexFunc(m.events, func(e event.Event) bool { return e.ID == eventID })
	facts := registration.Facts{Now: m.now()}
	person := m.keys.Person(email)
	for _, r := range m.registrations {
		if r.Person == person && r.EventID == eventID && r.Status != registration.Cancelled {
			facts.Existing = &r
		}
	}
	d, err := registration.Decide(m.events[i], facts, applicant, uuid.NewString(), person)
	if err != nil {
		return pages.Receipt{}, err
	}
	if d.Created {
		m.registrations[d.Registration.ID] = d.Registration
		if d.Registration.Seated() {
			m.events[i].Taken++
		} else {
			m.events[i].Waiting++
		}
	}
	m.seen[key] = pages.Receipt(d.Shown)
	return m.seen[key], nil
}

func (m *memory) Ticket(ctx context.Context, ticket string) (registration.Registration, event.Event, error) {
	m.mu.Lock()
	id, err := registration.ReadTicket(ticket)
	r := m.registrations[id]
	m.mu.Unlock()
	if err == nil {
		err = m.keys.Verify(ticket, r)
	}
	if err != nil {
		return registration.Registration{}, event.Event{}, err
	}
	e, err := m.Event(ctx, r.EventID)
	return r, e, err
}

func (m *memory) Cancel(ctx context.Context, ticket string) error {
	r, e, err := m.Ticket(ctx, ticket)
	if err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	r.Status, r.Generation = registration.Cancelled, r.Generation+1
	m.registrations[r.ID] = r
	i := slices.IndexFunc(m.events, func(other event.Event) bool { return other.ID == e.ID })
	m.events[i].Taken--
	return nil
}
