package rooms

// Hosting reports whether the participant sees what only hosts see: who waits in
// the lobby, and messages that wait for approval.
func (p *Participant) Hosting() bool {
	return (p.Role == RoleHost || p.Role == RoleCoHost) && p.Place != PlaceLobby
}

// For is the event as somebody inside the room may see it: as it is, told in other
// words, or as a void that only keeps the count. It is made public as well. Who is
// in the lobby is told nothing of events; see [State.Wait].
func (e Event) For(viewer string, hosting bool) Event {
	void := Event{Version: e.Version, At: e.At, Kind: KindVoid}
	switch {
	case e.Kind == KindLifted:
		return void
	case hosting:
		return e.Public()
	case e.Kind == KindHeld || e.Kind == KindDiscarded:
		if viewer != e.Participant {
			return void
		}
	case e.Lobby && e.Kind != KindAdmitted:
		return void
	case e.Kind == KindAdmitted:
		e.Kind = KindJoined
	case e.Kind == KindMoved && e.Place == PlaceLobby:
		e.Kind, e.Place = KindLeft, ""
	}
	p := e.Public()
	if p.Joined != nil {
		p.Joined.Known = false
	}
	return p
}

// Roster is who is here as the viewer may know it, in no order.
func (s *State) Roster(viewer string) []Participant {
	self := s.Participants[viewer]
	hosting := self != nil && self.Hosting()
	waiting := self != nil && self.Place == PlaceLobby
	all := make([]Participant, 0, len(s.Participants))
	for id, p := range s.Participants {
		if id != viewer && !hosting && (waiting || p.Place == PlaceLobby) {
			continue
		}
		q := p.Public()
		if !hosting {
			q.Known, q.Waits = false, ""
		}
		all = append(all, q)
	}
	return all
}

// HeldFor are the held messages that the viewer may see: all for hosts, else one's
// own.
func (s *State) HeldFor(viewer string) []Message {
	self := s.Participants[viewer]
	if self == nil {
		return nil
	}
	var seen []Message
	for _, m := range s.Held {
		if self.Hosting() || m.From == viewer {
			seen = append(seen, m)
		}
	}
	return seen
}

// Wait is what the participant is told while in the lobby; false when they are not.
func (s *State) Wait(participant string) (Waiting, bool) {
	p := s.Participants[participant]
	if p == nil || p.Place != PlaceLobby {
		return Waiting{}, false
	}
	return Waiting{Hosts: s.Hosted(), Reason: p.Waits, Text: p.Word}, true
}

// Hosted reports whether somebody who can open is connected.
func (s *State) Hosted() bool {
	for _, p := range s.Participants {
		if p.Hosting() && !p.Away {
			return true
		}
	}
	return false
}
