package rooms

import (
	"slices"
	"strconv"
	"time"
)

// BanFor is how long a removal keeps a person out of this room. A room is one
// event, so this only has to be longer than any event is in use.
const BanFor = 365 * 24 * time.Hour

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
	if !Allowed(a.self.Role, c.Name) {
		return nil, refuse(CodeForbidden)
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

// emit appends an event by the actor about the participant.
func (a *applying) emit(kind, participant string) *Event {
	a.events = append(a.events, Event{
		Version:     a.s.Version + uint64(len(a.events)) + 1,
		At:          a.now,
		Kind:        kind,
		Actor:       a.actor,
		Participant: participant,
	})
	return &a.events[len(a.events)-1]
}

func (a *applying) dispatch() error {
	switch a.c.Name {
	case CommandMute, CommandAllow, CommandRemove,
		CommandStageInvite, CommandStageWithdraw, CommandStageReturn:
		return a.others()
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
	standing := a.s.Standing[p.Key()]
	for _, src := range standing.Muted {
		p.Sources[src] = SourceState{Muted: true}
	}
	// Joining may ask for the floor (a listener has nothing to do on the stage),
	// never for more than the role gives.
	if p.Role.staged() && !standing.Floor && j.Place != PlaceFloor {
		p.Place = PlaceStage
	}
	a.emit(KindJoined, p.ID).Joined = p
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
	a.emit(KindHandRaised, a.actor)
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
	if !Allowed(a.self.Role, row) {
		return nil, refuse(CodeForbidden)
	}
	p := a.s.Participants[a.c.Participant]
	if p == nil {
		return nil, refuse(CodeNotFound)
	}
	return p, nil
}

func (a *applying) say() error {
	text := cleanText(a.c.Text)
	switch n := runes(text); {
	case n == 0:
		return refuse(CodeInvalid)
	case n > ChatLength:
		return refuse(CodeTooLong)
	}
	e := a.emit(KindSaid, a.actor)
	e.Message = &Message{
		ID:   "m" + strconv.FormatUint(e.Version, 10),
		From: a.actor, Name: a.self.Name, Text: text, At: a.now,
	}
	return nil
}

func (a *applying) erase() error {
	i := slices.IndexFunc(a.s.Chat, func(m Message) bool { return m.ID == a.c.Message })
	if i < 0 {
		return refuse(CodeNotFound)
	}
	m := a.s.Chat[i]
	if m.From != a.actor && !Allowed(a.self.Role, othersMessage) {
		return refuse(CodeForbidden)
	}
	if m.Deleted {
		return refuse(CodeAlready)
	}
	a.emit(KindChatDeleted, m.From).Message = &Message{ID: m.ID, From: m.From}
	return nil
}
