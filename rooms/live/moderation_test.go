package live_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"lyceum/rooms"
	"lyceum/rooms/live"
	"lyceum/rooms/state/embedded"
	"lyceum/rooms/state/statetest"
)

// speaking is a host and a speaker whose microphone is heard.
func speaking(h *house) (host, speaker *guest) {
	host, speaker = h.mustEnter("host", rooms.RoleHost), h.mustEnter("speaker", rooms.RoleSpeaker)
	speaker.mustDo(cmd("publish", "", "mic"))
	if !h.media.peer(h.t, "speaker").open("mic") {
		h.t.Fatal("the gate is not open after publish")
	}
	return host, speaker
}

func TestEverybodyHearsEverythingInOrderAndNobodyHearsPersons(t *testing.T) {
	h := newHouse(t)
	host := h.mustEnter("host", rooms.RoleHost)
	guest := h.mustEnter("guest", rooms.RoleAttendee)
	guest.mustDo(cmd("hand.raise", "", ""))
	host.mustDo(cmd("stage.invite", "guest", ""))
	guest.mustDo(cmd("stage.accept", "", ""))
	want := []string{"hand-raised", "invited", "hand-lowered", "moved"}
	if got := guest.sink.kinds(); !slices.Equal(got, want) {
		t.Errorf("guest heard %v, want %v", got, want)
	}
	if got := host.sink.kinds(); !slices.Equal(got, append([]string{"joined"}, want...)) {
		t.Errorf("host heard %v", got)
	}
	events, _, _ := host.sink.heard()
	for i, e := range events {
		if e.Version != host.Version+uint64(i)+1 {
			t.Errorf("event %d has version %d after a welcome at %d", i, e.Version, host.Version)
		}
	}
	told, _ := json.Marshal([]any{events, guest.Welcome})
	if strings.Contains(string(told), "person of") {
		t.Errorf("a person's hash left the room: %s", told)
	}
	if guest.Self != "guest" || len(guest.Participants) != 2 || guest.Resume == host.Resume {
		t.Errorf("welcome: %+v", guest.Welcome)
	}
}

func TestMuteShutsTheGateAndAllowLetsItsOwnerOpenIt(t *testing.T) {
	h := newHouse(t)
	host, speaker := speaking(h)
	peer := h.media.peer(t, "speaker")
	host.mustDo(cmd("mute", "speaker", "mic"))
	if peer.open("mic") {
		t.Error("open after mute")
	}
	if got := codeOf(speaker.Do(t.Context(), cmd("resume", "", "mic"))); got != "muted" || peer.open("mic") {
		t.Errorf("resume while muted: %q, open %v", got, peer.open("mic"))
	}
	host.mustDo(cmd("allow", "speaker", "mic"))
	if peer.open("mic") {
		t.Error("a host's allow opened somebody's microphone")
	}
	speaker.mustDo(cmd("resume", "", "mic"))
	if !peer.open("mic") {
		t.Error("shut after allow and the speaker's own resume")
	}
}

func TestCommandsOfConnectionsAreNotForClients(t *testing.T) {
	h := newHouse(t)
	host := h.mustEnter("host", rooms.RoleHost)
	for _, name := range []string{"join", "leave", "lose", "return", "", "chat.delete of others"} {
		if got := codeOf(host.Do(t.Context(), rooms.Command{Name: name})); got != "forbidden" {
			t.Errorf("%q: %q, want forbidden", name, got)
		}
	}
}

