package live_test

import (
	"slices"
	"testing"
	"time"

	"lyceum/rooms"
	"lyceum/rooms/live"
	"lyceum/rooms/sfu"
)

func TestSecondDeviceEvictsNobodyByItself(t *testing.T) {
	h := newHouse(t)
	first := h.mustEnter("guest", rooms.RoleAttendee)
	c := claimsOf("guest", rooms.RoleAttendee)
	h.wantRefused("a second device", live.Entry{Claims: c}, "elsewhere")
	h.wantRefused("a guessed secret", live.Entry{Claims: c, Resume: "guess"}, "elsewhere")
	host := h.mustEnter("host", rooms.RoleHost)
	h.wantRefused("somebody else's secret", live.Entry{Claims: c, Resume: host.Resume}, "elsewhere")
	if _, _, byes := first.sink.heard(); len(byes) != 0 || h.media.peer(t, "guest").isClosed() {
		t.Errorf("the first device heard %v", byes)
	}
	first.mustDo(say("still here"))
}

func TestMoveTakesOverAndCannotBeTakenBack(t *testing.T) {
	h := newHouse(t)
	first := h.mustEnter("guest", rooms.RoleAttendee)
	media := h.media.peer(t, "guest")
	first.mustDo(cmd("hand.raise", "", ""))
	c := claimsOf("guest", rooms.RoleAttendee)
	second, err := h.enter(live.Entry{Claims: c, Move: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, byes := first.sink.heard(); !slices.Equal(byes, []string{live.ByeMoved}) || !media.isClosed() {
		t.Errorf("the first device heard %v", byes)
	}
	if !slices.Equal(second.Hands, []string{"guest"}) {
		t.Errorf("hands are %v after moving", second.Hands)
	}
	h.wantRefused("the first device, by itself", live.Entry{Claims: c, Resume: first.Resume}, "elsewhere")
	if got := codeOf(first.Do(t.Context(), say("hello?"))); got != "not-found" {
		t.Errorf("the first device speaks: %q", got)
	}
	first.Lost()
	first.Leave(t.Context())
	second.mustDo(say("hello"))
	if kinds := second.sink.kinds(); !slices.Equal(kinds, []string{"said"}) {
		t.Errorf("the second device heard %v; the first one's end is not its own", kinds)
	}
}

func TestLostFor20SecondsComesBackAsBefore(t *testing.T) {
	h := newHouse(t)
	host, speaker := speaking(h)
	attendee := h.mustEnter("attendee", rooms.RoleAttendee)
	attendee.mustDo(cmd("hand.raise", "", ""))
	speaker.mustDo(cmd("publish", "", "camera"))
	host.mustDo(cmd("mute", "speaker", "camera"))
	old := h.media.peer(t, "speaker")
	speaker.Lost()
	attendee.Lost()
	h.clock.forward(20 * time.Second)
	h.hub.Sweep()
	if old.isClosed() || !old.open("mic") {
		t.Error("media is not kept for 30 s")
	}
	back, err := h.enter(live.Entry{Claims: claimsOf("speaker", rooms.RoleSpeaker), Resume: speaker.Resume})
	if err != nil {
		t.Fatal(err)
	}
	media := h.media.peer(t, "speaker")
	if media == old || !old.isClosed() || !media.open("mic") || media.open("camera") {
		t.Error("media is not made anew with the gates of the state")
	}
	_, offers, _ := back.sink.heard()
	var offered []rooms.Source
	for _, o := range offers {
		offered = append(offered, o.Tracks[0].Source)
	}
	if !slices.Equal(offered, []rooms.Source{"mic", "camera"}) {
		t.Errorf("offered again: %v", offered)
	}
	p, _ := back.find("speaker")
	if p.Away || p.Place != rooms.PlaceStage || back.Resume != speaker.Resume {
		t.Errorf("came back as %+v", p)
	}
	if q, _ := back.find("attendee"); !q.Away || !slices.Equal(back.Hands, []string{"attendee"}) {
		t.Errorf("the other one is %+v, hands %v", q, back.Hands)
	}
	if kinds := host.sink.kinds(); !slices.Equal(kinds[len(kinds)-3:], []string{"away", "away", "returned"}) {
		t.Errorf("host heard %v", kinds)
	}
}

func TestMediaEndsAfter30SecondsAndThePlaceAfterTenMinutes(t *testing.T) {
	h := newHouse(t)
	host, speaker := speaking(h)
	media := h.media.peer(t, "speaker")
	speaker.Lost()
	h.clock.forward(31 * time.Second)
	h.hub.Sweep()
	if !media.isClosed() {
		t.Error("media is there after 31 s")
	}
	h.clock.forward(9 * time.Minute)
	h.hub.Sweep()
	h.clock.forward(time.Minute)
	h.hub.Sweep()
	want := []string{"joined", "published", "away", "unpublished", "left"}
	if got := host.sink.kinds(); !slices.Equal(got, want) {
		t.Errorf("host heard %v, want %v", got, want)
	}
}

func TestLeavingIsForGood(t *testing.T) {
	h := newHouse(t)
	host, speaker := speaking(h)
	speaker.Leave(t.Context())
	speaker.Leave(t.Context())
	if !h.media.peer(t, "speaker").isClosed() {
		t.Error("media goes on")
	}
	if kinds := host.sink.kinds(); kinds[len(kinds)-1] != "left" {
		t.Errorf("host heard %v", kinds)
	}
}

func TestRestartKeepsRolePlaceHandMutesAndChat(t *testing.T) {
	for name, emptyRedis := range map[string]bool{"with the snapshot in Redis": false, "with an empty Redis": true} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			host, speaker := speaking(h)
			guest := h.mustEnter("guest", rooms.RoleAttendee)
			host.mustDo(cmd("mute", "speaker", "mic"))
			host.mustDo(cmd("stage.return", "speaker", ""))
			guest.mustDo(cmd("hand.raise", "", ""))
			guest.mustDo(say("remember this"))
			host.mustDo(say("and not this"))
			host.mustDo(rooms.Command{Name: "chat.delete", Message: host.lastMessage()})
			for range 40 { // events that the journal does not keep
				host.mustDo(cmd("publish", "", "mic"))
				host.mustDo(cmd("unpublish", "", "mic"))
			}
			before := speaker.lastVersion()
			h.restart(emptyRedis)
			again := h.mustEnter("host", rooms.RoleHost)
			if again.Version <= before {
				t.Errorf("version %d after the restart, %d before", again.Version, before)
			}
			p, _ := again.find("speaker")
			if !p.Away || p.Place != rooms.PlaceFloor || p.Role != rooms.RoleSpeaker || p.Sources["mic"] != (rooms.SourceState{Muted: true}) {
				t.Errorf("speaker is %+v", p)
			}
			if q, _ := again.find("guest"); !q.Away || !slices.Equal(again.Hands, []string{"guest"}) {
				t.Errorf("guest is %+v, hands %v", q, again.Hands)
			}
			if len(again.Chat) != 2 || again.Chat[0].Text != "remember this" || !again.Chat[1].Deleted || again.Chat[1].Text != "" {
				t.Errorf("chat is %+v", again.Chat)
			}
			if self, _ := again.find("host"); self.Away {
				t.Error("the host came back and is away")
			}
		})
	}
}

