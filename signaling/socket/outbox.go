package socket

import (
	"sync"

	"lyceum/signaling/wire"
)

// outbox is the bounded queue to one client. Anybody may put; the writer alone takes. Before it is opened
// with the welcome it only collects, so that events which happen while somebody enters come after the
// welcome and none is lost.
type outbox struct {
	wake chan struct{} // capacity 1: one pending wake-up is enough

	mu     sync.Mutex
	queue  []entry
	bytes  int
	opened bool
	bye    string // set once: nothing is taken after it
}

// entry is one encoded message; version is that of an event, else 0.
type entry struct {
	data    []byte
	version uint64
}

func newOutbox() *outbox { return &outbox{wake: make(chan struct{}, 1)} }

// put adds a message and reports whether it was the one too many. A full queue means that the client does
// not read: it is cut, since dropping single messages would leave it with a wrong picture of the room.
func (o *outbox) put(m wire.Message) (full bool) {
	data, err := wire.Encode(m)
	if err != nil {
		o.end(wire.ByeInternal)
		return false
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.bye != "" {
		return false
	}
	if len(o.queue) == wire.QueueMessages || o.bytes+len(data) > wire.QueueBytes {
		o.finish(wire.ByeTooSlow)
		return true
	}
	var version uint64
	if e, ok := m.(wire.Event); ok {
		version = e.Event.Version
	}
	o.queue = append(o.queue, entry{data: data, version: version})
	o.bytes += len(data)
	o.signal()
	return false
}

// open puts the welcome before everything collected and drops the events that it already includes. Its size
// does not count against the limit.
func (o *outbox) open(w wire.Welcome) {
	data, err := wire.Encode(w)
	if err != nil {
		o.end(wire.ByeInternal)
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.bye != "" {
		return
	}
	queue := []entry{{data: data}}
	for _, e := range o.queue {
		if e.version == 0 || e.version > w.Room.Version {
			queue = append(queue, e)
		}
	}
	o.queue, o.opened = queue, true
	o.signal()
}

// end makes bye the last message. The first reason stands.
func (o *outbox) end(code string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.finish(code)
}

func (o *outbox) finish(code string) {
	if o.bye != "" {
		return
	}
	if !o.opened || code == wire.ByeTooSlow {
		o.queue = nil
	}
	o.bye = code
	o.signal()
}

func (o *outbox) signal() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// take returns what is to be written now, and the bye that comes after it, if any.
func (o *outbox) take() (queue []entry, bye string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.opened {
		queue, o.queue, o.bytes = o.queue, nil, 0
	}
	return queue, o.bye
}

// ended is the reason the connection ends, or "".
func (o *outbox) ended() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.bye
}
