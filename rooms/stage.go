package rooms

import "slices"

// accept brings the actor to the stage: invited, or by a role that belongs there
// and that no host has sent back. Hosts need nobody's leave.
func (a *applying) accept() error {
	if a.self.Place == PlaceStage {
		return refuse(CodeAlready)
	}
	if !a.self.Invited && !a.mayStepUp() {
		return refuse(CodeNotInvited)
	}
	a.lowerIfRaised(a.self)
	a.emit(KindMoved, a.actor).Place = PlaceStage
	return nil
}

func (a *applying) mayStepUp() bool {
	if !Allowed(a.self.Role, stepUp) {
		return false
	}
	return a.self.Role == RoleHost || !a.s.Standing[a.self.Key()].Floor
}

func (a *applying) decline() error {
	if !a.self.Invited {
		return refuse(CodeNotInvited)
	}
	a.lowerIfRaised(a.self)
	a.emit(KindDeclined, a.actor)
	return nil
}

func (a *applying) lowerIfRaised(p *Participant) {
	if slices.Contains(a.s.Hands, p.ID) {
		a.emit(KindHandLowered, p.ID)
	}
}

// toFloor comes first and the unpublishing after, so that nobody reading along
// ever sees somebody on the floor with their place still promising media.
func (a *applying) toFloor(p *Participant) error {
	if p.Place != PlaceStage {
		return refuse(CodeNotOnStage)
	}
	a.emit(KindMoved, p.ID).Place = PlaceFloor
	a.unpublishAll(p)
	return nil
}

// others are the commands by which hosts act on somebody.
func (a *applying) others() error {
	p := a.s.Participants[a.c.Participant]
	if p == nil {
		return refuse(CodeNotFound)
	}
	switch a.c.Name {
	case CommandStageInvite:
		return a.invite(p)
	case CommandStageWithdraw:
		if !p.Invited {
			return refuse(CodeNotInvited)
		}
		a.emit(KindInviteWithdrawn, p.ID)
		return nil
	case CommandStageReturn:
		if a.outranked(p) {
			return refuse(CodeForbidden)
		}
		return a.toFloor(p)
	case CommandRemove:
		return a.remove(p, ScopeEvent)
	case CommandBan:
		return a.ban(p)
	case CommandLobbyAdmit:
		return a.admit(p)
	case CommandLobbyDeny:
		return a.deny(p)
	case CommandLobbyReturn:
		return a.toLobby(p)
	case CommandGrant, CommandRevoke:
		return a.grant(p)
	}
	return a.silence(p)
}

func (a *applying) invite(p *Participant) error {
	switch {
	case p.Place == PlaceLobby:
		return refuse(CodeWaiting)
	case p.Place == PlaceStage || p.Invited:
		return refuse(CodeAlready)
	}
	a.emit(KindInvited, p.ID)
	return nil
}

// outranked: only a host acts on a host.
func (a *applying) outranked(p *Participant) bool {
	return p.Role == RoleHost && !a.may(actOnHosts)
}

// silence is mute and allow. A mute holds for a source that is not published
// yet; it would be no mute if publishing again lifted it. An allow gives back the
// right and not the sound: the source is paused until its owner resumes it, for
// nobody's microphone opens by somebody else's hand.
func (a *applying) silence(p *Participant) error {
	if !a.c.Source.Known() {
		return refuse(CodeInvalid)
	}
	muted := p.Sources[a.c.Source].Muted
	if a.c.Name == CommandMute {
		if muted {
			return refuse(CodeAlready)
		}
		a.emit(KindMuted, p.ID).Source = a.c.Source
		return nil
	}
	if !muted {
		return refuse(CodeAlready)
	}
	if p.Key() == a.self.Key() && !a.may(allowSelf) {
		return refuse(CodeForbidden)
	}
	a.emit(KindAllowed, p.ID).Source = a.c.Source
	return nil
}

// media is publish, unpublish, pause and resume of the actor's own sources.
func (a *applying) media() error {
	src := a.c.Source
	if !src.Known() {
		return refuse(CodeInvalid)
	}
	st := a.self.Sources[src]
	if a.c.Name == CommandUnpublish || a.c.Name == CommandPause {
		return a.hold(st)
	}
	if !a.s.maySend(a.self, src) {
		if src == SourceScreen && !Allowed(a.self.Role, publishScreen) {
			return refuse(CodeForbidden)
		}
		return refuse(CodeNotOnStage)
	}
	frozen := a.s.Settings.Frozen
	switch {
	case st.Muted:
		return refuse(CodeMuted)
	case a.self.Place == PlaceStage && frozen.Stage, a.self.Place == PlaceFloor && frozen.Floor:
		return refuse(CodeFrozen)
	}
	switch {
	case a.c.Name == CommandPublish && !st.Published:
		a.emit(KindPublished, a.actor).Source = src
	case a.c.Name == CommandResume && !st.Published:
		return refuse(CodeNotFound)
	case a.c.Name == CommandResume && st.Paused:
		a.emit(KindResumed, a.actor).Source = src
	}
	return nil
}

// hold is unpublish and pause. Both are about silence, so doing them twice is
// fine and needs no event.
func (a *applying) hold(st SourceState) error {
	switch {
	case a.c.Name == CommandUnpublish && st.Published:
		a.emit(KindUnpublished, a.actor).Source = a.c.Source
	case a.c.Name == CommandPause && !st.Published:
		return refuse(CodeNotFound)
	case a.c.Name == CommandPause && !st.Paused:
		a.emit(KindPaused, a.actor).Source = a.c.Source
	}
	return nil
}
