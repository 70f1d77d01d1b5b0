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
	}
	for id, p := range s.Participants {
		q := p.copy()
		c.Participants[id] = &q
	}
	maps.Copy(c.Banned, s.Banned)
	for key, st := range s.Standing {
		c.Standing[key] = Standing{Muted: slices.Clone(st.Muted), Floor: st.Floor}
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
	if p == nil || p.Place != PlaceStage {
		return false
	}
	st := p.Sources[src]
	return st.Published && !st.Paused && !st.Muted
}

// BannedUntil is the end of the ban on this person's key, zero when there is
// none at now.
func (s *State) BannedUntil(key string, now time.Time) time.Time {
	if until := s.Banned[key]; until.After(now) {
		return until
	}
	return time.Time{}
}
