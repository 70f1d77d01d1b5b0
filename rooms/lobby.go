package rooms

import (
	"slices"
	"strings"
)

// denyLength is the longest word to somebody refused, in runes.
const denyLength = 200

// reception says where somebody who comes in ends up and, in the lobby, why they
// wait there. What a host decided about the person goes before the mode, the lock
// before everything.
func (a *applying) reception(p *Participant) (Place, string, error) {
	set := a.s.Settings
	if set.Locked && !Allowed(p.Role, joinLocked) {
		return "", "", refuse(CodeClosed)
	}
	standing := a.s.Standing[p.Key()]
	if Allowed(p.Role, joinFreely) && !standing.Lobby {
		return a.s.inside(p), "", nil
	}
	if set.Lobby == LobbyClosed && !Allowed(p.Role, joinFreely) {
		return "", "", refuse(CodeClosed)
	}
	switch {
	case standing.Lobby:
		return PlaceLobby, WaitsReturned, nil
	case a.flowsIn(p, set.Lobby):
		return a.s.inside(p), "", nil
	}
	return PlaceLobby, WaitsNew, nil
}

// flowsIn reports whether the mode alone lets the person in.
func (a *applying) flowsIn(p *Participant, mode LobbyMode) bool {
	_, seen := a.s.Seen[p.Key()]
	return mode == LobbyOpen || mode == "" || mode == LobbyKnown && seen
}

// inside is where somebody goes who is let in.
func (s *State) inside(p *Participant) Place {
	if p.Role.staged() && !s.Standing[p.Key()].Floor {
		return PlaceStage
	}
	return PlaceFloor
}

// waiting lists who is in the lobby, who came first comes first.
func (s *State) waiting() []*Participant {
	var all []*Participant
	for _, p := range s.Participants {
		if p.Place == PlaceLobby {
			all = append(all, p)
		}
	}
	slices.SortFunc(all, func(p, q *Participant) int {
		if c := p.JoinedAt.Compare(q.JoinedAt); c != 0 {
			return c
		}
		return strings.Compare(p.ID, q.ID)
	})
	return all
}

// lobbyMode changes the mode and lets in who now may come by themselves.
func (a *applying) lobbyMode() error {
	mode := LobbyMode(a.c.Mode)
	if !mode.Known() {
		return refuse(CodeInvalid)
	}
	if a.s.Settings.Lobby == mode {
		return nil
	}
	a.set(KindLobbyMode, func(set *Settings) { set.Lobby = mode })
	if !a.s.Settings.Locked {
		a.letFlow(mode)
	}
	return nil
}

// letFlow lets in those who wait and whom the mode alone would let in.
func (a *applying) letFlow(mode LobbyMode) {
	for _, p := range a.s.waiting() {
		if !a.heldBack(p) && a.flowsIn(p, mode) {
			a.letIn(p)
		}
	}
}

// heldBack: a host has refused this person, or sent them back, by name.
func (a *applying) heldBack(p *Participant) bool {
	return p.Waits == WaitsDenied || a.s.Standing[p.Key()].Lobby
}

func (a *applying) admitAll() error {
	if a.s.Settings.Locked {
		return refuse(CodeLocked)
	}
	for _, p := range a.s.waiting() {
		if !a.heldBack(p) {
			a.letIn(p)
		}
	}
	return nil
}

func (a *applying) admit(p *Participant) error {
	switch {
	case p.Place != PlaceLobby:
		return refuse(CodeAlready)
	case a.s.Settings.Locked:
		return refuse(CodeLocked)
	}
	a.letIn(p)
	return nil
}

// letIn carries the whole participant: for most people it is the first they hear
// of them.
func (a *applying) letIn(p *Participant) {
	in := p.copy()
	in.Place, in.Waits, in.Word = a.s.inside(p), "", ""
	a.emit(KindAdmitted, p.ID).Joined = &in
}

func (a *applying) deny(p *Participant) error {
	if p.Place != PlaceLobby {
		return refuse(CodeAlready)
	}
	word := cleanText(a.c.Text)
	if runes(word) > denyLength {
		return refuse(CodeTooLong)
	}
	a.emit(KindDenied, p.ID).Text = word
	return nil
}

// ask is for those whom a host refused or sent back; once, until the next answer.
func (a *applying) ask() error {
	if a.self.Place != PlaceLobby || a.self.Waits != WaitsDenied && a.self.Waits != WaitsReturned {
		return refuse(CodeAlready)
	}
	a.emit(KindAsked, a.actor)
	return nil
}

// toLobby ends everything the person had inside; [State.Evolve] knows that.
func (a *applying) toLobby(p *Participant) error {
	switch {
	case p.Key() == a.self.Key() || a.outranked(p):
		return refuse(CodeForbidden)
	case p.Place == PlaceLobby:
		return refuse(CodeAlready)
	}
	a.emit(KindMoved, p.ID).Place = PlaceLobby
	return nil
}

// evolveLobby is [State.Evolve] for what happens at the door.
func (s *State) evolveLobby(p *Participant, e Event) {
	switch e.Kind {
	case KindAdmitted:
		if e.Joined != nil {
			p.Place = e.Joined.Place
		}
		p.Waits, p.Word = "", ""
		s.stand(p, func(d *Standing) { d.Lobby = false })
		s.see(p, e)
	case KindDenied:
		p.Waits, p.Word = WaitsDenied, e.Text
	case KindAsked:
		p.Waits, p.Word = WaitsAsked, ""
	}
}

// backToLobby is what moving there means: no hand, no invitation, nothing sent,
// and waiting again after leaving and coming back.
func (s *State) backToLobby(p *Participant) {
	s.lowerHand(p)
	p.Waits = WaitsReturned
	for src, st := range p.Sources {
		if p.Sources[src] = (SourceState{Muted: st.Muted}); !st.Muted {
			delete(p.Sources, src)
		}
	}
	s.stand(p, func(d *Standing) { d.Lobby = true })
}

// see remembers that the person has been inside.
func (s *State) see(p *Participant, e Event) {
	if _, ok := s.Seen[p.Key()]; !ok {
		s.Seen[p.Key()] = Record{Since: e.At}
	}
}

// remember edits what the room remembers of the person.
func (s *State) remember(p *Participant, edit func(*Record)) {
	r := s.Seen[p.Key()]
	edit(&r)
	s.Seen[p.Key()] = r
}
