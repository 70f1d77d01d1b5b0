package rooms

import (
	"maps"
	"slices"
	"time"
)

// chatKept is how many messages the state remembers; older ones are in the
// journal.
const chatKept = 200

// New is an empty room.
func New() *State {
	return &State{
		Participants: map[string]*Participant{},
		Hands:        []string{},
		Chat:         []Message{},
		Banned:       map[string]time.Time{},
		Standing:     map[string]Standing{},
		Seen:         map[string]Record{},
		Settings:     defaults(),
	}
}

// Clone is a copy that shares nothing with s.
func (s *State) Clone() *State {
	c := &State{
		Version:      s.Version,
		Participants: make(map[string]*Participant, len(s.Participants)),
		Hands:        append([]string{}, s.Hands...),
		Chat:         append([]Message{}, s.Chat...),
		Banned:       make(map[string]time.Time, len(s.Banned)),
		Standing:     make(map[string]Standing, len(s.Standing)),
		Seen:         make(map[string]Record, len(s.Seen)),
		Held:         slices.Clone(s.Held),
		Settings:     s.Settings.copy(),
		HostGone:     s.HostGone,
		InCharge:     s.InCharge,
	}
	for id, p := range s.Participants {
		q := p.copy()
		c.Participants[id] = &q
	}
	maps.Copy(c.Banned, s.Banned)
	maps.Copy(c.Seen, s.Seen)
	for key, st := range s.Standing {
		c.Standing[key] = Standing{Muted: slices.Clone(st.Muted), Floor: st.Floor, Lobby: st.Lobby}
	}
	return c
}

func (p *Participant) copy() Participant {
	q := *p
	q.Sources = make(map[Source]SourceState, len(p.Sources))
	maps.Copy(q.Sources, p.Sources)
	return q
}

// Forwards is the gate: whether packets of this source of this participant may
// go to anybody. Somebody away keeps forwarding for as long as their media
// lives; when it ends, rooms/live unpublishes it.
func (s *State) Forwards(participant string, src Source) bool {
	p := s.Participants[participant]
	if p == nil {
		return false
	}
	st := p.Sources[src]
	if !st.Published || st.Paused || st.Muted {
		return false
	}
	switch frozen := s.Settings.Frozen; p.Place {
	case PlaceStage:
		return !frozen.Stage
	case PlaceFloor:
		return !frozen.Floor && s.FromFloor(p, src)
	}
	return false
}

// BannedUntil is the end of the ban on this person's key, zero when there is
// none at now.
func (s *State) BannedUntil(key string, now time.Time) time.Time {
	if until := s.Banned[key]; until.After(now) {
		return until
	}
	return time.Time{}
}
