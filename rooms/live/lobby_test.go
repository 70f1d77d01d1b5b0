package live_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"lyceum/rooms"
	"lyceum/rooms/live"
)

func mode(command, m string) rooms.Command { return rooms.Command{Name: command, Mode: m} }

// waits reports whether the participant has ever had media.
func (m *recordedMedia) joined(participant string) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.peers[participant])
}

func TestWhoWaitsSeesNothingAndIsShownEverythingWhenLetIn(t *testing.T) {
	h := newHouse(t)
	host, other := h.mustEnter("host", rooms.RoleHost), h.mustEnter("other", rooms.RoleAttendee)
	host.mustDo(mode("lobby.mode", "admit"))
	host.mustDo(say("canary in the chat"))
	guest := h.mustEnter("guest", rooms.RoleAttendee)
	if guest.Waiting == nil || *guest.Waiting != (rooms.Waiting{Hosts: true, Reason: "new"}) || len(guest.Participants) != 1 ||
		len(guest.Chat) != 0 || guest.Settings != nil {
		t.Errorf("welcome to the lobby: %+v", guest.Welcome)
	}
	other.mustDo(cmd("hand.raise", "", ""))
	host.mustDo(say("canary again"))
	if got := codeOf(guest.Do(t.Context(), say("hello"))); got != "waiting" {
		t.Errorf("who waits may speak: %q", got)
	}
	if events, offers, _ := guest.sink.heard(); len(events) != 0 || len(offers) != 0 || h.media.joined("guest") != 0 {
		t.Errorf("who waits heard %v %v and has %d media", events, offers, h.media.joined("guest"))
	}
	host.mustDo(cmd("lobby.admit", "guest", ""))
	shown := guest.sink.shown()
	if len(shown) != 1 || len(shown[0].Participants) != 3 || len(shown[0].Chat) != 2 || shown[0].Settings == nil || h.media.joined("guest") != 1 {
		t.Fatalf("shown %+v, media %d", shown, h.media.joined("guest"))
	}
	guest.mustDo(say("thank you"))
	wantFrom(t, guest.sink.all(), shown[0].Version)
	wantFrom(t, other.sink.all(), other.Version)
	if kinds := other.sink.kinds(); !slices.Equal(kinds, []string{"lobby-mode", "said", "void", "hand-raised", "said", "joined", "said"}) {
		t.Errorf("somebody inside heard %v", kinds)
	}
	told, _ := json.Marshal([]any{other.sink.all(), shown})
	if strings.Contains(string(told), "person of") {
		t.Errorf("a person's hash left the room: %s", told)
	}
}

// wantFrom: the events have the versions after from, without a gap.
func wantFrom(t *testing.T, events []rooms.Event, from uint64) {
	t.Helper()
	for i, e := range events {
		if e.Version != from+uint64(i)+1 {
			t.Fatalf("event %d has version %d after %d", i, e.Version, from)
		}
	}
}

func TestSentBackToTheLobbyOneHearsNothingMore(t *testing.T) {
	h := newHouse(t)
	host, speaker := speaking(h)
	media := h.media.peer(t, "speaker")
	host.mustDo(cmd("lobby.return", "speaker", ""))
	if w, n := speaker.sink.waited(); n != 1 || w.Reason != "returned" || !media.isClosed() {
		t.Errorf("told %+v %d times, media closed %v", w, n, media.isClosed())
	}
	heard := len(speaker.sink.all())
	host.mustDo(say("canary"))
	if len(speaker.sink.all()) != heard {
		t.Errorf("hears %v", speaker.sink.kinds())
	}
	// Every way in leads to the lobby: the resume secret, a new connection, WHIP, WHEP.
	c := claimsOf("speaker", rooms.RoleSpeaker)
	back, err := h.enter(live.Entry{Claims: c, Resume: speaker.Resume})
	if err != nil || back.Waiting == nil {
		t.Fatalf("resumed: %v %+v", err, back)
	}
	back.Leave(t.Context())
	if _, _, err := h.hub.EnterPublisher(t.Context(), c, "v=0\r\nm=audio 9"); codeOf(err) != "waiting" {
		t.Errorf("WHIP: %v", err)
	}
	if _, _, err := h.hub.EnterSubscriber(t.Context(), c, "v=0"); codeOf(err) != "waiting" {
		t.Errorf("WHEP: %v", err)
	}
	again := h.mustEnter("speaker", rooms.RoleSpeaker)
	if again.Waiting == nil || again.Waiting.Reason != "returned" {
		t.Errorf("a new connection: %+v", again.Welcome)
	}
	host.mustDo(cmd("lobby.admit", "speaker", ""))
	again.mustDo(cmd("publish", "", "mic"))
	if !h.media.peer(t, "speaker").open("mic") {
		t.Error("let in again, the speaker is not heard")
	}
}

