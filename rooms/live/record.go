package live

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"lyceum/rooms"
	"lyceum/rooms/journal"
)

var (
	errEnough = errors.New("live: enough read")
	errGhost  = errors.New("live: the voided entry is in the journal")
)

// entry is an event on its way to the journal. The subject is whom it is about; a
// void's is empty, or the version of the entry that it cancels: one that reached
// the journal although its sender was told that it had failed.
type entry struct {
	event   rooms.Event
	subject string
}

// journalled says which kinds of events are durable. What comes and goes with a
// connection is not: after a restart everybody is away and publishes nothing.
func journalled(kind string) bool {
	switch kind {
	case rooms.KindAway, rooms.KindReturned,
		rooms.KindPublished, rooms.KindUnpublished, rooms.KindPaused, rooms.KindResumed, rooms.KindStoodIn:
		return false
	}
	return true
}

// record appends what is journalled of the events, in order, and stops at the
// first failure.
func (r *room) record(events []rooms.Event) error {
	for _, e := range events {
		if !journalled(e.Kind) {
			continue
		}
		if err := r.append(entry{event: e, subject: e.Participant}); err != nil {
			return err
		}
	}
	return nil
}

// recordOrQueue appends what is journalled and keeps what the journal does not
// take, for the keeper to try again.
func (r *room) recordOrQueue(events []rooms.Event) error {
	var failed []entry
	var cause error
	for _, e := range events {
		if !journalled(e.Kind) {
			continue
		}
		en := entry{event: e, subject: e.Participant}
		// After one failure the rest only wait: the turn must not take longer
		// than one append may.
		if cause == nil {
			cause = r.append(en)
		}
		if cause != nil {
			failed = append(failed, en)
		}
	}
	if cause == nil {
		return nil
	}
	r.log.Error("journal does not take a restriction; it holds and will be recorded", "kind", failed[0].event.Kind, "error", cause)
	r.queue(failed)
	return internal()
}

func (r *room) queue(entries []entry) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.unrecorded = append(r.unrecorded, entries...)
}

// append records one entry, and for a removal the ban, which must hold for every
// ticket of the person and so is asked for by person, not by replay.
func (r *room) append(en entry) error {
	ctx, cancel := deadline()
	defer cancel()
	e, j := en.event, r.hub.cfg.Journal
	err := j.AppendRoom(ctx, r.id, e.Version, e.At, e.Kind, en.subject, encode(e))
	if journal.IsConflict(err) {
		err = r.settle(ctx, en)
	}
	if err != nil {
		return fmt.Errorf("live: record %s: %w", e.Kind, err)
	}
	r.mu.Lock()
	r.journalled = max(r.journalled, e.Version)
	r.mu.Unlock()
	if e.Kind != rooms.KindRemoved || e.Until.IsZero() {
		return nil
	}
	scope := r.id
	if e.Scope == rooms.ScopeSite {
		scope = journal.Site
	}
	if err := j.BanPerson(ctx, scope, e.Person, e.At, e.Until); err != nil {
		return fmt.Errorf("live: record ban: %w", err)
	}
	if err := j.NameBan(ctx, scope, e.Person, r.id, e.Name, e.By); err != nil {
		return fmt.Errorf("live: name ban: %w", err)
	}
	return nil
}

// settle looks at what has taken an entry's version. The same bytes are an
// earlier attempt whose answer was lost. Under a void it is the entry that the
// void stands for, which then has to be cancelled by one more.
func (r *room) settle(ctx context.Context, en entry) error {
	var found []byte
	err := r.hub.cfg.Journal.RoomEntries(ctx, r.id, en.event.Version-1,
		func(version uint64, _ time.Time, _, _ string, data []byte) error {
			if version == en.event.Version {
				found = data
			}
			return errEnough
		})
	if err != nil && !errors.Is(err, errEnough) {
		return err
	}
	switch {
	case bytes.Equal(found, encode(en.event)):
		return nil
	case en.event.Kind == rooms.KindVoid && en.subject == "":
		return errGhost
	}
	return fmt.Errorf("version %d is somebody else's: two nodes run this room", en.event.Version)
}

// void uses up the versions of events that did not happen, so that nobody sees a
// gap, and makes sure that the journal agrees. Callers hold the turn.
func (r *room) void(events []rooms.Event) []rooms.Event {
	voids := make([]rooms.Event, 0, len(events))
	var entries []entry
	for _, e := range events {
		v := rooms.Event{Version: e.Version, At: e.At, Kind: rooms.KindVoid}
		voids = append(voids, v)
		if journalled(e.Kind) {
			entries = append(entries, entry{event: v})
		}
	}
	r.evolve(voids)
	r.queue(entries)
	return voids
}

// cancel makes the entry of that version, which is in the journal and did not
// happen, be skipped by every replay.
func (r *room) cancel(version uint64) {
	<-r.turn
	defer r.give()
	v := rooms.Event{Version: r.state.Version + 1, At: r.hub.cfg.Now(), Kind: rooms.KindVoid}
	r.evolve([]rooms.Event{v})
	r.queue([]entry{{event: v, subject: strconv.FormatUint(version, 10)}})
	r.announce([]rooms.Event{v}, "")
}

// catchUp tries again what the journal did not take, and reports whether all of
// it is there now.
func (r *room) catchUp() bool {
	r.mu.Lock()
	entries := r.unrecorded
	r.unrecorded = nil
	r.mu.Unlock()
	for i, en := range entries {
		err := r.append(en)
		if errors.Is(err, errGhost) {
			r.cancel(en.event.Version)
			continue
		}
		if err != nil {
			// Before what was queued meanwhile: order is kept where it can be.
			r.mu.Lock()
			r.unrecorded = append(entries[i:len(entries):len(entries)], r.unrecorded...)
			r.mu.Unlock()
			return false
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.unrecorded) == 0
}
