package rooms

import (
	"slices"
	"time"
)

// Evolve makes the event part of the state. It trusts the event: whoever calls
// it has it from [Apply] or from the journal. Events about somebody who is not
// there change nothing but the version, so that a journal in which a line is
// missing still replays. A version at or below the state's own is ignored.
func (s *State) Evolve(e Event) {
	if e.Version <= s.Version {
		return
	}
	s.Version = e.Version
	defer s.hostsNow(e)
	switch e.Kind {
	case KindJoined:
		s.enter(e)
	case KindSaid, KindChatDeleted, KindHeld, KindDiscarded:
		s.evolveChat(e)
	case KindRemoved:
		s.ban(e)
	case KindLifted:
		delete(s.Banned, e.Person)
	case KindLobbyMode, KindLocked, KindUnlocked, KindPanicked, KindUnfrozen, KindRights, KindChatMode, KindChatHold:
		s.evolveHouse(e)
	default:
		if p := s.Participants[e.Participant]; p != nil {
			s.evolveParticipant(p, e)
		}
	}
}

func (s *State) evolveParticipant(p *Participant, e Event) {
	switch e.Kind {
	case KindLeft:
		s.drop(p)
	case KindAway:
		p.Away, p.AwaySince = true, e.At
	case KindReturned:
		p.Away, p.AwaySince = false, time.Time{}
	case KindHandRaised:
		if !slices.Contains(s.Hands, p.ID) {
			p.HandAt = e.At
			s.Hands = slices.Insert(slices.Clone(s.Hands), s.handPlace(p), p.ID)
		}
	case KindHandLowered:
		s.lowerHand(p)
	case KindInvited:
		p.Invited = true
	case KindInviteWithdrawn, KindDeclined:
		p.Invited = false
	case KindMoved:
		s.move(p, e)
	case KindAdmitted, KindDenied, KindAsked:
		s.evolveLobby(p, e)
	case KindStoodIn:
		s.InCharge = p.ID
	default:
		s.evolveSource(p, e)
	}
}

func (s *State) evolveSource(p *Participant, e Event) {
	st := p.Sources[e.Source]
	switch e.Kind {
	case KindPublished:
		st.Published, st.Paused = true, false
		if e.Source == SourceMic && p.Place == PlaceFloor {
			s.spoke(p)
		}
	case KindGranted, KindRevoked:
		st.Granted = e.Kind == KindGranted
	case KindUnpublished:
		st.Published, st.Paused = false, false
	case KindPaused:
		st.Paused = true
	case KindResumed:
		st.Paused = false
	case KindMuted:
		st.Muted = true
		s.stand(p, func(d *Standing) {
			if !slices.Contains(d.Muted, e.Source) {
				d.Muted = append(slices.Clone(d.Muted), e.Source)
			}
		})
	case KindAllowed:
		st.Muted, st.Paused = false, st.Published
		s.stand(p, func(d *Standing) {
			d.Muted = slices.DeleteFunc(slices.Clone(d.Muted), func(src Source) bool { return src == e.Source })
		})
	default:
		return
	}
	if st == (SourceState{}) {
		delete(p.Sources, e.Source)
		return
	}
	p.Sources[e.Source] = st
}

func (s *State) enter(e Event) {
	if e.Joined == nil {
		return
	}
	p := e.Joined.copy()
	s.Participants[p.ID] = &p
	if p.Place != PlaceLobby {
		s.see(&p, e)
	}
}

// move keeps Invited and the standing decision in step with the place: a host's
// sending somebody back stands until they are on the stage again.
func (s *State) move(p *Participant, e Event) {
	p.Place, p.Invited = e.Place, false
	switch {
	case e.Place == PlaceStage:
		s.stand(p, func(d *Standing) { d.Floor = false })
		if !p.Role.staged() {
			s.spoke(p)
		}
	case e.Place == PlaceLobby:
		s.backToLobby(p)
	case e.Actor != e.Participant:
		s.stand(p, func(d *Standing) { d.Floor = true })
	}
}

// stand edits the standing decision about p and forgets it when nothing is left.
func (s *State) stand(p *Participant, edit func(*Standing)) {
	d := s.Standing[p.Key()]
	edit(&d)
	if d.empty() {
		delete(s.Standing, p.Key())
		return
	}
	s.Standing[p.Key()] = d
}

func (s *State) drop(p *Participant) {
	s.lowerHand(p)
	delete(s.Participants, p.ID)
}

func (s *State) lowerHand(p *Participant) {
	p.HandAt = time.Time{}
	s.Hands = slices.DeleteFunc(s.Hands, func(id string) bool { return id == p.ID })
}

// spoke remembers that the person has had a turn.
func (s *State) spoke(p *Participant) {
	p.Spoke = true
	s.remember(p, func(r *Record) { r.Spoke = true })
}

// handPlace is where in Hands the participant's hand goes: behind everybody who has
// not spoken, and for who has, behind everybody.
func (s *State) handPlace(p *Participant) int {
	if p.Spoke {
		return len(s.Hands)
	}
	for i, id := range s.Hands {
		if q := s.Participants[id]; q != nil && q.Spoke {
			return i
		}
	}
	return len(s.Hands)
}
