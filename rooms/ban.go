package rooms

import (
	"slices"
	"time"
)

// BanFor is how long a removal keeps a person out. A room is one event, so this
// only has to be longer than any event is in use; a ban from the site ends then too.
const BanFor = 365 * 24 * time.Hour

// The scopes of a ban.
const (
	ScopeEvent = "event"
	ScopeSite  = "site"
)

// ban is remove with a choice of how far it reaches. From then on people never
// seen here before wait in the lobby: who was put out may come again under another
// address, and that is all that a library can do about it.
func (a *applying) ban(p *Participant) error {
	switch a.c.Scope {
	case ScopeEvent:
	case ScopeSite:
		if !a.may(banSite) {
			return refuse(CodeForbidden)
		}
	default:
		return refuse(CodeInvalid)
	}
	if err := a.remove(p, a.c.Scope); err != nil {
		return err
	}
	if mode := a.s.Settings.Lobby; mode == LobbyOpen || mode == "" {
		a.set(KindLobbyMode, func(set *Settings) { set.Lobby = LobbyKnown })
	}
	return nil
}

// remove bans the person, so everybody here who is the same person goes: a
// second registration must not stay behind. One's own person and, for co-hosts,
// a host's person are out of reach by any of their participants.
func (a *applying) remove(p *Participant, scope string) error {
	key := p.Key()
	var gone []string
	for id, q := range a.s.Participants {
		if q.Key() != key {
			continue
		}
		if q.Key() == a.self.Key() || a.outranked(q) {
			return refuse(CodeForbidden)
		}
		gone = append(gone, id)
	}
	slices.Sort(gone)
	for _, id := range gone {
		e := a.emit(KindRemoved, id)
		e.Person, e.Until, e.Scope = key, a.now.Add(BanFor), scope
		e.Name, e.By = a.s.Participants[id].Name, a.self.Name
	}
	return nil
}

// Expel are the events that put a person out of a room who was banned from the
// site in another one. They leave no ban here: that of the site is enough, and
// lifting it must not leave one behind.
func Expel(s *State, key string, now time.Time) []Event {
	a := applying{s: s, now: now}
	var gone []string
	for id, p := range s.Participants {
		if p.Key() == key {
			gone = append(gone, id)
		}
	}
	slices.Sort(gone)
	for _, id := range gone {
		e := a.emit(KindRemoved, id)
		e.Person, e.Scope = key, ScopeSite
	}
	return a.events
}

// Lift are the events that end the ban on a person, in this room.
func Lift(s *State, key string, now time.Time) []Event {
	if _, ok := s.Banned[key]; !ok {
		return nil
	}
	a := applying{s: s, now: now}
	a.emit(KindLifted, "").Person = key
	return a.events
}

// ban is [State.Evolve] for a removal. One without an end was [Expel].
func (s *State) ban(e Event) {
	if !e.Until.IsZero() {
		s.Banned[PersonKey(e.Participant, e.Person)] = e.Until
	}
	p := s.Participants[e.Participant]
	if p == nil {
		return
	}
	s.Held = slices.DeleteFunc(slices.Clone(s.Held), func(m Message) bool { return m.From == p.ID })
	s.drop(p)
}
