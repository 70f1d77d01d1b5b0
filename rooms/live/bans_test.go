package live_test

import (
	"slices"
	"testing"
	"time"

	"lyceum/rooms"
	"lyceum/rooms/journal"
	"lyceum/rooms/live"
	"lyceum/rooms/token"
)

func elsewhere(id string, role rooms.Role) token.Claims {
	c := claimsOf(id, role)
	c.Room = "event-2"
	return c
}

var siteBan = rooms.Command{Name: "ban", Participant: "speaker", Scope: "site"}

func TestABanFromTheSiteHoldsInEveryRoom(t *testing.T) {
	h := newHouse(t)
	host, _ := speaking(h)
	there, err := h.enter(live.Entry{Claims: elsewhere("other-ticket", rooms.RoleSpeaker)})
	if err != nil {
		t.Fatal(err)
	}
	// The same person under another ticket, in another room, heard there.
	c := elsewhere("same-person", rooms.RoleSpeaker)
	c.Person = "person of speaker"
	same, err := h.enter(live.Entry{Claims: c})
	if err != nil {
		t.Fatal(err)
	}
	same.mustDo(cmd("publish", "", "mic"))
	media := h.media.peer(t, "same-person")
	start := time.Now()
	host.mustDo(siteBan)
	if took := time.Since(start); took > 500*time.Millisecond {
		t.Errorf("the ban took %v", took)
	}
	if _, _, byes := same.sink.heard(); !slices.Equal(byes, []string{live.ByeRemoved}) || media.open("mic") || !media.isClosed() {
		t.Errorf("in the other room: byes %v, media closed %v", byes, media.isClosed())
	}
	if kinds := there.sink.kinds(); kinds[len(kinds)-1] != "removed" {
		t.Errorf("the other room heard %v", kinds)
	}
	ways := func(when string) {
		t.Helper()
		h.wantRefused(when+": the room it was given in", live.Entry{Claims: claimsOf("speaker", rooms.RoleSpeaker)}, "banned")
		h.wantRefused(when+": another room", live.Entry{Claims: c}, "banned")
		third := c
		third.Room = "event-3"
		h.wantRefused(when+": a room that was not open", live.Entry{Claims: third, Move: true}, "banned")
		if _, _, err := h.hub.EnterSubscriber(t.Context(), third, "v=0"); codeOf(err) != "banned" {
			t.Errorf("%s: WHEP: %v", when, err)
		}
		if yes, err := h.hub.Banned(t.Context(), "event-3", c.Person); !yes || err != nil {
			t.Errorf("%s: Banned says %v %v", when, yes, err)
		}
	}
	ways("at once")
	h.restart(true)
	ways("after a restart with an empty Redis")
}

func TestABanFromTheSiteReachesRoomsThatAreNotInMemory(t *testing.T) {
	h := newHouse(t)
	c := elsewhere("same-person", rooms.RoleSpeaker)
	c.Person = "person of speaker"
	if _, err := h.enter(live.Entry{Claims: c}); err != nil {
		t.Fatal(err)
	}
	h.restart(false)
	host, _ := speaking(h)
	host.mustDo(siteBan)
	there, err := h.enter(live.Entry{Claims: elsewhere("host", rooms.RoleHost)})
	if err != nil {
		t.Fatal(err)
	}
	if p, ok := there.find("same-person"); ok {
		t.Errorf("on the roster: %+v", p)
	}
}

func TestALiftedBanIsOverInTheRoomToo(t *testing.T) {
	h := newHouse(t)
	host, _ := speaking(h)
	host.mustDo(siteBan)
	guest := h.mustEnter("guest", rooms.RoleAttendee)
	host.mustDo(cmd("lobby.admit", "guest", ""))
	host.mustDo(cmd("remove", "guest", ""))
	h.restart(true)
	for _, lift := range [][2]string{{journal.Site, "person of speaker"}, {event, "person of guest"}} {
		if err := h.hub.Lift(t.Context(), lift[0], event, lift[1]); err != nil {
			t.Fatal(err)
		}
		if err := h.hub.Lift(t.Context(), lift[0], event, lift[1]); err != nil {
			t.Errorf("again: %v", err)
		}
	}
	come := func(when string) {
		t.Helper()
		h.mustEnter("speaker", rooms.RoleSpeaker).Leave(t.Context())
		h.mustEnter(guest.id, rooms.RoleAttendee).Leave(t.Context())
		if _, err := h.enter(live.Entry{Claims: elsewhere("speaker", rooms.RoleSpeaker)}); err != nil {
			t.Errorf("%s: another room: %v", when, err)
		}
	}
	come("at once")
	h.restart(true)
	come("after a restart with an empty Redis")
}

func TestALiftThatIsNotRecordedHasNotHappened(t *testing.T) {
	h := newHouse(t)
	host, _ := speaking(h)
	host.mustDo(cmd("remove", "speaker", ""))
	h.journal.fails.Store(true)
	if err := h.hub.Lift(t.Context(), event, event, "person of speaker"); err == nil {
		t.Error("lifted without a record")
	}
	h.journal.fails.Store(false)
	h.wantRefused("the removed one", live.Entry{Claims: claimsOf("speaker", rooms.RoleSpeaker)}, "banned")
}

func TestABanFromTheSiteHoldsWhileTheJournalFails(t *testing.T) {
	h := newHouse(t)
	host, _ := speaking(h)
	h.journal.fails.Store(true)
	if got := codeOf(host.Do(t.Context(), siteBan)); got != "internal" {
		t.Errorf("ban: %q, want internal", got)
	}
	h.journal.fails.Store(false)
	h.wantRefused("another room", live.Entry{Claims: elsewhere("speaker", rooms.RoleSpeaker)}, "banned")
	h.hub.Sweep()
	h.restart(true)
	h.wantRefused("another room after a restart", live.Entry{Claims: elsewhere("speaker", rooms.RoleSpeaker)}, "banned")
}