func (g *guest) lastMessage() string {
	events, _, _ := g.sink.heard()
	for _, e := range slices.Backward(events) {
		if e.Message != nil {
			return e.Message.ID
		}
	}
	g.t.Fatal("no message")
	return ""
}

func (g *guest) lastVersion() uint64 {
	events, _, _ := g.sink.heard()
	return events[len(events)-1].Version
}

func TestSnapshotOfAnotherSiteIsNotBelieved(t *testing.T) {
	h := newHouse(t)
	_, _ = speaking(h)
	h.hub.Close()
	foreign := newHouse(t)
	foreign.hub.Close()
	foreign.state = h.state
	foreign.start()
	if g := foreign.mustEnter("guest", rooms.RoleAttendee); len(g.Participants) != 1 {
		t.Errorf("people of another site's room: %+v", g.Participants)
	}
}

func TestTokenWithAnotherRoleIsANewArrival(t *testing.T) {
	h := newHouse(t)
	host, speaker := speaking(h)
	speaker.Lost()
	back, err := h.enter(live.Entry{Claims: claimsOf("speaker", rooms.RoleAttendee), Resume: speaker.Resume})
	if err != nil {
		t.Fatal(err)
	}
	if p, _ := back.find("speaker"); p.Role != rooms.RoleAttendee || p.Place != rooms.PlaceFloor {
		t.Errorf("kept more than the token gives: %+v", p)
	}
	if kinds := host.sink.kinds(); !slices.Equal(kinds[len(kinds)-2:], []string{"left", "joined"}) {
		t.Errorf("host heard %v", kinds)
	}
}

