package registration_test

import (
	"errors"
	"strings"
	"testing"

	"lyceum/server/registration"
)

var keys = registration.Keys{Site: []byte("a key for tests, 32 bytes long ..")}

const someID = "0f8fad5b-d9cb-469f-a165-70867728950e"

// A ticket opens exactly one registration at one generation, under one key.
func TestTicket(t *testing.T) {
	ticket := keys.Ticket(someID, 1)
	if len(ticket) != 43 || strings.Trim(ticket, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
		t.Fatalf("ticket %q", ticket)
	}
	if id, err := registration.ReadTicket(ticket); id != someID || err != nil {
		t.Errorf("ReadTicket: %q, %v", id, err)
	}
	good := registration.Registration{ID: someID, Generation: 1, Status: registration.Confirmed}
	with := func(change func(*registration.Registration)) registration.Registration {
		r := good
		change(&r)
		return r
	}
	rows := []struct {
		name   string
		keys   registration.Keys
		ticket string
		r      registration.Registration
		ok     bool
	}{
		{"the right one passes", keys, ticket, good, true},
		{"a waitlisted one passes", keys, ticket, with(func(r *registration.Registration) { r.Status = registration.Waitlisted }), true},
		{"a cancelled one is refused", keys, ticket, with(func(r *registration.Registration) { r.Status = registration.Cancelled }), false},
		{"a refused one is refused", keys, ticket, with(func(r *registration.Registration) { r.Status = registration.Refused }), false},
		{"an older generation is refused", keys, ticket, with(func(r *registration.Registration) { r.Generation = 2 }), false},
		{"another registration is refused", keys, ticket, with(func(r *registration.Registration) { r.ID = "1" + someID[1:] }), false},
		{"another site's key is refused", registration.Keys{Site: []byte("other")}, ticket, good, false},
		{"a changed byte is refused", keys, "A" + ticket[1:], good, false},
		{"a shorter one is refused", keys, ticket[:42], good, false},
		{"nothing is refused", keys, "", good, false},
		{"padding is refused", keys, ticket + "=", good, false},
	}
	for _, row := range rows {
		err := row.keys.Verify(row.ticket, row.r)
		if (err == nil) != row.ok || (err != nil && !errors.Is(err, registration.ErrTicketRefused)) {
			t.Errorf("%s: %v", row.name, err)
		}
	}
	for _, id := range []string{"", "not a uuid", strings.ToUpper(someID), strings.ReplaceAll(someID, "-", ""), someID + "00"} {
		if keys.Ticket(id, 1) != "" {
			t.Errorf("%q has a ticket", id)
		}
	}
}

func TestPerson(t *testing.T) {
	want := keys.Person("reader@example.org")
	if len(want) != 22 || strings.Contains(want, "reader") {
		t.Errorf("person %q", want)
	}
	for _, same := range []string{"Reader@Example.org", "reader+club@example.org", " reader+a+b@example.org "} {
		if keys.Person(same) != want {
			t.Errorf("%q is somebody else", same)
		}
	}
	for _, other := range []string{"reader2@example.org", "reader@example.com", "+reader@example.org"} {
		if keys.Person(other) == want {
			t.Errorf("%q is the same person", other)
		}
	}
	if (registration.Keys{Site: []byte("other")}).Person("reader@example.org") == want {
		t.Error("two sites share a person")
	}
}

// A ticket has one spelling: what can be read is what would be written.
func FuzzReadTicket(f *testing.F) {
	ticket := keys.Ticket(someID, 1)
	for _, seed := range []string{ticket, ticket[:42] + "\n", "", strings.Repeat("A", 43), strings.Repeat("_", 43), ticket + "=", "\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		id, err := registration.ReadTicket(text)
		if err != nil {
			if id != "" || !errors.Is(err, registration.ErrTicketRefused) {
				t.Errorf("ReadTicket(%q) = %q, %v", text, id, err)
			}
			return
		}
		if len(id) != len(someID) || len(text) != 43 {
			t.Errorf("ReadTicket(%q) = %q", text, id)
		}
		r := registration.Registration{ID: id, Generation: 1, Status: registration.Confirmed}
		if keys.Verify(text, r) == nil && text != keys.Ticket(id, 1) {
			t.Errorf("%q passes but is not the ticket of %s", text, id)
		}
	})
}
