package live

import (
	"context"
	"errors"
	"runtime/debug"
	"time"

	"lyceum/rooms"
)

// do runs one command of a seat: the path every click takes.
func (r *room) do(ctx context.Context, s *Seat, c rooms.Command) error {
	if rooms.Restricts(c) {
		release := r.shutEarly(s, c)
		defer release()
	}
	events, err := r.doInTurn(ctx, s, c)
	r.hub.everywhere(events, r)
	return err
}

// doInTurn returns the events also when recording them failed and they hold.
func (r *room) doInTurn(ctx context.Context, s *Seat, c rooms.Command) ([]rooms.Event, error) {
	if err := r.take(ctx); err != nil {
		return nil, err
	}
	defer r.give()
	if !r.current(s) {
		return nil, &rooms.Error{Code: rooms.CodeNotFound}
	}
	if r.hushes(c) {
		return nil, &rooms.Error{Code: rooms.CodeFrozen}
	}
	events, err := r.apply(s.participant, c)
	if err != nil {
		return nil, err
	}
	if rooms.Restricts(c) {
		return events, r.restrict(events)
	}
	return nil, r.grant(events)
}

// hushes: what waited for its turn when somebody pressed panic is not said after.
func (r *room) hushes(c rooms.Command) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.hushed > 0 && (c.Name == rooms.CommandChatSend || c.Name == rooms.CommandChatApprove)
}

// apply is rooms.Apply with the one recover of the package: Apply writes nothing,
// so after a panic in it the room is what it was.
func (r *room) apply(actor string, c rooms.Command) (events []rooms.Event, err error) {
	defer func() {
		if p := recover(); p != nil {
			r.log.Error("apply panicked", "command", c.Name, "panic", p, "stack", string(debug.Stack()))
			events, err = nil, internal()
		}
	}()
	events, err = rooms.Apply(r.state, actor, c, r.hub.cfg.Now())
	if err != nil {
		var refusal *rooms.Error
		if !errors.As(err, &refusal) {
			err = internal()
		}
		return nil, err
	}
	return events, nil
}

// shutEarly shuts the gates that the command will shut, before its turn comes, if
// the command is a good one as the room is now. The gates stay shut until the
// returned function is called; then they follow the state again, which by then
// has the command's events or, if it was refused after all, has not.
func (r *room) shutEarly(s *Seat, c rooms.Command) func() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.current(s) {
		return func() {}
	}
	events, err := r.apply(s.participant, c)
	if err != nil {
		return func() {}
	}
	gates := r.shuts(events)
	r.hold(gates)
	if c.Name != rooms.CommandPanic {
		return func() { r.reopen(gates) }
	}
	r.hushed++
	return func() {
		r.reopen(gates)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.hushed--
	}
}

// hold keeps gates shut until reopen. Callers hold mu.
func (r *room) hold(gates []gate) {
	for _, g := range gates {
		r.held[g]++
		if m := r.members[g.participant]; m != nil && m.peer != nil {
			m.peer.Gate(g.source, false)
		}
	}
}

func (r *room) reopen(gates []gate) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, g := range gates {
		if r.held[g]--; r.held[g] == 0 {
			delete(r.held, g)
		}
		r.regate(g.participant)
	}
}

// shuts lists the gates that are shut once the events have happened. Callers hold
// the turn or mu.
func (r *room) shuts(events []rooms.Event) []gate {
	var gates []gate
	for _, e := range events {
		switch e.Kind {
		case rooms.KindPanicked:
			for id := range r.members {
				for _, src := range rooms.Sources() {
					gates = append(gates, gate{id, src})
				}
			}
		case rooms.KindMuted, rooms.KindPaused, rooms.KindUnpublished:
			gates = append(gates, gate{e.Participant, e.Source})
		case rooms.KindRemoved, rooms.KindLeft:
			for _, src := range rooms.Sources() {
				gates = append(gates, gate{e.Participant, src})
			}
		case rooms.KindMoved:
			if e.Place == rooms.PlaceStage {
				continue
			}
			for _, src := range rooms.Sources() {
				gates = append(gates, gate{e.Participant, src})
			}
		}
	}
	return gates
}

