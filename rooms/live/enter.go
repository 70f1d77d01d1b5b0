package live

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"slices"

	"lyceum/rooms"
	"lyceum/rooms/token"
)

// Enter brings a participant with a verified token into its room. Somebody who is
// away comes back as they were. Somebody who is connected is left alone, unless
// the entry has the resume secret or says Move: then the other connection gets
// Bye("moved"). Who has to wait in the lobby gets a seat and a welcome that says
// so. Errors are *rooms.Error: banned, closed, elsewhere, invalid or internal.
func (h *Hub) Enter(ctx context.Context, e Entry, sink Sink) (*Seat, Welcome, error) {
	var seat *Seat
	var w Welcome
	err := h.enter(ctx, e.Claims, func(r *room) error {
		a := arrival{room: r, claims: e.Claims, resume: e.Resume, move: e.Move, sink: sink}
		var err error
		seat, w, err = a.arrive(a.join)
		return err
	})
	return seat, w, err
}

// enter runs arrive in the room's turn, once it is known that the person may be
// there at all.
func (h *Hub) enter(ctx context.Context, c token.Claims, arrive func(*room) error) error {
	for {
		r, err := h.room(ctx, c.Room)
		if err != nil {
			return err
		}
		if err := h.admit(ctx, r, c); err != nil {
			return err
		}
		if err := r.take(ctx); err != nil {
			return err
		}
		if !r.over {
			err := arrive(r)
			r.give()
			return err
		}
		r.give()
		select {
		case <-r.gone: // unloaded in this moment; load it again
		case <-ctx.Done():
			return internal()
		}
	}
}

// admit asks the journal about the person. The room's own state is asked again in
// the turn, so a removal in between is not missed. When the journal does not
// answer, those whom the room knows may come back and nobody new gets in.
func (h *Hub) admit(ctx context.Context, r *room, c token.Claims) error {
	key := rooms.PersonKey(c.Participant, c.Person)
	asking, cancel := context.WithTimeout(ctx, journalWait)
	defer cancel()
	banned, err := h.inBans(asking, c.Room, key, h.cfg.Now())
	if err == nil && banned {
		return &rooms.Error{Code: rooms.CodeBanned}
	}
	if err != nil && !r.knows(c.Participant) {
		r.log.Error("journal does not answer about bans; nobody new gets in", "error", err)
		return internal()
	}
	return nil
}

func (r *room) knows(participant string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.state.Participants[participant] != nil
}

// arrival is one entering. It runs in the room's turn.
type arrival struct {
	room   *room
	claims token.Claims
	resume string
	move   bool
	listen bool // comes to listen: the floor is enough
	quiet  bool // a media seat: its own offer is all it publishes, and it hears nothing
	sink   Sink
}

// connect makes the media of a seat.
type connect func() (peer, error)

func (a *arrival) join() (peer, error) {
	return a.room.media.Join(a.claims.Participant, signal{a.sink}), nil
}

func (a *arrival) arrive(c connect) (*Seat, Welcome, error) {
	r, id := a.room, a.claims.Participant
	key, now := rooms.PersonKey(id, a.claims.Person), r.hub.cfg.Now()
	if !r.state.BannedUntil(key, now).IsZero() || r.hub.site.holds(key, now) {
		return nil, Welcome{}, &rooms.Error{Code: rooms.CodeBanned}
	}
	secret, err := a.secret()
	if err != nil {
		return nil, Welcome{}, err
	}
	// An offer comes before everything: one that is refused changes nothing. Gates
	// are shut until the participant is present. In the lobby there is no media.
	var p peer
	if a.quiet {
		if p, err = a.offered(c); err != nil {
			return nil, Welcome{}, err
		}
	}
	events, err := a.present()
	if err != nil {
		if p != nil {
			p.Close()
		}
		return nil, Welcome{}, err
	}
	inside := r.state.Participants[id].Place != rooms.PlaceLobby
	if !a.quiet && inside {
		if p, err = c(); err != nil {
			return nil, Welcome{}, err
		}
	}
	if a.quiet && !inside { // a token of another role than before
		p.Close()
		r.announce(events, id)
		r.depart(id)
		return nil, Welcome{}, &rooms.Error{Code: rooms.CodeWaiting}
	}
	if a.quiet {
		// What an earlier connection published is not in this one's offer.
		r.announce(events, id)
		r.withdraw(id)
		events = nil
	}
	seat := &Seat{room: r, participant: id, sink: a.sink}
	r.mu.Lock()
	r.members[id] = &member{seat: seat, resume: secret, peer: p, quiet: a.quiet}
	r.regate(id)
	r.mu.Unlock()
	if !a.quiet && inside {
		a.offerAgain(p)
	}
	w := r.welcome(id, secret)
	r.announce(events, id)
	return seat, w, nil
}

