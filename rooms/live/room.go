package live

import (
	"context"
	"encoding/json"
	"log/slog"
	"sync"
	"time"

	"lyceum/rooms"
	"lyceum/rooms/sfu"
)

// room is a running room. Who holds the turn may change it; a change is made with
// mu as well, so state may be read with either. mu is never held during I/O nor
// while a sink is called.
type room struct {
	hub   *Hub
	id    string
	epoch uint64
	media mediaRoom
	log   *slog.Logger

	turn chan struct{} // holds one token; taking it is taking the turn
	wake chan struct{} // capacity 1: the keeper has something to save; full is as good as sent
	stop chan struct{} // closed by the hub
	gone chan struct{} // closed when the keeper has ended and the hub has forgotten the room

	mu      sync.Mutex
	state   *rooms.State
	members map[string]*member
	held    map[gate]int // gates kept shut by restricting commands under way
	hushed  int          // panics under way: nobody writes
	hosted  bool         // what who waits has been told about hosts
	over    bool         // unloaded or closing: whoever gets the turn looks anew
	empty   time.Time    // since when nobody is in; zero when somebody is
	redis   behind
	// journalled is the highest version known to be in the journal; unrecorded
	// are entries that it did not take yet.
	journalled uint64
	unrecorded []entry
}

// member is the connection and the media of a participant. Somebody away has a
// member without a seat until their media ends, and none after a restart.
type member struct {
	seat   *Seat
	resume string
	peer   peer // nil in the lobby too
	quiet  bool // an encoder or player
}

type gate struct {
	participant string
	source      rooms.Source
}

// take waits for the turn. give hands it on.
func (r *room) take(ctx context.Context) error {
	select {
	case <-r.turn:
		return nil
	case <-ctx.Done():
		return internal()
	}
}

func (r *room) give() { r.turn <- struct{}{} }

// current reports whether the seat is the participant's connection now. Callers
// hold the turn or mu.
func (r *room) current(s *Seat) bool {
	m := r.members[s.participant]
	return m != nil && m.seat == s && !r.over
}

func (r *room) peerOf(s *Seat) peer {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.current(s) {
		return nil
	}
	return r.members[s.participant].peer
}

func (r *room) banned(key string, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return !r.state.BannedUntil(key, now).IsZero()
}

// evolve makes events part of the state and has the gates follow. Callers hold
// the turn.
func (r *room) evolve(events []rooms.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range events {
		r.state.Evolve(e)
		r.redis.add(e)
	}
	for _, e := range events {
		if e.Settings != nil {
			r.regateAll()
			break
		}
		r.regate(e.Participant)
	}
	switch {
	case len(r.state.Participants) > 0:
		r.empty = time.Time{}
	case r.empty.IsZero():
		r.empty = r.hub.cfg.Now()
	}
	select {
	case r.wake <- struct{}{}:
	default: // the keeper has been woken and has not looked yet
	}
}

// regate sets every gate of the participant from the state. Callers hold mu.
func (r *room) regate(participant string) {
	m := r.members[participant]
	if m == nil || m.peer == nil {
		return
	}
	for _, src := range rooms.Sources() {
		open := r.state.Forwards(participant, src) && r.held[gate{participant, src}] == 0
		m.peer.Gate(src, open)
	}
}

func (r *room) regateAll() {
	for id := range r.members {
		r.regate(id)
	}
}

// detach takes the participant's connection and media out of the room. Callers
// hold the turn; what is returned is theirs to close.
func (r *room) detach(participant string) *member {
	r.mu.Lock()
	defer r.mu.Unlock()
	m := r.members[participant]
	delete(r.members, participant)
	return m
}

func (m *member) closeMedia() {
	if m != nil && m.peer != nil {
		m.peer.Close()
	}
}

// signal passes what the media plane says to the seat's connection.
type signal struct{ sink Sink }

func (s signal) Offer(o sfu.Offer)    { s.sink.Offer(o) }
func (s signal) Failed(side sfu.Side) { s.sink.Failed(side) }

// encode is the event as it is kept: with the person, which a replay needs.
func encode(e rooms.Event) []byte {
	data, err := json.Marshal(e)
	if err != nil {
		// Strings, numbers and times of this century always encode.
		panic("live: encode event: " + err.Error())
	}
	return data
}
