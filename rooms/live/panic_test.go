package live_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"lyceum/rooms"
	"lyceum/rooms/state/embedded"
	"lyceum/rooms/state/statetest"
)

// loud is a host, a speaker on the stage and somebody on the floor, both heard.
func loud(h *house) (host, speaker, guest *guest) {
	host, speaker = speaking(h)
	guest = h.mustEnter("guest", rooms.RoleAttendee)
	host.mustDo(cmd("grant", "guest", "mic"))
	guest.mustDo(cmd("publish", "", "mic"))
	if !h.media.peer(h.t, "guest").open("mic") {
		h.t.Fatal("a granted microphone is not heard from the floor")
	}
	return host, speaker, guest
}

func quiet(h *house) bool {
	return !h.media.peer(h.t, "speaker").open("mic") && !h.media.peer(h.t, "guest").open("mic")
}

func TestPanicStopsEverythingAndEndsStepByStep(t *testing.T) {
	h := newHouse(t)
	host, speaker, guest := loud(h)
	host.mustDo(cmd("panic", "", ""))
	if !quiet(h) {
		t.Error("media goes on")
	}
	if got := codeOf(guest.Do(t.Context(), say("ha"))); got != "frozen" {
		t.Errorf("chat: %q", got)
	}
	host.mustDo(rooms.Command{Name: "unfreeze", Part: "chat"})
	guest.mustDo(say("what was that?"))
	host.mustDo(rooms.Command{Name: "unfreeze", Part: "stage"})
	if !quiet(h) {
		t.Error("a microphone opened by itself")
	}
	speaker.mustDo(cmd("resume", "", "mic"))
	if !h.media.peer(t, "speaker").open("mic") || h.media.peer(t, "guest").open("mic") {
		t.Error("the stage is not the stage alone")
	}
	host.mustDo(rooms.Command{Name: "unfreeze", Part: "floor"})
	guest.mustDo(cmd("resume", "", "mic"))
	if !h.media.peer(t, "guest").open("mic") {
		t.Error("the floor does not come back")
	}
}

func TestPanicHoldsWhileTheJournalStallsAndNothingQueuedIsSaid(t *testing.T) {
	h := newHouse(t)
	host, speaker, guest := loud(h)
	h.journal.mu.Lock()
	h.journal.stall = make(chan struct{})
	h.journal.mu.Unlock()
	first, later, panicked := make(chan error, 1), make(chan error, 1), make(chan error, 1)
	go func() { first <- speaker.Do(t.Context(), say("this holds the turn")) }()
	until(t, "the first message waits for the journal", func() bool { return h.journal.waiting.Load() == 1 })
	start := time.Now()
	go func() { panicked <- host.Do(t.Context(), cmd("panic", "", "")) }()
	until(t, "all gates are shut", func() bool { return quiet(h) })
	if took := time.Since(start); took > 100*time.Millisecond {
		t.Errorf("the gates took %v", took)
	}
	go func() { later <- guest.Do(t.Context(), say("ha")) }()
	close(h.journal.stall)
	if err := <-first; err != nil {
		t.Errorf("the message that was being said: %v", err)
	}
	if err := <-panicked; err != nil {
		t.Errorf("panic: %v", err)
	}
	if got := codeOf(<-later); got != "frozen" {
		t.Errorf("what waited was said: %q", got)
	}
	if !quiet(h) {
		t.Error("a gate opened again")
	}
}