// offered answers the offer of a media seat, if it may come in at all.
func (a *arrival) offered(c connect) (peer, error) {
	if err := a.mustFlowIn(); err != nil {
		return nil, err
	}
	return c()
}

// secret is the resume secret of the new seat, or the refusal when the
// participant is connected and the entry proves nothing. A device that comes back
// keeps its secret, for its welcome may be lost again; any other gets a new one,
// so that a device that was taken over from cannot take back by itself.
func (a *arrival) secret() (string, error) {
	m := a.room.members[a.claims.Participant]
	if m != nil && a.resume != "" && subtle.ConstantTimeCompare([]byte(m.resume), []byte(a.resume)) == 1 {
		return m.resume, nil
	}
	if m != nil && m.seat != nil && !a.move {
		return "", &rooms.Error{Code: rooms.CodeElsewhere}
	}
	return rand.Text(), nil
}

// displace ends the connection and the media that are there. A token of another
// role or person under the same id is a new arrival: the old one leaves first,
// for nobody may keep a role that their token no longer gives.
func (a *arrival) displace() error {
	r, id := a.room, a.claims.Participant
	m := r.detach(id)
	m.closeMedia()
	if m != nil && m.seat != nil {
		m.seat.sink.Bye(ByeMoved)
	}
	p := r.state.Participants[id]
	if p == nil || p.Role == a.claims.Role && p.Person == a.claims.Person {
		return nil
	}
	events, err := r.apply(id, rooms.Command{Name: rooms.CommandLeave})
	if err != nil {
		return err
	}
	return r.restrict(events)
}

// present makes the participant be in the state and not away. The events are for
// announcing once the welcome is made.
func (a *arrival) present() ([]rooms.Event, error) {
	r, id := a.room, a.claims.Participant
	if err := a.displace(); err != nil {
		return nil, err
	}
	p := r.state.Participants[id]
	if p != nil && !p.Away {
		return nil, nil // moved, or back before the loss was seen
	}
	c := rooms.Command{Name: rooms.CommandReturn}
	if p == nil {
		c = a.joining()
	}
	events, err := r.apply(id, c)
	if err != nil {
		return nil, err
	}
	if err := r.record(events); err != nil {
		r.log.Error("journal does not take an arrival", "error", err)
		r.announce(r.void(events), id)
		return nil, internal()
	}
	r.evolve(events)
	return events, nil
}

func (a *arrival) joining() rooms.Command {
	c := a.claims
	p := rooms.Participant{ID: c.Participant, Name: c.Name, Person: c.Person, Role: c.Role}
	if a.listen {
		p.Place = rooms.PlaceFloor
	}
	return rooms.Command{Name: rooms.CommandJoin, Joining: &p}
}

// offerAgain asks the returned client for what it was publishing.
func (a *arrival) offerAgain(p peer) {
	r := a.room
	for _, src := range rooms.Sources() {
		if !r.state.Participants[a.claims.Participant].Sources[src].Published {
			continue
		}
		if err := p.Publish(src); err != nil {
			r.log.Error("media does not take a source again", "source", src, "error", err)
		}
	}
}

// isRefusal reports whether err is a refusal with one of the codes.
func isRefusal(err error, codes ...string) bool {
	var refusal *rooms.Error
	return errors.As(err, &refusal) && slices.Contains(codes, refusal.Code)
}
