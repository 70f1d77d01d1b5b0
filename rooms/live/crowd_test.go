package live_test

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lyceum/rooms"
	"lyceum/rooms/live"
	"lyceum/rooms/sfu"
	"lyceum/rooms/token"
)

// TestCrowdAgreesOnOneHistory: whatever people do at the same time, everybody
// hears the same events with versions that rise by one, and the welcome of
// somebody new is what those events lead to.
func TestCrowdAgreesOnOneHistory(t *testing.T) {
	h := newHouse(t)
	host := h.mustEnter("host", rooms.RoleHost)
	var guests []*guest
	for i := range 8 {
		guests = append(guests, h.mustEnter(fmt.Sprint("p", i), rooms.RoleSpeaker))
	}
	var wait sync.WaitGroup
	for i, g := range guests {
		wait.Go(func() { act(g, host, rand.New(rand.NewPCG(7, uint64(i)))) })
	}
	wait.Wait()
	last := h.mustEnter("last", rooms.RoleAttendee)
	want, _, _ := host.sink.heard()
	mirror := rooms.New()
	mirror.Version = host.Version
	for _, p := range host.Participants {
		mirror.Participants[p.ID] = &p
	}
	for i, e := range want {
		if e.Version != host.Version+uint64(i)+1 {
			t.Fatalf("event %d has version %d", i, e.Version)
		}
		mirror.Evolve(e)
	}
	for _, p := range last.Participants {
		if d := cmp.Diff(p, mirror.Participants[p.ID].Public()); d != "" {
			t.Errorf("%s (-welcome +events):\n%s", p.ID, d)
		}
	}
	if d := cmp.Diff(last.Hands, mirror.Hands); d != "" {
		t.Errorf("hands (-welcome +events):\n%s", d)
	}
}

// act does a hundred things; most are refused, which is as it should be.
func act(g, host *guest, r *rand.Rand) {
	names := []string{"chat.send", "hand.raise", "hand.lower", "stage.leave", "stage.accept", "publish", "pause", "resume", "unpublish"}
	for range 100 {
		c := rooms.Command{Name: names[r.IntN(len(names))], Source: "mic", Text: "hello"}
		_ = g.Do(g.t.Context(), c)
		if r.IntN(10) == 0 {
			c := cmd([]string{"mute", "allow", "stage.invite"}[r.IntN(3)], g.id, "mic")
			_ = host.Do(g.t.Context(), c)
		}
	}
}

func TestRoomsAreApart(t *testing.T) {
	h := newHouse(t)
	const n = 10
	var guests []*guest
	for i := range n {
		c := token.Claims{Participant: "same-id", Person: "same person", Name: "N", Room: fmt.Sprint("room-", i), Role: rooms.RoleHost}
		g, err := h.enter(live.Entry{Claims: c})
		if err != nil {
			t.Fatal(err)
		}
		guests = append(guests, g)
	}
	var wait sync.WaitGroup
	for i, g := range guests {
		wait.Go(func() {
			for range 20 {
				_ = g.Do(t.Context(), say(fmt.Sprint("from ", i)))
			}
		})
	}
	wait.Wait()
	for i, g := range guests {
		events, _, _ := g.sink.heard()
		for _, e := range events {
			if e.Message.Text != fmt.Sprint("from ", i) {
				t.Fatalf("room %d heard %q", i, e.Message.Text)
			}
		}
		if len(events) != 20 {
			t.Errorf("room %d heard %d events", i, len(events))
		}
	}
}

// TestRealMediaPlane enters with the node that forwards for real: what somebody
// publishes is asked for by an offer of its own.
func TestRealMediaPlane(t *testing.T) {
	h := newHouse(t)
	h.hub.Close()
	log := slog.New(slog.DiscardHandler)
	node, err := sfu.Open(sfu.Config{Addr: "127.0.0.1:0", Announce: []string{"127.0.0.1"}, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { node.Close() })
	h.hub = live.New(live.Config{State: h.state, Journal: h.journal, Media: node, Now: h.clock.now, Log: log})
	host, speaker := h.mustEnter("host", rooms.RoleHost), h.mustEnter("speaker", rooms.RoleSpeaker)
	speaker.mustDo(cmd("publish", "", "mic"))
	until(t, "the speaker is asked for a microphone", func() bool {
		_, offers, _ := speaker.sink.heard()
		return len(offers) > 0 && offers[0].Side == sfu.SidePublish && offers[0].SDP != ""
	})
	if got := codeOf(speaker.Answer(sfu.SidePublish, 1, "junk")); got != "invalid" {
		t.Errorf("junk for an answer: %q, want invalid", got)
	}
	host.mustDo(cmd("remove", "speaker", ""))
	if _, _, err := h.hub.EnterPublisher(t.Context(), claimsOf("obs", rooms.RoleSpeaker), "junk"); codeOf(err) != "invalid" {
		t.Errorf("junk for an offer: %v, want invalid", err)
	}
	h.hub.Close()
}
