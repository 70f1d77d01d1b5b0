package signaling_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"lyceum/rooms"
	"lyceum/signaling/client"
	"lyceum/signaling/wire"
)

func mic(participant string) client.Flow { return client.Flow{Participant: participant, Source: "mic"} }
func camera(participant string) client.Flow {
	return client.Flow{Participant: participant, Source: "camera"}
}

// The demo's way: a speaker comes in by WHIP, and whoever is in the room sees and hears them; so does a
// WHEP player.
func TestWHIPIsHeardInTheRoom(t *testing.T) {
	r := newRig(t)
	ctx := within(t)
	ada := r.join(ctx, "ada", rooms.RoleAttendee, client.Options{})
	speaker, err := client.Publish(ctx, r.whip("speaker", rooms.RoleSpeaker), client.Speaker())
	must(t, err)
	must(t, ada.Wait(ctx, mic("speaker"), 50))
	must(t, ada.Wait(ctx, camera("speaker"), 20))
	player, err := client.Listen(ctx, r.whep("player", rooms.RoleAttendee))
	must(t, err)
	must(t, player.Wait(ctx, client.Flow{Source: "mic"}, 50))
	must(t, player.Wait(ctx, client.Flow{Source: "camera"}, 20))
	must(t, speaker.Close(ctx))
	_, err = ada.WaitEvent(ctx, kind(rooms.KindLeft, "speaker"))
	must(t, err)
	must(t, player.Close(ctx))
	must(t, ada.MediaErrors())
}

// Two participants by websocket see and hear each other.
func TestTwoParticipantsHearEachOther(t *testing.T) {
	r := newRig(t)
	ctx := within(t)
	host := r.join(ctx, "host", rooms.RoleHost, client.Options{})
	speaker := r.join(ctx, "speaker", rooms.RoleSpeaker, client.Options{})
	media := client.Speaker()
	for _, c := range []*client.Conn{host, speaker} {
		must(t, c.Publish(ctx, "mic", media.Audio))
		must(t, c.Publish(ctx, "camera", media.Video))
	}
	must(t, host.Wait(ctx, mic("speaker"), 30))
	must(t, host.Wait(ctx, camera("speaker"), 10))
	must(t, speaker.Wait(ctx, mic("host"), 30))
	must(t, speaker.Wait(ctx, camera("host"), 10))
	must(t, errors.Join(host.MediaErrors(), speaker.MediaErrors()))
}

// A patron raises a hand, is invited, agrees and speaks; the mute is final at once; after the removal no
// way leads back.
func TestModeration(t *testing.T) {
	r := newRig(t)
	ctx := within(t)
	host := r.join(ctx, "host", rooms.RoleHost, client.Options{})
	patron := r.join(ctx, "patron", rooms.RoleAttendee, client.Options{})
	listener := r.join(ctx, "listener", rooms.RoleAttendee, client.Options{})
	voice := client.Speaker().Audio

	if err := patron.Publish(ctx, "mic", voice); err == nil {
		t.Error("a patron on the floor may publish")
	}
	must(t, patron.Do(ctx, rooms.CommandHandRaise, wire.Args{}))
	must(t, host.Do(ctx, rooms.CommandStageInvite, wire.Args{Participant: "patron"}))
	must(t, patron.Do(ctx, rooms.CommandStageAccept, wire.Args{}))
	must(t, patron.Publish(ctx, "mic", voice))
	must(t, listener.Wait(ctx, mic("patron"), 50))

	must(t, host.Do(ctx, rooms.CommandMute, wire.Args{Participant: "patron", Source: "mic"}))
	holdSilent(t, listener, mic("patron"))
	// A new track and a new description do not open what the host has shut.
	must(t, patron.Publish(ctx, "camera", client.Speaker().Video))
	must(t, listener.Wait(ctx, camera("patron"), 10))
	holdSilent(t, listener, mic("patron"))

	must(t, host.Do(ctx, rooms.CommandAllow, wire.Args{Participant: "patron", Source: "mic"}))
	holdSilent(t, listener, mic("patron")) // a host gives back the right; the sound is its owner's to give
	must(t, patron.Do(ctx, rooms.CommandResume, wire.Args{Source: "mic"}))
	must(t, listener.Wait(ctx, mic("patron"), 20))
	must(t, host.Do(ctx, rooms.CommandRemove, wire.Args{Participant: "patron"}))
	holdSilent(t, listener, mic("patron"))
	holdSilent(t, listener, camera("patron"))
	<-patron.Done()
	if got := patron.Closed(); got != (client.Closed{Code: wire.ByeRemoved, Number: 4403}) {
		t.Errorf("removed with %v, want 4403 removed", got)
	}
	r.wantNoWayBack(ctx, "patron", patron.Welcome.Resume)
}