func TestPanicHoldsWhenTheJournalFailsAndItsEvidenceIsRecordedLater(t *testing.T) {
	h := newHouse(t)
	host, _, guest := loud(h)
	h.journal.fails.Store(true)
	if got := codeOf(host.Do(t.Context(), cmd("panic", "", ""))); got != "internal" || !quiet(h) {
		t.Errorf("panic: %q, quiet %v", got, quiet(h))
	}
	if got := codeOf(host.Do(t.Context(), rooms.Command{Name: "unfreeze", Part: "chat"})); got != "internal" {
		t.Errorf("thawing without a record: %q", got)
	}
	if got := codeOf(guest.Do(t.Context(), say("ha"))); got != "frozen" {
		t.Errorf("chat: %q", got)
	}
	h.journal.fails.Store(false)
	h.hub.Sweep()
	var evidence rooms.Event
	err := h.journal.RoomEntries(t.Context(), event, 0, func(_ uint64, _ time.Time, kind, _ string, data []byte) error {
		if kind == "panicked" {
			return json.Unmarshal(data, &evidence)
		}
		return nil
	})
	var sending []string
	for _, p := range evidence.Present {
		sending = append(sending, p.ID+" "+p.Person)
	}
	if err != nil || !slices.Equal(sending, []string{"guest person of guest", "speaker person of speaker"}) {
		t.Errorf("%v, evidence of %v", err, sending)
	}
	h.restart(true)
	if host := h.mustEnter("host", rooms.RoleHost); host.Settings.Frozen != (rooms.Frozen{Chat: true, Stage: true, Floor: true}) {
		t.Errorf("after a restart: %+v", host.Settings)
	}
}

func TestEveryRestrictionWorksWhileRedisIsStalled(t *testing.T) {
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
	host, _, _ := loud(h)
	host.mustDo(mode("lobby.mode", "admit"))
	h.mustEnter("waits", rooms.RoleAttendee)
	host.mustDo(mode("lobby.mode", "open"))
	proxy.Stall(true)
	defer proxy.Stall(false)
	for _, c := range []rooms.Command{
		{Name: "rights", Source: "mic", Mode: "nobody"}, cmd("revoke", "guest", "mic"), {Name: "chat.mode", Mode: "off"},
		mode("chat.hold", "newcomers"), mode("lobby.mode", "closed"), cmd("lock", "", ""), cmd("lobby.return", "guest", ""),
		cmd("panic", "", ""), {Name: "ban", Participant: "speaker", Scope: "site"},
	} {
		start := time.Now()
		host.mustDo(c)
		if took := time.Since(start); took > 100*time.Millisecond {
			t.Errorf("%s took %v with Redis stalled, want at most 100ms", c.Name, took)
		}
	}
	if !quiet(h) {
		t.Error("media goes on")
	}
}

func TestAnEncoderGoesOnByItselfWhenItMay(t *testing.T) {
	h := newHouse(t)
	host := h.mustEnter("host", rooms.RoleHost)
	seat, _, err := h.hub.EnterPublisher(t.Context(), claimsOf("encoder", rooms.RoleSpeaker), "v=0\r\nm=audio 9")
	if err != nil {
		t.Fatal(err)
	}
	media := h.media.peer(t, "encoder")
	steps := []struct {
		c    rooms.Command
		open bool
	}{
		{cmd("mute", "encoder", "mic"), false}, {cmd("allow", "encoder", "mic"), true},
		{cmd("panic", "", ""), false}, {rooms.Command{Name: "unfreeze", Part: "chat"}, false},
		{rooms.Command{Name: "unfreeze", Part: "stage"}, true}, {cmd("lobby.return", "encoder", ""), false},
	}
	for _, s := range steps {
		host.mustDo(s.c)
		if media.open("mic") != s.open {
			t.Errorf("after %s %s: open %v", s.c.Name, s.c.Part, !s.open)
		}
	}
	if p, ok := h.mustEnter("co-host", rooms.RoleCoHost).find("encoder"); ok {
		t.Errorf("an encoder waits: %+v", p)
	}
	seat.Leave(t.Context())
}

func TestPanicInARoomOf500IsFarBelowASecond(t *testing.T) {
	h := newHouse(t)
	host := h.mustEnter("host", rooms.RoleHost)
	host.mustDo(rooms.Command{Name: "rights", Source: "mic", Mode: "everyone"})
	var last *guest
	for i := range 500 {
		last = h.mustEnter(fmt.Sprint("guest-", i), rooms.RoleAttendee)
		last.mustDo(cmd("publish", "", "mic"))
	}
	start := time.Now()
	host.mustDo(cmd("panic", "", ""))
	took := time.Since(start)
	if took > time.Second || h.media.peer(t, last.id).open("mic") {
		t.Errorf("took %v, open %v", took, h.media.peer(t, last.id).open("mic"))
	}
	t.Logf("500 microphones shut and 501 people told in %v", took)
}
