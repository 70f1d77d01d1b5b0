package live

import (
	"context"
	"slices"
	"strings"

	"lyceum/rooms"
)

// crossDoor gives media to those who were let in. What they were shown comes
// first, offers after. Callers hold the turn.
func (r *room) crossDoor(events []rooms.Event) {
	for _, e := range events {
		m := r.members[e.Participant]
		if e.Kind != rooms.KindAdmitted || m == nil || m.seat == nil || m.peer != nil {
			continue
		}
		p := r.media.Join(e.Participant, signal{m.seat.sink})
		r.mu.Lock()
		m.peer = p
		r.regate(e.Participant)
		r.mu.Unlock()
	}
}

// closeDoor ends the media of somebody sent back to the lobby; the connection
// stays. Callers hold the turn.
func (r *room) closeDoor(participant string) {
	r.mu.Lock()
	var old peer
	m := r.members[participant]
	if m != nil {
		old, m.peer = m.peer, nil
	}
	r.mu.Unlock()
	if old != nil {
		old.Close()
	}
}

// dismissEncoders makes those leave who were sent to the lobby and cannot wait
// there: encoders and players hear nothing. Callers hold the turn.
func (r *room) dismissEncoders(events []rooms.Event) {
	for _, e := range events {
		if e.Kind != rooms.KindMoved || e.Place != rooms.PlaceLobby {
			continue
		}
		if m := r.members[e.Participant]; m != nil && m.quiet {
			r.depart(e.Participant)
		}
	}
}

// resumeEncoders speaks for those who cannot: an encoder has nobody in the room who
// could say yes after a host's allow or the end of a freeze. Callers hold the turn.
func (r *room) resumeEncoders(events []rooms.Event) {
	if !slices.ContainsFunc(events, func(e rooms.Event) bool {
		return e.Kind == rooms.KindAllowed || e.Kind == rooms.KindUnfrozen
	}) {
		return
	}
	for id, m := range r.members {
		if !m.quiet {
			continue
		}
		for _, src := range rooms.Sources() {
			resumed, err := r.apply(id, rooms.Command{Name: rooms.CommandResume, Source: src})
			if err == nil && len(resumed) > 0 { // refused while muted or frozen
				r.evolve(resumed)
				r.announce(resumed, "")
			}
		}
	}
}

// standIn lets a co-host have the host's rights when no host has been connected for
// long enough: whoever of them came first.
func (r *room) standIn() {
	<-r.turn
	defer r.give()
	gone := r.state.HostGone
	if r.state.InCharge != "" || gone.IsZero() || r.since(gone) < rooms.StandInAfter {
		return
	}
	var coHosts []*rooms.Participant
	for _, p := range r.state.Participants {
		if p.Role == rooms.RoleCoHost {
			coHosts = append(coHosts, p)
		}
	}
	slices.SortFunc(coHosts, func(a, b *rooms.Participant) int {
		if c := a.JoinedAt.Compare(b.JoinedAt); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	for _, p := range coHosts {
		events, err := r.apply(p.ID, rooms.Command{Name: rooms.CommandStandIn})
		if err == nil { // refused to one who is away or waits
			r.evolve(events)
			r.announce(events, "")
			return
		}
	}
}

// mustFlowIn refuses a media seat that would have to wait: it has no way to hear
// that it may come in. Callers hold the turn.
func (a *arrival) mustFlowIn() error {
	if p := a.room.state.Participants[a.claims.Participant]; p != nil {
		if p.Place == rooms.PlaceLobby {
			return &rooms.Error{Code: rooms.CodeWaiting}
		}
		return nil
	}
	events, err := a.room.apply(a.claims.Participant, a.joining())
	if err == nil && events[0].Lobby {
		err = &rooms.Error{Code: rooms.CodeWaiting}
	}
	return err
}

// lift ends the ban on a person in this room; true when the room was over and has
// to be looked for anew.
func (r *room) lift(ctx context.Context, key string) (over bool, err error) {
	if err := r.take(ctx); err != nil {
		return false, err
	}
	defer r.give()
	if r.over {
		return true, nil
	}
	events := rooms.Lift(r.state, key, r.hub.cfg.Now())
	if len(events) == 0 {
		return false, nil
	}
	return false, r.grant(events)
}
