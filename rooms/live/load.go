package live

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"lyceum/rooms"
	"lyceum/rooms/journal"
)

const (
	// loadWait bounds reading a room's whole journal.
	loadWait = 20 * time.Second
	// leap is how far the version jumps at each load. Events that are not
	// journalled used up versions nobody remembers; the leap passes them, so that
	// a version is never given twice. 2^53, where JavaScript ends, is far.
	leap = 1 << 20
)

// load rebuilds a room: the snapshot from Redis, then the journal's entries after
// it; all of the journal when Redis has nothing, fails, or is not believed.
func (h *Hub) load(id string) (*room, error) {
	ctx, cancel := context.WithTimeout(context.Background(), loadWait)
	defer cancel()
	st, epoch := h.snapshot(ctx, id)
	last, err := h.replay(ctx, id, &st)
	if err != nil {
		return nil, fmt.Errorf("live: load room %s: %w", id, err)
	}
	r := &room{
		hub: h, id: id, media: h.media.Room(id), log: h.cfg.Log.With("room", id),
		epoch: max(epoch+1, uint64(max(0, h.cfg.Now().UnixMilli()))),
		turn:  make(chan struct{}, 1), wake: make(chan struct{}, 1), stop: make(chan struct{}), gone: make(chan struct{}),
		members: map[string]*member{}, held: map[gate]int{},
		state: st.State, journalled: max(last, st.Journalled),
		redis: behind{dirty: true, stale: true},
	}
	if r.state.Version > 0 {
		r.state.Version += leap
	}
	if len(r.state.Participants) == 0 {
		r.empty = h.cfg.Now()
	}
	r.allAway()
	r.withoutBanned(ctx)
	r.give()
	return r, nil
}

// snapshot reads Redis. The epoch counts even when the rest is not believed.
func (h *Hub) snapshot(ctx context.Context, id string) (saved, uint64) {
	nothing := saved{State: rooms.New()}
	snap, err := h.cfg.State.Load(ctx, id)
	h.redisIs(err)
	if err != nil || snap.Version == 0 {
		return nothing, 0
	}
	s := saved{State: rooms.New()}
	if err := json.Unmarshal(snap.Data, &s); err != nil || s.State == nil || s.State.Version != snap.Version {
		h.cfg.Log.Warn("snapshot is not readable; the journal is replayed", "room", id)
		return nothing, snap.Epoch
	}
	if known, err := h.inJournal(ctx, id, s.Journalled); err != nil || !known {
		h.cfg.Log.Warn("snapshot is not of this journal; the journal is replayed", "room", id)
		return nothing, snap.Epoch
	}
	return s, snap.Epoch
}

// inJournal reports whether the journal has the version; it always has version 0.
func (h *Hub) inJournal(ctx context.Context, id string, version uint64) (bool, error) {
	if version == 0 {
		return true, nil
	}
	found := false
	err := h.cfg.Journal.RoomEntries(ctx, id, version-1,
		func(v uint64, _ time.Time, _, _ string, _ []byte) error {
			found = v == version
			return errEnough
		})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return found, err
}

// replay evolves the state by the journal's entries after its version, except
// those that a later void cancels.
func (h *Hub) replay(ctx context.Context, id string, s *saved) (last uint64, err error) {
	var events []rooms.Event
	cancelled := map[uint64]bool{}
	err = h.cfg.Journal.RoomEntries(ctx, id, s.State.Version,
		func(v uint64, _ time.Time, kind, subject string, data []byte) error {
			var e rooms.Event
			if err := json.Unmarshal(data, &e); err != nil {
				return fmt.Errorf("entry %d: %w", v, err)
			}
			if kind == rooms.KindVoid && subject != "" {
				ghost, err := strconv.ParseUint(subject, 10, 64)
				if err != nil {
					return fmt.Errorf("entry %d: %w", v, err)
				}
				cancelled[ghost] = true
			}
			last, e.Version = v, v
			events = append(events, e)
			return nil
		})
	if err != nil {
		return 0, err
	}
	for _, e := range events {
		if !cancelled[e.Version] {
			s.State.Evolve(e)
		}
	}
	return last, nil
}

// withoutBanned puts out who was banned from the site while this room was not in
// memory. When the journal does not answer they stay on the roster, away, and are
// refused at the door.
func (r *room) withoutBanned(ctx context.Context) {
	now := r.hub.cfg.Now()
	keys := map[string]bool{}
	for _, p := range r.state.Participants {
		keys[p.Key()] = true
	}
	for key := range keys {
		banned, err := r.hub.cfg.Journal.PersonBanned(ctx, journal.Site, key, now)
		if err != nil {
			r.log.Warn("journal does not answer about bans while a room loads", "error", err)
			return
		}
		if banned {
			r.evolve(rooms.Expel(r.state, key, now))
		}
	}
}

// allAway is what is true after a restart: nobody is connected, nothing flows.
// They keep role, place and hand, and the time until they lose them starts now.
func (r *room) allAway() {
	for id := range r.state.Participants {
		commands := []rooms.Command{{Name: rooms.CommandLose}}
		for _, src := range rooms.Sources() {
			commands = append(commands, rooms.Command{Name: rooms.CommandUnpublish, Source: src})
		}
		for _, c := range commands {
			events, err := r.apply(id, c)
			if err == nil { // refused when already so
				r.evolve(events)
			}
		}
	}
}
