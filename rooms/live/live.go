// Package live runs rooms. It is the only place that joins the rules (rooms), the
// media (rooms/sfu), the hot copy (rooms/state) and the durable record
// (rooms/journal); signaling talks to it and to nothing else.
//
// A [Hub] holds the running rooms. One participant enters with [Hub.Enter], gets
// a [Seat] and gives commands through it; encoders and players enter with
// [Hub.EnterPublisher] and [Hub.EnterSubscriber]. In a room everything that
// changes it happens one after the other, in turns; a turn lasts until the
// journal has answered, so versions, journal and announcements have one order.
// The exception is deliberate: a command that restricts somebody shuts their gate
// before it waits for its turn, so neither a slow database nor a stalled Redis
// delays a mute.
//
// What restricts takes effect first and is recorded after; when recording fails
// the gate stays shut, the sender is told "internal" and recording is tried again
// until it works. What grants is recorded first. Redis is written behind: losing
// it costs nothing but a longer replay. A panic inside rooms.Apply, which writes
// nothing, is caught and answered "internal"; a panic anywhere else in a turn may
// have left a room half-changed and ends the process on purpose, because the
// journal rebuilds a room better than a guess does.
package live

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"lyceum/rooms"
	"lyceum/rooms/journal"
	"lyceum/rooms/sfu"
	"lyceum/rooms/state"
	"lyceum/rooms/token"
)

const (
	// mediaKept is how long media outlives its connection: a client back within
	// it goes on without being seen to leave.
	mediaKept = 30 * time.Second
	// emptyKept is how long an empty room stays in memory.
	emptyKept = 10 * time.Minute
	// journalWait bounds one append, and so the length of a turn.
	journalWait = 2 * time.Second
	// beat is how often a room looks at what has become due.
	beat = time.Second
)

// Config is what a hub is made of. Everything but AwayFor must be set.
type Config struct {
	State   *state.Store
	Journal journal.Journal
	Media   *sfu.Node
	Now     func() time.Time
	Log     *slog.Logger
	AwayFor time.Duration // how long a place is kept for somebody away; 0 is 10 minutes
}

// Sink is where a participant hears from the room. Its methods must not block,
// and must not call back into the seat on the same goroutine: they are called in
// the room's turn. Events and offers may come before Enter has returned; the
// connection says welcome first all the same. Events are shared with other sinks
// and must not be changed; Entered is the whole room for somebody who has waited,
// Waiting says that they wait and takes all of it back. After Bye nothing follows.
type Sink interface {
	Event(rooms.Event)
	Entered(Welcome)
	Waiting(rooms.Waiting)
	Offer(sfu.Offer)
	Failed(sfu.Side)
	Bye(code string)
}

// Entry is a verified token and, for a device that comes back or takes over, the
// resume secret from its last welcome or the person's "move here".
type Entry struct {
	Claims token.Claims
	Resume string
	Move   bool
}

// Welcome is the room as the newcomer may see it, at Version. Events that the
// sink gets are those after it. Resume is a secret of this participant alone, and
// empty in Sink.Entered. With Waiting there is nothing in it but oneself, and
// Settings are nil.
type Welcome struct {
	Resume       string
	Self         string
	Version      uint64
	Participants []rooms.Participant
	Hands        []string
	Chat         []rooms.Message
	Held         []rooms.Message
	Settings     *rooms.Settings
	InCharge     string
	Waiting      *rooms.Waiting
}

// Bye codes.
const (
	ByeRemoved = "removed"
	ByeMoved   = "moved"
)

// Hub holds the running rooms of this node. Rooms share nothing but its map: a
// room that waits holds up no other.
type Hub struct {
	cfg       Config
	media     media
	site      siteBans
	redisDown atomic.Bool // so that a long outage is one line in the log

	mu     sync.Mutex
	rooms  map[string]*opening
	closed bool
	wait   sync.WaitGroup // one keeper a room
}

// opening is a room that is being loaded, or has been once ready is closed.
type opening struct {
	ready chan struct{} // closed once; never sent on
	room  *room
	err   error
}

// New makes a hub without rooms; they load when somebody enters.
func New(cfg Config) *Hub { return newHub(cfg, nodeMedia{cfg.Media}) }

func newHub(cfg Config, m media) *Hub {
	if cfg.AwayFor == 0 {
		cfg.AwayFor = 10 * time.Minute
	}
	return &Hub{cfg: cfg, media: m, rooms: map[string]*opening{}}
}

// Close ends all media, records what is still to be recorded and waits. Nobody is
// told: that is the connections' part, and they go first. Participants are away,
// not gone, when the rooms load again.
func (h *Hub) Close() {
	h.mu.Lock()
	if h.closed {
		h.mu.Unlock()
		h.wait.Wait()
		return
	}
	h.closed = true
	open := make([]*opening, 0, len(h.rooms))
	for _, o := range h.rooms {
		open = append(open, o)
	}
	h.mu.Unlock()
	for _, o := range open {
		<-o.ready
		if o.room != nil {
			close(o.room.stop)
		}
	}
	h.wait.Wait()
}

// room gives the running room, loading it when it is not.
func (h *Hub) room(ctx context.Context, id string) (*room, error) {
	h.mu.Lock()
	if h.closed {
		h.mu.Unlock()
		return nil, internal()
	}
	o := h.rooms[id]
	if o == nil {
		o = &opening{ready: make(chan struct{})}
		h.rooms[id] = o
		h.wait.Go(func() { h.open(id, o) })
	}
	h.mu.Unlock()
	select {
	case <-o.ready:
		return o.room, o.err
	case <-ctx.Done():
		return nil, internal()
	}
}

// open loads the room and then keeps it, on the goroutine that owns it. Whoever
// asked may give up waiting; the load goes on for the next.
func (h *Hub) open(id string, o *opening) {
	o.room, o.err = h.load(id)
	if o.err != nil {
		h.cfg.Log.Error("room does not load", "room", id, "error", o.err)
		o.err = internal()
		h.forget(id, o)
		close(o.ready)
		return
	}
	close(o.ready)
	o.room.keep()
	h.forget(id, o)
	close(o.room.gone)
}

func (h *Hub) forget(id string, o *opening) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.rooms[id] == o {
		delete(h.rooms, id)
	}
}

func internal() error { return &rooms.Error{Code: rooms.CodeInternal} }
