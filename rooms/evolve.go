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
	switch e.Kind {
	case KindJoined:
		s.enter(e)
	case KindSaid:
		s.say(e)
	case KindChatDeleted:
		s.erase(e)
	case KindRemoved:
		s.ban(e)
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
			s.Hands = append(s.Hands, p.ID)
		}
	case KindHandLowered:
		s.lowerHand(p)
	case KindInvited:
		p.Invited = true
	case KindInviteWithdrawn, KindDeclined:
		p.Invited = false
	case KindMoved:
		s.move(p, e)
	default:
		s.evolveSource(p, e)
	}
}

func (s *State) evolveSource(p *Participant, e Event) {
	st := p.Sources[e.Source]
	switch e.Kind {
	case KindPublished:
		st.Published, st.Paused = true, false
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
		st.Muted = false
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
}

// move keeps Invited and the standing decision in step with the place: a host's
// sending somebody back stands until they are on the stage again.
func (s *State) move(p *Participant, e Event) {
	p.Place, p.Invited = e.Place, false
	switch {
	case e.Place == PlaceStage:
		s.stand(p, func(d *Standing) { d.Floor = false })
	case e.Actor != e.Participant:
		s.stand(p, func(d *Standing) { d.Floor = true })
	}
}

// stand edits the standing decision about p and forgets it when nothing is left.
func (s *State) stand(p *Participant, edit func(*Standing)) {
	d := s.Standing[p.Key()]
	edit(&d)
	if len(d.Muted) == 0 && !d.Floor {
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

func (s *State) ban(e Event) {
	key := PersonKey(e.Participant, e.Person)
	s.Banned[key] = e.Until
	if p := s.Participants[e.Participant]; p != nil {
		s.drop(p)
	}
}

func (s *State) say(e Event) {
	if e.Message == nil {
		return
	}
	s.Chat = append(s.Chat, *e.Message)
	if extra := len(s.Chat) - chatKept; extra > 0 {
		s.Chat = append([]Message{}, s.Chat[extra:]...)
	}
}

func (s *State) erase(e Event) {
	if e.Message == nil {
		return
	}
	for i := range s.Chat {
		if s.Chat[i].ID == e.Message.ID {
			s.Chat[i].Text, s.Chat[i].Deleted = "", true
		}
	}
}
