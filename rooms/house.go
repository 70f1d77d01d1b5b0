package rooms

import (
	"slices"
	"time"
)

// StandInAfter is how long no host must be connected before a co-host has the
// host's rights.
const StandInAfter = 30 * time.Second

// set emits a change of the settings; the event carries all of them.
func (a *applying) set(kind string, change func(*Settings)) *Event {
	set := a.s.Settings.copy()
	change(&set)
	e := a.emit(kind, "")
	e.Settings = &set
	return e
}

// house are the commands about the room as a whole.
func (a *applying) house() error {
	switch a.c.Name {
	case CommandLobbyMode:
		return a.lobbyMode()
	case CommandLobbyAdmitAll:
		return a.admitAll()
	case CommandLock, CommandUnlock:
		return a.lock(a.c.Name == CommandLock)
	case CommandPanic:
		return a.panic()
	case CommandUnfreeze:
		return a.unfreeze()
	case CommandRights:
		return a.rights()
	case CommandChatMode:
		return a.chatMode()
	case CommandChatHold:
		return a.chatHold()
	}
	return a.judge()
}

func (a *applying) lock(locked bool) error {
	if a.s.Settings.Locked == locked {
		return refuse(CodeAlready)
	}
	kind := KindUnlocked
	if locked {
		kind = KindLocked
	}
	a.set(kind, func(set *Settings) { set.Locked = locked })
	if !locked {
		a.letFlow(a.s.Settings.Lobby) // the mode may have been opened meanwhile
	}
	return nil
}

// panic stops everything at once. The event says who was sending what, because
// that is recorded nowhere else; what was said is in the journal already.
func (a *applying) panic() error {
	all := Frozen{Chat: true, Stage: true, Floor: true}
	if a.s.Settings.Frozen == all {
		return refuse(CodeAlready)
	}
	e := a.set(KindPanicked, func(set *Settings) { set.Frozen = all })
	for _, p := range a.s.Participants {
		if p.publishes() {
			e.Present = append(e.Present, p.copy())
		}
	}
	slices.SortFunc(e.Present, func(p, q Participant) int { return slices.Compare([]byte(p.ID), []byte(q.ID)) })
	return nil
}

func (p *Participant) publishes() bool {
	for _, st := range p.Sources {
		if st.Published {
			return true
		}
	}
	return false
}

func (f *Frozen) part(part Part) *bool {
	switch part {
	case PartChat:
		return &f.Chat
	case PartStage:
		return &f.Stage
	case PartFloor:
		return &f.Floor
	}
	return nil
}

func (a *applying) unfreeze() error {
	frozen := a.s.Settings.Frozen
	is := frozen.part(a.c.Part)
	switch {
	case is == nil:
		return refuse(CodeInvalid)
	case !*is:
		return refuse(CodeAlready)
	}
	*is = false
	a.set(KindUnfrozen, func(set *Settings) { set.Frozen = frozen }).Part = a.c.Part
	return nil
}

// FromFloor reports whether the participant may send the source from the floor.
func (s *State) FromFloor(p *Participant, src Source) bool {
	if p.Sources[src].Granted {
		return true
	}
	switch r := s.Settings.Rights[src]; r.Right {
	case RightEveryone:
		return true
	case RightKnown:
		seen, ok := s.Seen[p.Key()]
		return ok && !seen.Since.After(r.At)
	}
	return false
}

// maySend reports whether the participant may send the source from where they are.
func (s *State) maySend(p *Participant, src Source) bool {
	switch p.Place {
	case PlaceStage:
		return src != SourceScreen || Allowed(p.Role, publishScreen) || s.FromFloor(p, src)
	case PlaceFloor:
		return s.FromFloor(p, src)
	}
	return false
}

func (a *applying) rights() error {
	right, src := Right(a.c.Mode), a.c.Source
	if !src.Known() || right != RightNobody && right != RightKnown && right != RightEveryone {
		return refuse(CodeInvalid)
	}
	// Saying "known" again is not the same: it then includes who has come since.
	if a.s.Settings.Right(src) == right && right != RightKnown {
		return nil
	}
	e := a.set(KindRights, func(set *Settings) {
		if right == RightNobody {
			delete(set.Rights, src)
			return
		}
		if set.Rights == nil {
			set.Rights = map[Source]FloorRight{}
		}
		set.Rights[src] = FloorRight{Right: right, At: a.now}
	})
	e.Source = src
	a.unpublishUnlawful(src, *e.Settings)
	return nil
}

// unpublishUnlawful ends what new settings no longer allow.
func (a *applying) unpublishUnlawful(src Source, set Settings) {
	after := *a.s
	after.Settings = set
	var ids []string
	for id, p := range a.s.Participants {
		if p.Sources[src].Published && !after.maySend(p, src) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	for _, id := range ids {
		a.emit(KindUnpublished, id).Source = src
	}
}

// grant is grant and revoke of one source of one person.
func (a *applying) grant(p *Participant) error {
	src := a.c.Source
	st := p.Sources[src]
	switch {
	case !src.Known():
		return refuse(CodeInvalid)
	case p.Place == PlaceLobby:
		return refuse(CodeWaiting)
	case st.Granted == (a.c.Name == CommandGrant):
		return refuse(CodeAlready)
	}
	if a.c.Name == CommandGrant {
		a.emit(KindGranted, p.ID).Source = src
		return nil
	}
	a.emit(KindRevoked, p.ID).Source = src
	without := p.copy()
	st.Granted = false
	without.Sources[src] = st
	if st.Published && !a.s.maySend(&without, src) {
		a.emit(KindUnpublished, p.ID).Source = src
	}
	return nil
}

// standIn gives the host's rights to a co-host when no host has been connected for
// a while. It is no change of role, and ends by itself: see hostsNow.
func (a *applying) standIn() error {
	gone := a.s.HostGone
	if a.s.InCharge != "" || a.self.Away || gone.IsZero() || a.now.Sub(gone) < StandInAfter {
		return refuse(CodeAlready)
	}
	a.emit(KindStoodIn, a.actor)
	return nil
}

// hostsNow keeps HostGone and InCharge in step with who is connected, after an
// event that may have changed that.
func (s *State) hostsNow(e Event) {
	switch e.Kind {
	case KindJoined, KindAdmitted, KindLeft, KindAway, KindReturned, KindRemoved, KindMoved:
	default:
		return
	}
	if p := s.Participants[s.InCharge]; p == nil || p.Away || p.Place == PlaceLobby {
		s.InCharge = ""
	}
	for _, p := range s.Participants {
		if p.Role == RoleHost && !p.Away && p.Place != PlaceLobby {
			s.HostGone, s.InCharge = time.Time{}, ""
			return
		}
	}
	if s.HostGone.IsZero() {
		s.HostGone = e.At
	}
}

// evolveHouse is [State.Evolve] for events about the room as a whole.
func (s *State) evolveHouse(e Event) {
	if e.Settings == nil {
		return
	}
	s.Settings = e.Settings.copy()
	if e.Kind != KindPanicked {
		return
	}
	for _, p := range s.Participants {
		for src, st := range p.Sources {
			if st.Published {
				st.Paused = true
				p.Sources[src] = st
			}
		}
	}
}