func TestRemovalHoldsForEveryWayBack(t *testing.T) {
	h := newHouse(t)
	host, speaker := speaking(h)
	peer := h.media.peer(t, "speaker")
	host.mustDo(cmd("remove", "speaker", ""))
	if _, _, byes := speaker.sink.heard(); !slices.Equal(byes, []string{live.ByeRemoved}) || !peer.isClosed() || peer.open("mic") {
		t.Errorf("byes %v, media closed %v", byes, peer.isClosed())
	}
	if got := codeOf(speaker.Do(t.Context(), say("still here?"))); got != "not-found" {
		t.Errorf("a removed seat speaks: %q", got)
	}
	banned, err := h.journal.PersonBanned(t.Context(), event, "person of speaker", h.clock.now())
	if err != nil || !banned {
		t.Fatalf("done was answered and the ban is not durable: %v %v", banned, err)
	}
	ways := func(when string) {
		t.Helper()
		c := claimsOf("speaker", rooms.RoleSpeaker)
		other := c
		other.Participant, other.Name = "another-registration", "Another Name"
		h.wantRefused(when+": same ticket", live.Entry{Claims: c}, "banned")
		h.wantRefused(when+": resume", live.Entry{Claims: c, Resume: speaker.Resume}, "banned")
		h.wantRefused(when+": move", live.Entry{Claims: c, Move: true}, "banned")
		h.wantRefused(when+": new registration", live.Entry{Claims: other}, "banned")
		if _, _, err := h.hub.EnterPublisher(t.Context(), c, "v=0"); codeOf(err) != "banned" {
			t.Errorf("%s: WHIP: %v", when, err)
		}
		if _, _, err := h.hub.EnterSubscriber(t.Context(), other, "v=0"); codeOf(err) != "banned" {
			t.Errorf("%s: WHEP: %v", when, err)
		}
		if yes, err := h.hub.Banned(t.Context(), event, c.Person); !yes || err != nil {
			t.Errorf("%s: Banned says %v %v", when, yes, err)
		}
	}
	ways("at once")
	h.restart(true)
	ways("after a restart with an empty Redis")
	if _, ok := h.mustEnter("guest", rooms.RoleAttendee).find("speaker"); ok {
		t.Error("the removed one is on the roster after a restart")
	}
}

