package main

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"lyceum/rooms"
	"lyceum/rooms/live"
	"lyceum/rooms/sfu"
	"lyceum/rooms/token"
)

// deaf is a connection that nobody listens at.
type deaf struct{}

func (deaf) Event(rooms.Event)     {}
func (deaf) Entered(live.Welcome)  {}
func (deaf) Waiting(rooms.Waiting) {}
func (deaf) Offer(sfu.Offer)       {}
func (deaf) Failed(sfu.Side)       {}
func (deaf) Bye(string)            {}

// What a host decides in a room, staff see by the names shown then and can lift,
// through the real store and the real rooms.
func TestABanGivenInARoomIsSeenAndLiftedByStaff(t *testing.T) {
	cfg, err := readConfig(demoEnv(t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	s, err := assemble(t.Context(), console{out: &bytes.Buffer{}, err: &bytes.Buffer{}, now: time.Now}, cfg, true)
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	enter := func(room, id string, role rooms.Role) (*live.Seat, error) {
		seat, _, err := s.hub.Enter(t.Context(), live.Entry{Claims: token.Claims{
			Participant: id, Name: "Demo " + id, Person: "person-" + id, Room: room, Role: role,
		}}, deaf{})
		return seat, err
	}
	host, err := enter("one", "host", rooms.RoleHost)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := enter("one", "loud", rooms.RoleAttendee); err != nil {
		t.Fatal(err)
	}
	if err := host.Do(t.Context(), rooms.Command{Name: rooms.CommandBan, Participant: "loud", Scope: rooms.ScopeSite}); err != nil {
		t.Fatal(err)
	}
	keptOut := func(when string) {
		t.Helper()
		for _, room := range []string{"one", "two"} {
			if _, err := enter(room, "loud", rooms.RoleAttendee); !errors.Is(err, &rooms.Error{Code: rooms.CodeBanned}) {
				t.Errorf("%s, room %s: %v", when, room, err)
			}
		}
	}
	keptOut("banned")
	staff := bans{s.store, s.hub}
	listed, err := staff.Bans(t.Context(), time.Now(), 10)
	if err != nil || len(listed) != 1 || listed[0].Scope != "site" || listed[0].Name != "Demo loud" ||
		listed[0].By != "Demo host" || listed[0].Room != "one" {
		t.Fatalf("%v, listed %+v", err, listed)
	}
	if err := staff.Lift(t.Context(), listed[0]); err != nil {
		t.Fatal(err)
	}
	if listed, err := staff.Bans(t.Context(), time.Now(), 10); err != nil || len(listed) != 0 {
		t.Errorf("%v, still listed %+v", err, listed)
	}
	for _, room := range []string{"one", "two"} {
		if _, err := enter(room, "loud", rooms.RoleAttendee); err != nil {
			t.Errorf("lifted, room %s: %v", room, err)
		}
	}
}
