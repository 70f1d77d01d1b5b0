package live

import (
	"context"
	"sync"
	"time"

	"lyceum/rooms"
	"lyceum/rooms/journal"
)

// siteBans are the bans from the site that were given here, so that they hold in
// every room before the journal has answered.
type siteBans struct {
	mu    sync.Mutex
	until map[string]time.Time
}

func (b *siteBans) add(key string, until time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.until == nil {
		b.until = map[string]time.Time{}
	}
	b.until[key] = until
}

func (b *siteBans) lift(key string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.until, key)
}

func (b *siteBans) holds(key string, now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.until[key].After(now)
}

// Banned reports whether the person may not enter the room: by the journal, and
// by what runs here, which knows of a removal a moment earlier.
func (h *Hub) Banned(ctx context.Context, room, person string) (bool, error) {
	now := h.cfg.Now()
	if h.site.holds(person, now) {
		return true, nil
	}
	h.mu.Lock()
	o := h.rooms[room]
	h.mu.Unlock()
	if o != nil {
		select {
		case <-o.ready:
			if o.room != nil && o.room.banned(person, now) {
				return true, nil
			}
		case <-ctx.Done():
			return false, ctx.Err()
		}
	}
	return h.inBans(ctx, room, person, now)
}

// inBans asks the journal about both scopes.
func (h *Hub) inBans(ctx context.Context, room, person string, now time.Time) (bool, error) {
	for _, scope := range []string{room, journal.Site} {
		banned, err := h.cfg.Journal.PersonBanned(ctx, scope, person, now)
		if err != nil || banned {
			return banned, err
		}
	}
	return false, nil
}

// Lift ends a ban: its scope (a room, or journal.Site), and the room where it was
// given, which remembers it too. Repeating it after an error is safe.
func (h *Hub) Lift(ctx context.Context, scope, room, person string) error {
	for {
		r, err := h.room(ctx, room)
		if err != nil {
			return err
		}
		over, err := r.lift(ctx, person)
		if err != nil {
			return err
		}
		if !over {
			break
		}
		select {
		case <-r.gone:
		case <-ctx.Done():
			return internal()
		}
	}
	now := h.cfg.Now()
	if err := h.cfg.Journal.BanPerson(ctx, scope, person, now, now); err != nil {
		return err
	}
	if scope == journal.Site {
		h.site.lift(person)
	}
	return nil
}

// everywhere puts a person whom the events banned from the site out of every other
// room: gates at once, the rest in each room's turn. It waits for all of them and
// is called without a turn.
func (h *Hub) everywhere(events []rooms.Event, except *room) {
	key := ""
	for _, e := range events {
		if e.Kind == rooms.KindRemoved && e.Scope == rooms.ScopeSite {
			key = e.Person
			h.site.add(e.Person, e.Until)
		}
	}
	if key == "" {
		return
	}
	var each sync.WaitGroup
	for _, r := range h.running() {
		if r != except {
			each.Go(func() { r.expel(key) })
		}
	}
	each.Wait()
}

// running lists the rooms in memory. One that is still loading is left out: it asks
// about the ban at its door.
func (h *Hub) running() []*room {
	h.mu.Lock()
	defer h.mu.Unlock()
	var all []*room
	for _, o := range h.rooms {
		select {
		case <-o.ready:
			if o.room != nil {
				all = append(all, o.room)
			}
		default:
		}
	}
	return all
}

func (r *room) expel(key string) {
	r.mu.Lock()
	gates := r.shuts(rooms.Expel(r.state, key, r.hub.cfg.Now()))
	r.hold(gates)
	r.mu.Unlock()
	defer r.reopen(gates)
	<-r.turn // bounded by journalWait for each turn before this one
	defer r.give()
	events := rooms.Expel(r.state, key, r.hub.cfg.Now())
	if r.over || len(events) == 0 {
		return
	}
	if err := r.restrict(events); err != nil {
		r.log.Warn("a ban from the site is not recorded here yet; it holds", "error", err)
	}
}