// A ban that the room's own state knows nothing of, because it was made by another
// node or its entries are no longer kept, is found in the journal.
func TestABanThatOnlyTheJournalKnowsHolds(t *testing.T) {
	h := newHouse(t)
	h.mustEnter("host", rooms.RoleHost)
	c := claimsOf("banned", rooms.RoleAttendee)
	now := h.clock.now()
	if err := h.journal.BanPerson(t.Context(), event, c.Person, now, now.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	h.wantRefused("the banned one", live.Entry{Claims: c}, "banned")
	if _, _, err := h.hub.EnterSubscriber(t.Context(), c, "v=0"); codeOf(err) != "banned" {
		t.Errorf("listening: %v, want banned", err)
	}
	h.clock.forward(2 * time.Hour)
	h.mustEnter("banned", rooms.RoleAttendee)
}

func TestMuteIsEffectiveWhileTheJournalStalls(t *testing.T) {
	h := newHouse(t)
	host, speaker := speaking(h)
	h.journal.mu.Lock()
	h.journal.stall = make(chan struct{})
	h.journal.mu.Unlock()
	said, muted := make(chan error, 1), make(chan error, 1)
	go func() { said <- speaker.Do(t.Context(), say("this holds the turn")) }()
	until(t, "the chat message waits for the journal", func() bool { return h.journal.waiting.Load() == 1 })
	peer := h.media.peer(t, "speaker")
	start := time.Now()
	go func() { muted <- host.Do(t.Context(), cmd("mute", "speaker", "mic")) }()
	until(t, "the gate is shut", func() bool { return !peer.open("mic") })
	if took := time.Since(start); took > 100*time.Millisecond {
		t.Errorf("the gate took %v", took)
	}
	close(h.journal.stall)
	if err := <-said; err != nil {
		t.Errorf("chat: %v", err)
	}
	if err := <-muted; err != nil {
		t.Errorf("mute: %v", err)
	}
	if peer.open("mic") {
		t.Error("the gate opened again")
	}
}

func TestRestrictionHoldsAndIsRecordedLaterWhenTheJournalFails(t *testing.T) {
	h := newHouse(t)
	host, speaker := speaking(h)
	h.journal.fails.Store(true)
	if got := codeOf(host.Do(t.Context(), cmd("mute", "speaker", "mic"))); got != "internal" {
		t.Errorf("mute: %q, want internal", got)
	}
	if got := codeOf(host.Do(t.Context(), cmd("remove", "speaker", ""))); got != "internal" {
		t.Errorf("remove: %q, want internal", got)
	}
	if h.media.peer(t, "speaker").open("mic") || !h.media.peer(t, "speaker").isClosed() {
		t.Error("media goes on")
	}
	h.wantRefused("the removed one", live.Entry{Claims: claimsOf("speaker", rooms.RoleSpeaker), Resume: speaker.Resume}, "internal")
	h.journal.fails.Store(false)
	h.wantRefused("the removed one, journal back", live.Entry{Claims: claimsOf("speaker", rooms.RoleSpeaker)}, "banned")
	h.hub.Sweep()
	h.restart(true)
	h.wantRefused("the removed one, after a restart", live.Entry{Claims: claimsOf("speaker", rooms.RoleSpeaker)}, "banned")
}

func TestGrantDoesNotHappenWhenTheJournalFails(t *testing.T) {
	h := newHouse(t)
	host, speaker := speaking(h)
	host.mustDo(cmd("mute", "speaker", "mic"))
	h.journal.fails.Store(true)
	if got := codeOf(host.Do(t.Context(), cmd("allow", "speaker", "mic"))); got != "internal" {
		t.Errorf("allow: %q, want internal", got)
	}
	if h.media.peer(t, "speaker").open("mic") {
		t.Error("the gate opened without a record")
	}
	h.journal.fails.Store(false)
	h.hub.Sweep()
	speaker.mustDo(say("next"))
	events, _, _ := speaker.sink.heard()
	for i, e := range events {
		if e.Version != speaker.Version+uint64(i)+1 {
			t.Fatalf("versions have a gap: %+v", events)
		}
	}
}

func TestWhatFailedAndIsInTheJournalAllTheSameIsNotReplayed(t *testing.T) {
	h := newHouse(t)
	host, _ := speaking(h)
	host.mustDo(cmd("mute", "speaker", "mic"))
	h.journal.forgets.Store(true)
	if got := codeOf(host.Do(t.Context(), cmd("allow", "speaker", "mic"))); got != "internal" {
		t.Fatalf("allow: %q, want internal", got)
	}
	h.journal.forgets.Store(false)
	h.hub.Sweep() // finds the entry and queues its cancelling
	h.hub.Sweep() // records that
	h.restart(true)
	p, _ := h.mustEnter("host", rooms.RoleHost).find("speaker")
	if !p.Sources["mic"].Muted {
		t.Errorf("the allow that failed was replayed: %+v", p)
	}
}

func TestModerationWorksWhileRedisIsStalled(t *testing.T) {
	h := newHouse(t)
	server, err := embedded.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	proxy := statetest.NewProxy(t, server.Addr())
	h.hub.Close()
	h.state = mustState(t, strings.Replace(server.URL(), server.Addr(), proxy.Addr(), 1))
	h.start()
	host, _ := speaking(h)
	proxy.Stall(true)
	for _, c := range []rooms.Command{cmd("mute", "speaker", "mic"), cmd("remove", "speaker", "")} {
		start := time.Now()
		host.mustDo(c)
		if took := time.Since(start); took > 100*time.Millisecond {
			t.Errorf("%s took %v with Redis stalled, want at most 100ms", c.Name, took)
		}
	}
	late := h.mustEnter("late", rooms.RoleAttendee)
	if _, ok := late.find("speaker"); ok {
		t.Error("the removed one is on the roster")
	}
	proxy.Stall(false)
	until(t, "Redis has caught up", func() bool {
		h.hub.Sweep()
		snap, err := h.state.Load(t.Context(), event)
		return err == nil && snap.Version >= late.Version
	})
}

func TestPanicInTheRulesIsOneCommandsTrouble(t *testing.T) {
	h := newHouse(t)
	host, _ := speaking(h)
	h.clock.breakDown(true)
	if got := codeOf(host.Do(t.Context(), cmd("remove", "speaker", ""))); got != "internal" {
		t.Errorf("remove: %q, want internal", got)
	}
	h.clock.breakDown(false)
	host.mustDo(cmd("mute", "speaker", "mic"))
}
