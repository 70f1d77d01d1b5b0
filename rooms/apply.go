package rooms

import (
	"slices"
	"time"
)

// Apply answers what would happen if actor gave the command now: the events, in
// order, or an [*Error]. It reads s and changes nothing. No events and no error
// means that the command asks for what is already so and the client may safely
// repeat it ("publish" of a published source).
func Apply(s *State, actor string, c Command, now time.Time) ([]Event, error) {
	a := applying{s: s, actor: actor, c: c, now: now}
	if c.Name == CommandJoin {
		return a.join()
	}
	a.self = s.Participants[actor]
	if a.self == nil {
		return nil, refuse(CodeNotFound)
	}
	if !a.may(c.Name) {
		return nil, refuse(CodeForbidden)
	}
	if a.self.Place == PlaceLobby && !fromLobby(c.Name) {
		return nil, refuse(CodeWaiting)
	}
	if err := a.dispatch(); err != nil {
		return nil, err
	}
	return a.events, nil
}

// applying is one run of Apply.
type applying struct {
	s      *State
	actor  string
	self   *Participant
	c      Command
	now    time.Time
	events []Event
}

// may asks the policy, for a co-host in charge as for a host. Rank is not taken
// over: acting on a host stays a host's.
func (a *applying) may(row string) bool {
	if Allowed(a.self.Role, row) {
		return true
	}
	return a.s.InCharge == a.actor && row != actOnHosts && Allowed(RoleHost, row)
}

// fromLobby says what somebody who waits may do.
func fromLobby(command string) bool {
	switch command {
	case CommandLeave, CommandLose, CommandReturn, CommandLobbyAsk:
		return true
	}
	return false
}

// emit appends an event by the actor about the participant.
func (a *applying) emit(kind, participant string) *Event {
	a.events = append(a.events, Event{
		Version:     a.s.Version + uint64(len(a.events)) + 1,
		At:          a.now,
		Kind:        kind,
		Actor:       a.actor,
		Participant: participant,
	})
	e := &a.events[len(a.events)-1]
	if p := a.s.Participants[participant]; p != nil {
		e.Lobby = p.Place == PlaceLobby
	}
	return e
}

func (a *applying) dispatch() error {
	switch a.c.Name {
	case CommandMute, CommandAllow, CommandRemove, CommandBan, CommandGrant, CommandRevoke,
		CommandStageInvite, CommandStageWithdraw, CommandStageReturn,
		CommandLobbyAdmit, CommandLobbyDeny, CommandLobbyReturn:
		return a.others()
	case CommandLobbyMode, CommandLobbyAdmitAll, CommandLock, CommandUnlock, CommandPanic, CommandUnfreeze,
		CommandRights, CommandChatMode, CommandChatHold, CommandChatApprove, CommandChatDiscard:
		return a.house()
	case CommandChatSend:
		return a.say()
	case CommandChatDelete:
		return a.erase()
	case CommandHandLower:
		return a.lowerHand()
	}
	// What is left is about oneself; naming somebody else is refused, never
	// quietly turned on the actor.
	if a.c.Participant != "" && a.c.Participant != a.actor {
		return refuse(CodeForbidden)
	}
	return a.own()
}

func (a *applying) own() error {
	switch a.c.Name {
	case CommandLeave:
		a.emit(KindLeft, a.actor)
		return nil
	case CommandLose:
		return a.lose()
	case CommandReturn:
		return a.comeBack()
	case CommandHandRaise:
		return a.raiseHand()
	case CommandStageAccept:
		return a.accept()
	case CommandStageDecline:
		return a.decline()
	case CommandStageLeave:
		return a.toFloor(a.self)
	case CommandLobbyAsk:
		return a.ask()
	case CommandStandIn:
		return a.standIn()
	}
	return a.media()
}

// join lets somebody in. What a host decided about the person before still
// holds: that is what Standing is for.
func (a *applying) join() ([]Event, error) {
	j := a.c.Joining
	if j == nil || j.ID == "" || j.ID != a.actor || !j.Role.Known() {
		return nil, refuse(CodeInvalid)
	}
	if !a.s.BannedUntil(j.Key(), a.now).IsZero() {
		return nil, refuse(CodeBanned)
	}
	if a.s.Participants[j.ID] != nil {
		return nil, refuse(CodeAlready)
	}
	p := &Participant{
		ID: j.ID, Name: cleanName(j.Name), Person: j.Person, Role: j.Role,
		Place: PlaceFloor, Sources: map[Source]SourceState{}, JoinedAt: a.now,
	}
	if p.Name == "" {
		p.Name = j.ID
	}
	for _, src := range a.s.Standing[p.Key()].Muted {
		p.Sources[src] = SourceState{Muted: true}
	}
	seen, known := a.s.Seen[p.Key()]
	p.Known, p.Spoke = known, seen.Spoke
	var err error
	if p.Place, p.Waits, err = a.reception(p); err != nil {
		return nil, err
	}
	// Joining may ask for the floor (a listener has nothing to do on the stage),
	// never for more than the role gives.
	if j.Place == PlaceFloor && p.Place == PlaceStage {
		p.Place = PlaceFloor
	}
	e := a.emit(KindJoined, p.ID)
	e.Joined, e.Lobby = p, p.Place == PlaceLobby
	return a.events, nil
}

func (a *applying) lose() error {
	if a.self.Away {
		return refuse(CodeAlready)
	}
	a.emit(KindAway, a.actor)
	return nil
}

// comeBack keeps what was published: the new connection is offered it again.
func (a *applying) comeBack() error {
	if !a.s.BannedUntil(a.self.Key(), a.now).IsZero() {
		return refuse(CodeBanned)
	}
	if !a.self.Away {
		return refuse(CodeAlready)
	}
	a.emit(KindReturned, a.actor)
	return nil
}

func (a *applying) unpublishAll(p *Participant) {
	for _, src := range Sources() {
		if p.Sources[src].Published {
			a.emit(KindUnpublished, p.ID).Source = src
		}
	}
}

func (a *applying) raiseHand() error {
	if a.self.Place != PlaceFloor || slices.Contains(a.s.Hands, a.actor) {
		return refuse(CodeAlready)
	}
	a.emit(KindHandRaised, a.actor).Position = a.s.handPlace(a.self) + 1
	return nil
}

func (a *applying) lowerHand() error {
	p, err := a.target(othersHand)
	if err != nil {
		return err
	}
	if !slices.Contains(a.s.Hands, p.ID) {
		return refuse(CodeAlready)
	}
	a.emit(KindHandLowered, p.ID)
	return nil
}

// target is whom the command is about: the actor unless it names somebody, and
// then only for roles that the named row of the policy allows.
func (a *applying) target(row string) (*Participant, error) {
	if a.c.Participant == "" || a.c.Participant == a.actor {
		return a.self, nil
	}
	if !a.may(row) {
		return nil, refuse(CodeForbidden)
	}
	p := a.s.Participants[a.c.Participant]
	if p == nil {
		return nil, refuse(CodeNotFound)
	}
	return p, nil
}
