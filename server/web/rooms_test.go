package web_test

import (
	"testing"
	"time"

	"lyceum/server/event"
	"lyceum/server/staff"
	"lyceum/server/web"
)

func TestJoiningExchangesATicketForAToken(t *testing.T) {
	h := open(t, nil)
	e := h.event("Live now", -10*time.Minute, nil)
	r, ticket := h.seat(e, "one@mail.example")
	for _, name := range []string{e.ID, e.Slug} {
		a := h.do("POST", "/api/rooms/"+name+"/join", "", bearer(ticket))
		golden(t, "join.json", mask(dump(t, a.json(t)), r.ID, "REGISTRATION", e.ID, "EVENT"))
	}
	want := web.Admission{EventID: e.ID, Participant: r.ID, Name: "Reader One", Role: "attendee", Person: r.Person}
	if len(h.rooms.admitted) != 2 || h.rooms.admitted[0] != want {
		t.Errorf("admitted %+v, want %+v", h.rooms.admitted, want)
	}
}

func TestStaffWhoMayHostJoinAsHost(t *testing.T) {
	h := open(t, nil)
	e := h.event("Tomorrow", 24*time.Hour, nil) // hosts come early, to prepare
	host := h.staff("host@library.example", staff.Host)
	a := h.do("POST", "/api/rooms/"+e.ID+"/join", "{}", signedIn(host))
	if a.status != 200 || a.json(t)["participant"].(map[string]any)["role"] != "host" {
		t.Errorf("host: %d %s", a.status, a.body)
	}
	viewer := h.staff("viewer@library.example", staff.Viewer)
	if a := h.do("POST", "/api/rooms/"+e.ID+"/join", "", signedIn(viewer)); a.status != 403 || a.code() != "forbidden" {
		t.Errorf("viewer: %d %s", a.status, a.body)
	}
	// Staff who open a patron's link are that patron.
	live := h.event("Live", -time.Minute, nil)
	_, ticket := h.seat(live, "one@mail.example")
	a = h.do("POST", "/api/rooms/"+live.ID+"/join", "", signedIn(host), bearer(ticket))
	if a.json(t)["participant"].(map[string]any)["role"] != "attendee" {
		t.Errorf("host with a ticket: %s", a.body)
	}
}

func TestTheDoorSaysWhyItStaysClosed(t *testing.T) {
	h := open(t, nil)
	early := h.event("Early", time.Hour, nil)
	_, earlyTicket := h.seat(early, "one@mail.example")
	live := h.event("Live", -10*time.Minute, func(d *event.Draft) { d.Capacity = 1 })
	_, liveTicket := h.seat(live, "one@mail.example")
	_, waiting := h.seat(live, "two@mail.example")
	banned := h.event("Banned", -10*time.Minute, nil)
	removed, removedTicket := h.seat(banned, "gone@mail.example")
	h.rooms.banned[removed.Person] = true
	off := h.event("Off", -10*time.Minute, nil)
	_, offTicket := h.seat(off, "one@mail.example")
	if err := h.store.CancelEvent(t.Context(), off.ID, h.now); err != nil {
		t.Fatal(err)
	}
	here := h.event("Here", -10*time.Minute, func(d *event.Draft) { d.Format = event.InPerson })
	_, hereTicket := h.seat(here, "one@mail.example")

	for _, row := range []struct {
		name, event, ticket string
		status              int
		code                string
	}{
		{"an hour before the doors", early.ID, earlyTicket, 409, "doors-closed"},
		{"without a ticket", live.ID, "", 401, "ticket-refused"},
		{"with a ticket for another event", live.ID, earlyTicket, 401, "ticket-refused"},
		{"from the waiting list", live.ID, waiting, 409, "waitlisted"},
		{"after being removed", banned.ID, removedTicket, 403, "banned"},
		{"after the event was called off", off.ID, offTicket, 409, "event-cancelled"},
		{"to an event in the house", here.ID, hereTicket, 409, "not-online"},
		{"to an event that does not exist", "nowhere", liveTicket, 404, "not-found"},
	} {
		t.Run(row.name, func(t *testing.T) {
			a := h.do("POST", "/api/rooms/"+row.event+"/join", "", bearer(row.ticket))
			if a.status != row.status || a.code() != row.code {
				t.Errorf("%d %s, want %d %s", a.status, a.body, row.status, row.code)
			}
			if opens, has := a.json(t)["opensAt"]; has != (row.code == "doors-closed") || has && opens != "2026-12-01T12:45:00Z" {
				t.Errorf("opensAt %v", opens)
			}
		})
	}
	h.now = live.ClosesAt()
	if a := h.do("POST", "/api/rooms/"+live.ID+"/join", "", bearer(liveTicket)); a.status != 409 || a.code() != "event-over" {
		t.Errorf("after the end: %d %s", a.status, a.body)
	}
	h.now = live.ClosesAt().Add(-time.Second)
	if a := h.do("POST", "/api/rooms/"+live.ID+"/join", "", bearer(liveTicket)); a.status != 200 {
		t.Errorf("a second before the doors close: %d %s", a.status, a.body)
	}
}
