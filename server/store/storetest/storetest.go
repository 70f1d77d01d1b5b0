// Package storetest is the contract of server/store: what any database behind it
// must do, told in cases with sentence names.
//
// Run takes a function that opens a Store at a place; opening the same place
// again after closing must find the same data, and another place must be empty.
// A bug found with one database becomes a case here, for all of them. Times are
// made up from one fixed moment, so nothing waits for a clock.
package storetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"lyceum/server/event"
	"lyceum/server/registration"
	"lyceum/server/store"
)

// Open opens the store that lives at place, a folder made for the test.
type Open func(t *testing.T, place string) *store.Store

// Run checks the whole contract, each case on a store of its own.
func Run(t *testing.T, open Open) {
	groups := []struct {
		name  string
		cases []testCase
	}{
		{"events", eventCases()},
		{"registrations", registrationCases()},
		{"mails", mailCases()},
		{"reminders", reminderCases()},
		{"staff", staffCases()},
		{"settings", settingsCases()},
		{"figures", figureCases()},
		{"rooms", roomCases()},
		{"posts", postCases()},
		{"durability", durableCases()},
	}
	for _, g := range groups {
		t.Run(g.name, func(t *testing.T) {
			for _, c := range g.cases {
				t.Run(c.name, func(t *testing.T) {
					t.Parallel()
					c.run(newFixture(t, open))
				})
			}
		})
	}
}

type testCase struct {
	name string
	run  func(f *fixture)
}

// now is the moment all cases start at, with nanoseconds no database keeps.
var now = time.Date(2026, 12, 1, 9, 0, 0, 123456789, time.UTC)

// fixture is one open store and what cases do with it all the time.
type fixture struct {
	*testing.T
	s     *store.Store
	ctx   context.Context
	keys  registration.Keys
	open  Open
	place string
}

func newFixture(t *testing.T, open Open) *fixture {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	f := &fixture{
		T: t, ctx: ctx, keys: registration.Keys{Site: []byte("a key for tests, 32 bytes long ..")},
		open: open, place: t.TempDir(),
	}
	f.s = open(t, f.place)
	t.Cleanup(func() { f.s.Close() })
	return f
}

// reopen closes the store and opens it again at its place.
func (f *fixture) reopen() {
	f.Helper()
	f.must(f.s.Close())
	f.s = f.open(f.T, f.place)
}

func (f *fixture) must(err error) {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
}

// event adds an event with that many seats, a day from now.
func (f *fixture) event(capacity int) event.Event {
	f.Helper()
	e, err := event.New(uuid.NewString(), event.Draft{
		Title: "The Paper Lantern", Kind: event.AuthorTalk, StartsAt: now.Add(24 * time.Hour), Capacity: capacity,
	}, now)
	f.must(err)
	f.must(f.s.AddEvent(f.ctx, e))
	return f.reread(e)
}

func (f *fixture) reread(e event.Event) event.Event {
	f.Helper()
	e, err := f.s.Event(f.ctx, e.ID)
	f.must(err)
	return e
}

// input is an application by the person with that address.
func (f *fixture) input(e event.Event, email string) store.RegisterInput {
	f.Helper()
	a, err := registration.Parse("Avid Reader", email)
	f.must(err)
	return store.RegisterInput{EventID: e.ID, Applicant: a, Person: f.keys.Person(a.Email), Now: now}
}

func (f *fixture) register(e event.Event, email string) registration.Registration {
	f.Helper()
	r, err := f.s.Register(f.ctx, f.input(e, email))
	f.must(err)
	return r.Registration
}

func (f *fixture) cancel(r registration.Registration) registration.Registration {
	f.Helper()
	r, err := f.s.CancelRegistration(f.ctx, r.ID, now)
	f.must(err)
	return r
}

// claim takes all outbox rows that are due at that time, for one minute.
func (f *fixture) claim(owner string, at time.Time) []store.OutboxRow {
	f.Helper()
	rows, err := f.s.ClaimOutbox(f.ctx, owner, 1000, time.Minute, at)
	f.must(err)
	return rows
}

// kinds lists what is in the outbox at now, and empties it.
func (f *fixture) kinds() []string {
	f.Helper()
	kinds := []string{}
	ids := []string{}
	for _, row := range f.claim("kinds", now) {
		kinds = append(kinds, row.Kind)
		ids = append(ids, row.ID)
	}
	f.must(f.s.OutboxRelayed(f.ctx, ids, now))
	return kinds
}

func address(n int) string { return fmt.Sprintf("reader%d@example.org", n) }
