package live

import (
	"slices"
	"strings"

	"lyceum/rooms"
)

// listener is one connection at the moment of an announcement.
type listener struct {
	id      string
	sink    Sink
	hosting bool
	waits   rooms.Waiting
	waiting bool
}

// announce tells everybody here what happened, each as they may know it, except
// the one whose welcome already has it. Callers hold the turn and not mu.
func (r *room) announce(events []rooms.Event, except string) {
	listeners, opened := r.listeners(except)
	crossed := crossings(events)
	views := [2][]rooms.Event{}
	for _, l := range listeners {
		switch {
		case l.waiting:
			if opened || crossed[l.id] {
				l.sink.Waiting(l.waits)
			}
			continue
		case crossed[l.id]:
			l.sink.Entered(r.view(l.id))
			continue
		}
		view := &views[0]
		if l.hosting {
			view = &views[1]
		}
		if *view == nil {
			*view = viewed(events, "", l.hosting)
		}
		for i, e := range *view {
			if e.Kind == rooms.KindVoid && events[i].Participant == l.id {
				e = events[i].For(l.id, l.hosting) // one's own held message
			}
			l.sink.Event(e)
		}
	}
}

func viewed(events []rooms.Event, viewer string, hosting bool) []rooms.Event {
	out := make([]rooms.Event, 0, len(events))
	for _, e := range events {
		out = append(out, e.For(viewer, hosting))
	}
	return out
}

// listeners are the connections, and whether those who wait must hear anew if
// somebody is there who can open.
func (r *room) listeners(except string) (all []listener, opened bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	all = make([]listener, 0, len(r.members))
	for id, m := range r.members {
		if m.seat == nil || id == except {
			continue
		}
		l := listener{id: id, sink: m.seat.sink}
		if p := r.state.Participants[id]; p != nil {
			l.hosting = p.Hosting()
		}
		l.waits, l.waiting = r.state.Wait(id)
		all = append(all, l)
	}
	if hosted := r.state.Hosted(); hosted != r.hosted {
		r.hosted, opened = hosted, true
	}
	return all, opened
}

// crossings are the participants for whom the events change which side of the door
// they are on, or what they are told while they wait.
func crossings(events []rooms.Event) map[string]bool {
	var crossed map[string]bool
	for _, e := range events {
		switch {
		case e.Kind == rooms.KindAdmitted, e.Kind == rooms.KindDenied, e.Kind == rooms.KindAsked,
			e.Kind == rooms.KindMoved && e.Place == rooms.PlaceLobby:
			if crossed == nil {
				crossed = map[string]bool{}
			}
			crossed[e.Participant] = true
		}
	}
	return crossed
}

// welcome is the room for a newcomer. Callers hold the turn.
func (r *room) welcome(self, resume string) Welcome {
	w := r.view(self)
	w.Resume = resume
	return w
}

// view is the room as one of them may see it; for who waits, that is nothing but
// themselves. Callers hold the turn.
func (r *room) view(self string) Welcome {
	w := Welcome{Self: self, Version: r.state.Version, Participants: r.state.Roster(self), Hands: []string{}, Chat: []rooms.Message{}}
	slices.SortFunc(w.Participants, func(a, b rooms.Participant) int {
		if c := a.JoinedAt.Compare(b.JoinedAt); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	if waits, ok := r.state.Wait(self); ok {
		w.Waiting = &waits
		return w
	}
	w.Hands = append(w.Hands, r.state.Hands...)
	w.Chat = append(w.Chat, r.state.Chat...)
	w.Held = r.state.HeldFor(self)
	set := r.state.Clone().Settings
	w.Settings, w.InCharge = &set, r.state.InCharge
	return w
}
