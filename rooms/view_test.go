package rooms_test

import (
	"testing"

	"lyceum/rooms"
)

// What each of them is told of somebody who comes to the lobby, is let in, and is
// sent back.
func TestTheLobbyIsTheHostsBusiness(t *testing.T) {
	st := newStage(t)
	st.mustDo("host", mode("lobby.mode", "admit"))
	steps := []struct {
		actor           string
		c               rooms.Command
		hosts, everyone string
	}{
		{"new", again("new", rooms.RoleAttendee), "joined", "void"},
		{"host", about("lobby.deny", "new"), "denied", "void"},
		{"new", cmd("lobby.ask"), "asked", "void"},
		{"new", cmd("lose"), "away", "void"},
		{"new", cmd("return"), "returned", "void"},
		{"host", about("lobby.admit", "new"), "admitted", "joined"},
		{"new", cmd("hand.raise"), "hand-raised", "hand-raised"},
		{"host", about("lobby.return", "new"), "moved", "left"},
		{"host", source("mute", "new", "mic"), "muted", "void"},
		{"new", cmd("leave"), "left", "void"},
	}
	for _, s := range steps {
		events, err := rooms.Apply(st.s, s.actor, s.c, st.at)
		if err != nil {
			t.Fatalf("%s: %v", s.c.Name, err)
		}
		e := events[0]
		st.s.Evolve(e)
		for _, view := range []struct {
			who  string
			host bool
			want string
		}{{"host", true, s.hosts}, {"second", false, s.everyone}} {
			if got := e.For(view.who, view.host); got.Kind != view.want || got.Version != e.Version ||
				got.Kind == rooms.KindVoid && (got.Participant != "" || got.Joined != nil || got.Actor != "") {
				t.Errorf("%s is told of %s: %+v, want %s", view.who, s.c.Name, got, view.want)
			}
		}
	}
}

func TestRostersAndHeldMessages(t *testing.T) {
	st := newStage(t)
	st.mustDo("host", mode("lobby.mode", "admit"))
	st.mustDo("host", mode("chat.hold", "newcomers"))
	st.mustDo("new", again("new", rooms.RoleAttendee))
	st.mustDo("second", say("hello"))
	for who, want := range map[string][2]int{
		"host": {8, 1}, "co-host": {8, 1}, "speaker": {7, 0}, "second": {7, 1}, "attendee": {7, 0}, "new": {1, 0},
	} {
		if people, held := len(st.s.Roster(who)), len(st.s.HeldFor(who)); people != want[0] || held != want[1] {
			t.Errorf("%s sees %d people and %d held messages, want %v", who, people, held, want)
		}
	}
	if w, ok := st.s.Wait("new"); !ok || w.Reason != "new" || !w.Hosts {
		t.Errorf("who waits is told %+v", w)
	}
	if _, ok := st.s.Wait("second"); ok {
		t.Error("somebody inside waits")
	}
}