// restrict makes events happen and then records them. Callers hold the turn.
func (r *room) restrict(events []rooms.Event) error {
	r.evolve(events) // shuts the gates
	for _, e := range events {
		switch e.Kind {
		case rooms.KindRemoved:
			m := r.detach(e.Participant)
			m.closeMedia()
			if m != nil && m.seat != nil {
				m.seat.sink.Bye(ByeRemoved)
			}
		case rooms.KindLeft:
			r.detach(e.Participant).closeMedia()
		case rooms.KindUnpublished:
			r.unpublish(e)
		case rooms.KindMoved:
			if e.Place == rooms.PlaceLobby {
				r.closeDoor(e.Participant)
			}
		}
	}
	err := r.recordOrQueue(events)
	r.announce(events, "")
	r.dismissEncoders(events)
	return err
}

// grant records events and then makes them happen. When recording fails nothing
// has happened, but the entry may be in the journal all the same: its versions
// are used up by void events, which the journal gets too (see keep.go).
func (r *room) grant(events []rooms.Event) error {
	if err := r.publish(events); err != nil {
		return err
	}
	if err := r.record(events); err != nil {
		r.log.Error("journal does not take a command", "kind", events[0].Kind, "error", err)
		r.unpublishAll(events)
		r.announce(r.void(events), "")
		return internal()
	}
	r.evolve(events)
	r.announce(events, "")
	r.crossDoor(events)
	r.resumeEncoders(events)
	return nil
}

// publish has the media plane ask the client for a source. The gate is shut until
// the event has happened.
func (r *room) publish(events []rooms.Event) error {
	for _, e := range events {
		m := r.members[e.Participant]
		if e.Kind != rooms.KindPublished || m == nil || m.peer == nil {
			continue
		}
		if err := m.peer.Publish(e.Source); err != nil {
			r.log.Error("media does not take a source", "source", e.Source, "error", err)
			return internal()
		}
	}
	return nil
}

func (r *room) unpublish(e rooms.Event) {
	if m := r.members[e.Participant]; m != nil && m.peer != nil {
		m.peer.Unpublish(e.Source)
	}
}

func (r *room) unpublishAll(events []rooms.Event) {
	for _, e := range events {
		if e.Kind == rooms.KindPublished {
			r.unpublish(e)
		}
	}
}

// lost is [Seat.Lost].
func (r *room) lost(s *Seat) {
	<-r.turn // bounded by journalWait for each turn before this one
	defer r.give()
	if !r.current(s) {
		return
	}
	r.mu.Lock()
	r.members[s.participant].seat = nil
	r.mu.Unlock()
	events, err := r.apply(s.participant, rooms.Command{Name: rooms.CommandLose})
	if err != nil {
		return // already away
	}
	r.evolve(events)
	r.announce(events, "")
}

// leave is [Seat.Leave]. It always happens; ctx only bounds the wait for the turn
// of a caller who would rather be gone, and then the participant is away.
func (r *room) leave(ctx context.Context, s *Seat) {
	c := rooms.Command{Name: rooms.CommandLeave}
	release := r.shutEarly(s, c)
	defer release()
	if r.take(ctx) != nil {
		r.lost(s)
		return
	}
	defer r.give()
	if r.current(s) {
		r.depart(s.participant)
	}
}

// depart makes the participant leave. Callers hold the turn.
func (r *room) depart(participant string) {
	events, err := r.apply(participant, rooms.Command{Name: rooms.CommandLeave})
	if err == nil {
		err = r.restrict(events)
	}
	if err != nil {
		r.log.Warn("leaving is not recorded yet", "error", err)
	}
}

// deadline is for journal calls: they outlive the caller, whose going away must
// not leave a command half done.
func deadline() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), journalWait)
}

// since is how long ago t was, by the room's clock.
func (r *room) since(t time.Time) time.Duration { return r.hub.cfg.Now().Sub(t) }
