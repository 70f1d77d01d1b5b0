package signaling_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"lyceum/rooms"
	"lyceum/signaling/client"
	"lyceum/signaling/wire"
)

// Somebody waits while the talk is live, is let in on the same connection, and is sent back.
func TestTheLobbyHearsNothingUntilItIsLetIn(t *testing.T) {
	r := newRig(t)
	ctx := within(t)
	host := r.join(ctx, "host", rooms.RoleHost, client.Options{})
	must(t, host.Publish(ctx, "mic", client.Speaker().Audio))
	must(t, host.Do(ctx, rooms.CommandLobbyMode, wire.Args{Mode: "admit"}))
	must(t, host.Do(ctx, rooms.CommandChatSend, wire.Args{Text: "canary"}))
	patron := r.join(ctx, "patron", rooms.RoleAttendee, client.Options{})
	if told, waits := patron.Waits(); !waits || !told.Hosts || told.Reason != "new" {
		t.Errorf("told %+v, waits %v", told, waits)
	}
	holdSilent(t, patron, mic("host"))
	seen, err := wire.Encode(patron.Welcome)
	must(t, err)
	if strings.Contains(string(seen), "canary") || strings.Contains(string(seen), "Demo host") || len(patron.Events()) != 0 ||
		patron.Count(mic("host")).Packets != 0 {
		t.Errorf("who waits has seen %s, heard %v and %d packets", seen, patron.Events(), patron.Count(mic("host")).Packets)
	}
	var refusal *client.Refused
	if err := patron.Do(ctx, rooms.CommandHandRaise, wire.Args{}); !errors.As(err, &refusal) || refusal.Code != "waiting" {
		t.Errorf("who waits raises a hand: %v", err)
	}

	must(t, host.Do(ctx, rooms.CommandLobbyAdmit, wire.Args{Participant: "patron"}))
	shown, err := patron.WaitEntered(ctx)
	must(t, err)
	if len(shown.Participants) != 2 || len(shown.Chat) != 1 || shown.Settings == nil {
		t.Errorf("shown %+v", shown)
	}
	must(t, patron.Wait(ctx, mic("host"), 20))

	must(t, host.Do(ctx, rooms.CommandLobbyReturn, wire.Args{Participant: "patron"}))
	holdSilent(t, patron, mic("host"))
	if told, waits := patron.Waits(); !waits || told.Reason != "returned" {
		t.Errorf("sent back: told %+v, waits %v", told, waits)
	}
	heard := patron.Count(mic("host")).Packets
	must(t, host.Do(ctx, rooms.CommandLobbyAdmit, wire.Args{Participant: "patron"}))
	must(t, patron.Wait(ctx, mic("host"), heard+20))
}

// A circle, somebody shouting in it, the panic, and the step-by-step thaw, with packets counted.
func TestPanicSilencesTheRoom(t *testing.T) {
	r := newRig(t)
	ctx := within(t)
	host := r.join(ctx, "host", rooms.RoleHost, client.Options{})
	shouting := r.join(ctx, "shouting", rooms.RoleAttendee, client.Options{})
	listener := r.join(ctx, "listener", rooms.RoleAttendee, client.Options{})
	must(t, host.Publish(ctx, "mic", client.Speaker().Audio))
	must(t, host.Do(ctx, rooms.CommandRights, wire.Args{Source: "mic", Mode: "everyone"}))
	must(t, shouting.Publish(ctx, "mic", client.Speaker().Audio))
	must(t, listener.Wait(ctx, mic("shouting"), 20))
	must(t, listener.Wait(ctx, mic("host"), 20))

	start := time.Now()
	must(t, host.Do(ctx, rooms.CommandPanic, wire.Args{}))
	if took := time.Since(start); took > time.Second {
		t.Errorf("panic took %v, want at most 1 s", took)
	}
	holdSilent(t, listener, mic("shouting"))
	holdSilent(t, listener, mic("host"))
	var refusal *client.Refused
	if err := shouting.Do(ctx, rooms.CommandChatSend, wire.Args{Text: "ha"}); !errors.As(err, &refusal) || refusal.Code != "frozen" {
		t.Errorf("chat in a frozen room: %v", err)
	}
	must(t, host.Do(ctx, rooms.CommandUnfreeze, wire.Args{Part: "stage"}))
	before := listener.Count(mic("host")).Packets
	must(t, host.Do(ctx, rooms.CommandResume, wire.Args{Source: "mic"}))
	must(t, listener.Wait(ctx, mic("host"), before+20))
	holdSilent(t, listener, mic("shouting"))
}

func TestALockedRoomClosesWith4423AndASlowChatSaysHowLong(t *testing.T) {
	r := newRig(t)
	host := r.rawIn("host", rooms.RoleHost)
	guest := r.rawIn("guest", rooms.RoleAttendee)
	host.send(`{"type":"command","id":"1","name":"chat.mode","args":{"mode":"slow","seconds":60}}`)
	host.expect("done")
	guest.send(`{"type":"command","id":"1","name":"chat.send","args":{"text":"one"}}`)
	guest.expect("done")
	guest.send(`{"type":"command","id":"2","name":"chat.send","args":{"text":"two"}}`)
	var answer wire.Error
	must(t, json.Unmarshal([]byte(guest.expect("error")), &answer))
	if answer.Code != "slow" || answer.RetryAfter < 50_000 || answer.RetryAfter > 60_000 {
		t.Errorf("answer %+v", answer)
	}
	host.send(`{"type":"command","id":"2","name":"lock"}`)
	host.expect("done")
	hello, err := wire.Encode(wire.Hello{Token: r.mint("late", rooms.RoleAttendee)})
	must(t, err)
	late := r.raw()
	late.send(string(hello))
	late.expectBye("closed")
}