// holdSilent counts from 100 ms after now, for half a second: nothing of the flow may arrive.
func holdSilent(t *testing.T, c *client.Conn, f client.Flow) {
	t.Helper()
	<-time.After(100 * time.Millisecond) // the promise: later than this, 0 packets
	before := c.Count(f).Packets
	<-time.After(500 * time.Millisecond)
	if after := c.Count(f).Packets; after != before {
		t.Errorf("%d packets of %v later than 100 ms after the answer", after-before, f)
	}
}

// wantNoWayBack tries everything a removed person has.
func (r *rig) wantNoWayBack(ctx context.Context, participant, resume string) {
	r.t.Helper()
	for name, o := range map[string]client.Options{
		"same token": {}, "resumed": {Resume: resume}, "moved": {Move: true}, "moved and resumed": {Resume: resume, Move: true},
	} {
		_, err := client.Dial(ctx, r.ws(), r.mint(participant, rooms.RoleAttendee), o)
		var closed client.Closed
		if !errors.As(err, &closed) || closed.Code != wire.ByeRemoved {
			r.t.Errorf("%s: %v, want bye removed", name, err)
		}
	}
	_, err := client.Publish(ctx, r.whip(participant, rooms.RoleSpeaker), client.Speaker())
	wantStatus(r.t, err, http.StatusForbidden)
	_, err = client.Listen(ctx, r.whep(participant, rooms.RoleAttendee))
	wantStatus(r.t, err, http.StatusForbidden)
}

// A lost connection comes back with place and hand, and is sent what it heard before.
func TestResume(t *testing.T) {
	r := newRig(t)
	ctx := within(t)
	host := r.join(ctx, "host", rooms.RoleHost, client.Options{})
	must(t, host.Publish(ctx, "mic", client.Speaker().Audio))
	ada := r.join(ctx, "ada", rooms.RoleAttendee, client.Options{})
	must(t, ada.Do(ctx, rooms.CommandHandRaise, wire.Args{}))
	ada.Drop()
	_, err := host.WaitEvent(ctx, kind(rooms.KindAway, "ada"))
	must(t, err)
	again := r.join(ctx, "ada", rooms.RoleAttendee, client.Options{Resume: ada.Welcome.Resume})
	_, err = host.WaitEvent(ctx, kind(rooms.KindReturned, "ada"))
	must(t, err)
	if hands := again.Welcome.Room.Hands; len(hands) != 1 || hands[0] != "ada" {
		t.Errorf("hands after coming back: %v, want ada's", hands)
	}
	must(t, again.Wait(ctx, mic("host"), 20))
}

// A second device is asked first; the first one is told when it has moved.
func TestElsewhereAndMoved(t *testing.T) {
	r := newRig(t)
	ctx := within(t)
	first := r.join(ctx, "ada", rooms.RoleAttendee, client.Options{NoMedia: true})
	_, err := client.Dial(ctx, r.ws(), r.mint("ada", rooms.RoleAttendee), client.Options{NoMedia: true})
	if want := (client.Closed{Code: wire.ByeElsewhere, Number: 4409}); !errors.Is(err, want) {
		t.Errorf("second device: %v, want %v", err, want)
	}
	r.join(ctx, "ada", rooms.RoleAttendee, client.Options{NoMedia: true, Move: true})
	<-first.Done()
	if want := (client.Closed{Code: wire.ByeMoved, Number: 4410}); first.Closed() != want {
		t.Errorf("first device: %v, want %v", first.Closed(), want)
	}
}

// The demo speaker comes back by itself when it is thrown out of its connection.
func TestKeepPublishing(t *testing.T) {
	r := newRig(t)
	ctx := within(t)
	ada := r.join(ctx, "ada", rooms.RoleAttendee, client.Options{})
	speaking, stop := context.WithCancel(ctx)
	stopped := make(chan struct{})
	attempts := 0
	go func() {
		defer close(stopped)
		client.KeepPublishing(speaking, func() (client.WHIP, error) {
			if attempts++; attempts < 3 {
				return client.WHIP{}, errors.New("the site is not up yet")
			}
			return r.whip("speaker", rooms.RoleSpeaker), nil
		}, client.Speaker())
	}()
	must(t, ada.Wait(ctx, mic("speaker"), 50))
	stop()
	<-stopped
	_, err := ada.WaitEvent(ctx, kind(rooms.KindLeft, "speaker"))
	must(t, err)
}
