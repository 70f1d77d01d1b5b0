package live

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"lyceum/rooms"
	"lyceum/rooms/state"
)

// behind is what Redis has not got yet. Events are kept up to behindMax; beyond
// that, and after any failure, the snapshot alone is written, which is enough.
type behind struct {
	dirty  bool
	stale  bool // the last write failed: wait for the beat, write the snapshot alone
	events [][]byte
}

const behindMax = 500

// saveEvery gathers what happens within it into one write: encoding a room of 500
// people takes a millisecond, which a busy chat should not cost for each message.
const saveEvery = 50 * time.Millisecond

func (b *behind) add(e rooms.Event) {
	b.dirty = true
	if b.stale || len(b.events) >= behindMax {
		b.stale, b.events = true, nil
		return
	}
	b.events = append(b.events, encode(e))
}

// saved is the form of a snapshot. Journalled is the highest version of it that
// the journal had taken: a snapshot that the journal does not know is of another
// site or an older backup, and is not believed.
type saved struct {
	Journalled uint64       `json:"journalled"`
	State      *rooms.State `json:"state"`
}

// keep is the room's one goroutine: it writes Redis behind, tries again what the
// journal did not take, and does what has become due. It ends when the hub closes
// or the room has been empty for long.
func (r *room) keep() {
	ticker := time.NewTicker(beat)
	defer ticker.Stop()
	var soon <-chan time.Time // nil while nothing waits to be saved
	for {
		select {
		case <-r.wake:
			if soon == nil {
				soon = time.After(saveEvery)
			}
		case <-soon:
			soon = nil
			r.save(false)
		case <-ticker.C:
			if r.chores() {
				return
			}
		case <-r.stop:
			r.shut()
			return
		}
	}
}

// chores does what is due and reports whether the room is to be unloaded.
func (r *room) chores() bool {
	recorded := r.catchUp()
	r.expire()
	r.standIn()
	r.save(true)
	return recorded && r.unload()
}

// expire ends media that nobody came back to and places kept long enough.
func (r *room) expire() {
	<-r.turn
	defer r.give()
	for _, p := range r.awayLongest() {
		switch gone := r.since(p.AwaySince); {
		case gone >= r.hub.cfg.AwayFor:
			r.depart(p.ID)
		case gone >= mediaKept:
			r.endMedia(p)
		}
	}
}

// awayLongest lists who is away, in an order that is the same every time.
// Callers hold the turn.
func (r *room) awayLongest() []*rooms.Participant {
	var away []*rooms.Participant
	for _, p := range r.state.Participants {
		if p.Away {
			away = append(away, p)
		}
	}
	slices.SortFunc(away, func(a, b *rooms.Participant) int {
		if c := a.AwaySince.Compare(b.AwaySince); c != 0 {
			return c
		}
		return slices.Compare([]byte(a.ID), []byte(b.ID))
	})
	return away
}

// endMedia closes the media of somebody away. Callers hold the turn.
func (r *room) endMedia(p *rooms.Participant) {
	m := r.members[p.ID]
	if m == nil || m.peer == nil {
		return
	}
	r.withdraw(p.ID)
	r.mu.Lock()
	old := m.peer
	m.peer = nil
	r.mu.Unlock()
	old.Close()
}

// withdraw unpublishes all of the participant's sources. Callers hold the turn.
func (r *room) withdraw(participant string) {
	for _, src := range rooms.Sources() {
		events, err := r.apply(participant, rooms.Command{Name: rooms.CommandUnpublish, Source: src})
		if err == nil && len(events) > 0 {
			// Not journalled, so it cannot fail.
			_ = r.restrict(events)
		}
	}
}

// unload takes an empty room out of use. From then on whoever holds the turn sees
// that it is over and asks the hub for a new one.
func (r *room) unload() bool {
	<-r.turn
	defer r.give()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.empty.IsZero() || r.since(r.empty) < emptyKept || r.redis.dirty && !r.redis.stale {
		return false
	}
	r.over = true
	r.media.Close()
	return true
}

// shut ends the room with its hub.
func (r *room) shut() {
	<-r.turn
	r.mu.Lock()
	r.over = true
	members := r.members
	r.members = map[string]*member{}
	r.mu.Unlock()
	r.give()
	for _, m := range members {
		m.closeMedia()
	}
	r.media.Close()
	if !r.catchUp() {
		r.log.Error("the journal still lacks entries at closing; Redis may have them")
	}
	r.save(true)
}

// save writes what Redis lacks. After a failure only the beat tries again, so a
// stalled server costs one time limit a second and no command waits for it.
func (r *room) save(onBeat bool) {
	snapshot, events, version, ok := r.toSave(onBeat)
	if !ok {
		return
	}
	from := version - uint64(len(events))
	err := r.hub.cfg.State.Save(context.Background(), r.id, r.epoch, from, events, snapshot)
	r.hub.redisIs(err)
	if err != nil {
		if errors.Is(err, state.ErrStale) {
			r.log.Error("another node has taken this room in Redis", "epoch", r.epoch)
		}
		r.mu.Lock()
		r.redis = behind{dirty: true, stale: true}
		r.mu.Unlock()
	}
}

func (r *room) toSave(onBeat bool) (snapshot []byte, events [][]byte, version uint64, ok bool) {
	r.mu.Lock()
	if !r.redis.dirty || r.redis.stale && !onBeat {
		r.mu.Unlock()
		return nil, nil, 0, false
	}
	events = r.redis.events
	r.redis = behind{}
	s := saved{Journalled: r.journalled, State: r.state.Clone()}
	r.mu.Unlock()
	snapshot, err := json.Marshal(s)
	if err != nil {
		// The state holds strings, numbers and times only.
		panic("live: encode snapshot: " + err.Error())
	}
	return snapshot, events, s.State.Version, true
}

// redisIs logs the beginning and the end of an outage, once each.
func (h *Hub) redisIs(err error) {
	switch {
	case err != nil && !h.redisDown.Swap(true):
		h.cfg.Log.Warn("room state does not reach Redis; rooms go on without it", "error", err)
	case err == nil && h.redisDown.Swap(false):
		h.cfg.Log.Info("room state reaches Redis again")
	}
}