func TestEmptyRoomIsUnloadedAfterTenMinutesAndLoadsAgain(t *testing.T) {
	h := newHouse(t)
	guest := h.mustEnter("guest", rooms.RoleAttendee)
	guest.Leave(t.Context())
	h.clock.forward(9 * time.Minute)
	h.hub.Sweep()
	if h.hub.Loaded() != 1 {
		t.Error("unloaded too early")
	}
	h.clock.forward(2 * time.Minute)
	until(t, "the room is unloaded", func() bool { return h.hub.Loaded() == 0 })
	h.mustEnter("guest", rooms.RoleAttendee)
}

func TestEncodersAndPlayersAreParticipants(t *testing.T) {
	h := newHouse(t)
	host := h.mustEnter("host", rooms.RoleHost)
	refused := map[string]rooms.Role{"attendee": rooms.RoleAttendee, "captioner": rooms.RoleCaptioner}
	for id, role := range refused {
		if _, _, err := h.hub.EnterPublisher(t.Context(), claimsOf(id, role), "v=0"); codeOf(err) != "forbidden" {
			t.Errorf("%s by WHIP: %v, want forbidden", id, err)
		}
	}
	if _, _, err := h.hub.EnterPublisher(t.Context(), claimsOf("obs", rooms.RoleSpeaker), "junk"); codeOf(err) != "invalid" {
		t.Errorf("junk: %v, want invalid", err)
	}
	if kinds := host.sink.kinds(); len(kinds) != 0 {
		t.Errorf("refused ones were seen: %v", kinds)
	}
	offer := "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n"
	_, answer, err := h.hub.EnterPublisher(t.Context(), claimsOf("obs", rooms.RoleSpeaker), offer)
	if err != nil || answer == "" {
		t.Fatalf("WHIP: %v", err)
	}
	media := h.media.peer(t, "obs")
	if !media.open("mic") || !media.open("camera") || media.open("screen") {
		t.Error("gates do not follow the offer")
	}
	if _, _, err := h.hub.EnterPublisher(t.Context(), claimsOf("obs", rooms.RoleSpeaker), offer); codeOf(err) != "elsewhere" {
		t.Errorf("twice: %v, want elsewhere", err)
	}
	player, _, err := h.hub.EnterSubscriber(t.Context(), claimsOf("co-host", rooms.RoleCoHost), offer)
	if err != nil {
		t.Fatalf("WHEP: %v", err)
	}
	player.Leave(t.Context())
	media.Close() // the connection failed
	until(t, "the encoder has left", func() bool {
		kinds := host.sink.kinds()
		return len(kinds) == 6 && kinds[5] == "left"
	})
	events, _, _ := host.sink.heard()
	if e := events[3]; e.Kind != "joined" || e.Joined.Place != rooms.PlaceFloor {
		t.Errorf("a listener stands on the stage: %+v", e.Joined)
	}
}

func TestEncoderPublishesWhatItOffersAndNothingFromBefore(t *testing.T) {
	h := newHouse(t)
	host, speaker := speaking(h)
	speaker.Lost()
	_, _, err := h.hub.EnterPublisher(t.Context(), claimsOf("speaker", rooms.RoleSpeaker), "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n")
	if err != nil {
		t.Fatal(err)
	}
	if media := h.media.peer(t, "speaker"); media.open("mic") || !media.open("camera") {
		t.Error("gates do not follow the encoder's offer")
	}
	want := []string{"joined", "published", "away", "returned", "unpublished", "published"}
	if got := host.sink.kinds(); !slices.Equal(got, want) {
		t.Errorf("host heard %v, want %v", got, want)
	}
	for i, e := range host.sink.all() {
		if e.Version != host.Version+uint64(i)+1 {
			t.Errorf("event %d has version %d", i, e.Version)
		}
	}
}

func TestLateAnswersAreNoFault(t *testing.T) {
	h := newHouse(t)
	g := h.mustEnter("guest", rooms.RoleAttendee)
	for number, want := range map[int]string{1: "", 2: "", 3: "invalid"} {
		if got := codeOf(g.Answer(sfu.SideSubscribe, number, "v=0")); got != want {
			t.Errorf("answer %d: %q, want %q", number, got, want)
		}
	}
	g.Lost()
	if got := codeOf(g.Candidate(sfu.SideSubscribe, "", "0")); got != "not-found" {
		t.Errorf("a lost seat's candidate: %q", got)
	}
}