func TestTheLobbyIsToldWhetherSomebodyCanOpen(t *testing.T) {
	h := newHouse(t)
	host := h.mustEnter("host", rooms.RoleHost)
	host.mustDo(mode("lobby.mode", "admit"))
	guest := h.mustEnter("guest", rooms.RoleAttendee)
	host.Lost()
	if w, n := guest.sink.waited(); n != 1 || w.Hosts {
		t.Errorf("host gone: %+v, told %d times", w, n)
	}
	host = h.mustEnter("host", rooms.RoleHost)
	host.mustDo(rooms.Command{Name: "lobby.deny", Participant: "guest", Text: "After the reading, please."})
	if w, n := guest.sink.waited(); n != 3 || w != (rooms.Waiting{Hosts: true, Reason: "denied", Text: "After the reading, please."}) {
		t.Errorf("refused: %+v, told %d times", w, n)
	}
	guest.mustDo(cmd("lobby.ask", "", ""))
	if w, n := guest.sink.waited(); n != 4 || w.Reason != "asked" || w.Text != "" {
		t.Errorf("asked: %+v, told %d times", w, n)
	}
}

func TestLobbyLockRightsAndFreezeSurviveARestart(t *testing.T) {
	for name, emptyRedis := range map[string]bool{"with Redis": false, "from the journal alone": true} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			host := h.mustEnter("host", rooms.RoleHost)
			guest := h.mustEnter("guest", rooms.RoleAttendee)
			host.mustDo(mode("lobby.mode", "admit"))
			h.mustEnter("waits", rooms.RoleAttendee)
			host.mustDo(mode("chat.hold", "newcomers"))
			guest.mustDo(say("held"))
			host.mustDo(rooms.Command{Name: "chat.mode", Mode: "slow", Seconds: 30})
			host.mustDo(rooms.Command{Name: "rights", Source: "mic", Mode: "everyone"})
			host.mustDo(cmd("grant", "guest", "camera"))
			host.mustDo(cmd("lock", "", ""))
			host.mustDo(cmd("panic", "", ""))
			host.mustDo(rooms.Command{Name: "unfreeze", Part: "floor"})
			h.hub.Sweep()
			h.restart(emptyRedis)
			host = h.mustEnter("host", rooms.RoleHost)
			set := host.Settings
			if set.Lobby != "admit" || !set.Locked || set.Chat != (rooms.ChatSettings{Mode: "slow", Seconds: 30, Hold: true}) ||
				set.Right("mic") != "everyone" || set.Frozen != (rooms.Frozen{Chat: true, Stage: true}) {
				t.Errorf("settings after a restart: %+v", set)
			}
			if p, _ := host.find("guest"); !p.Sources["camera"].Granted || p.Place != "floor" {
				t.Errorf("guest after a restart: %+v", p)
			}
			if p, _ := host.find("waits"); p.Place != "lobby" || len(host.Held) != 1 {
				t.Errorf("who waited: %+v, held %v", p, host.Held)
			}
			h.wantRefused("a newcomer", live.Entry{Claims: claimsOf("new", rooms.RoleAttendee)}, "closed")
			if back := h.mustEnter("waits", rooms.RoleAttendee); back.Waiting == nil {
				t.Error("a restart let somebody in who waited")
			}
		})
	}
}

func TestACoHostStandsInAndTheHostIsHostAgain(t *testing.T) {
	h := newHouse(t)
	host := h.mustEnter("host", rooms.RoleHost)
	second, first := h.mustEnter("second", rooms.RoleCoHost), h.mustEnter("guest", rooms.RoleAttendee)
	host.Lost()
	h.clock.forward(29 * time.Second)
	h.hub.Sweep()
	if kinds := second.sink.kinds(); slices.Contains(kinds, "stood-in") {
		t.Errorf("too early: %v", kinds)
	}
	h.clock.forward(time.Second)
	h.hub.Sweep()
	h.hub.Sweep()
	if got := first.sink.all(); got[len(got)-1].Kind != "stood-in" || got[len(got)-1].Participant != "second" {
		t.Errorf("told: %+v", got)
	}
	late := h.mustEnter("late", rooms.RoleAttendee)
	if p, _ := late.find("second"); late.InCharge != "second" || p.Role != rooms.RoleCoHost {
		t.Errorf("in charge %q, %+v", late.InCharge, p)
	}
	host = h.mustEnter("host", rooms.RoleHost)
	if host.InCharge != "" {
		t.Errorf("in charge %q beside the host", host.InCharge)
	}
	second.mustDo(cmd("panic", "", ""))
	if got := codeOf(second.Do(t.Context(), rooms.Command{Name: "unfreeze", Part: "chat"})); got != "forbidden" {
		t.Errorf("the co-host still has the host's rights: %q", got)
	}
}
