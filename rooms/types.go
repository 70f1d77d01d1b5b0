package rooms

import "time"

// Role is what somebody is in this room. It comes from the token and does not
// change while they are in.
type Role string

// The roles, from the most to the least powerful.
const (
	RoleHost      Role = "host"
	RoleCoHost    Role = "co-host"
	RoleSpeaker   Role = "speaker"
	RoleCaptioner Role = "captioner"
	RoleAttendee  Role = "attendee"
)

// Roles lists every role in the order of the policy table.
func Roles() []Role {
	return []Role{RoleHost, RoleCoHost, RoleSpeaker, RoleCaptioner, RoleAttendee}
}

// Known reports whether r is one of the roles.
func (r Role) Known() bool {
	switch r {
	case RoleHost, RoleCoHost, RoleSpeaker, RoleCaptioner, RoleAttendee:
		return true
	}
	return false
}

// staged reports whether the role enters on the stage.
func (r Role) staged() bool { return r == RoleHost || r == RoleCoHost || r == RoleSpeaker }

// Place is where somebody is.
type Place string

// The places. Only who is on the stage is seen and heard.
const (
	PlaceLobby Place = "lobby"
	PlaceFloor Place = "floor"
	PlaceStage Place = "stage"
)

// Source is one kind of media a participant may publish.
type Source string

// The sources.
const (
	SourceMic    Source = "mic"
	SourceCamera Source = "camera"
	SourceScreen Source = "screen"
)

// Sources lists every source in a fixed order.
func Sources() []Source { return []Source{SourceMic, SourceCamera, SourceScreen} }

// Known reports whether s is one of the sources.
func (s Source) Known() bool {
	return s == SourceMic || s == SourceCamera || s == SourceScreen
}

// SourceState is what is true of one source of one participant. Paused is the
// participant's own choice; Muted is a host's, and only a host lifts it.
type SourceState struct {
	Published bool `json:"published"`
	Paused    bool `json:"paused"`
	Muted     bool `json:"muted"`
}

// Participant is somebody in the room. Person is a keyed hash that stands for
// the human being behind all their tickets; it never leaves the server.
type Participant struct {
	ID        string                 `json:"id"`
	Name      string                 `json:"name"`
	Person    string                 `json:"person,omitempty"`
	Role      Role                   `json:"role"`
	Place     Place                  `json:"place"`
	Away      bool                   `json:"away"`
	AwaySince time.Time              `json:"awaySince,omitzero"`
	Invited   bool                   `json:"invited"`
	HandAt    time.Time              `json:"handAt,omitzero"`
	Sources   map[Source]SourceState `json:"sources"`
	JoinedAt  time.Time              `json:"joinedAt,omitzero"`
}

// Public is the participant as others may know them: without Person. The copy
// shares nothing with p, and Sources is never nil.
func (p *Participant) Public() Participant {
	q := p.copy()
	q.Person = ""
	return q
}

// Key is what a ban or a standing restriction is filed under: the person, or the
// participant alone when the token named no person.
func (p *Participant) Key() string { return PersonKey(p.ID, p.Person) }

// PersonKey is [Participant.Key] for somebody who is not in the room (yet).
func PersonKey(participant, person string) string {
	if person != "" {
		return person
	}
	return "participant:" + participant
}

// Message is one chat message. A deleted one keeps its place and loses its text.
type Message struct {
	ID      string    `json:"id"`
	From    string    `json:"from"`
	Name    string    `json:"name"`
	Text    string    `json:"text"`
	At      time.Time `json:"at"`
	Deleted bool      `json:"deleted"`
}

// Standing is what a host has decided about a person and what therefore outlives
// their leaving: sources that stay muted, and that they go to the floor although
// their role enters on the stage.
type Standing struct {
	Muted []Source `json:"muted,omitempty"`
	Floor bool     `json:"floor,omitempty"`
}

// State is what everybody in the room must agree on. Version counts events.
// Hands holds participant ids, who raised first comes first. Banned maps a
// person's key to the end of the ban; Standing is keyed the same way and holds
// entries only for people with a restriction.
type State struct {
	Version      uint64                  `json:"version"`
	Participants map[string]*Participant `json:"participants"`
	Hands        []string                `json:"hands"`
	Chat         []Message               `json:"chat"`
	Banned       map[string]time.Time    `json:"banned"`
	Standing     map[string]Standing     `json:"standing,omitempty"`
}

// Command is what an actor wants. Joining is read by "join" only; there Person,
// Name and Role come from the verified token.
type Command struct {
	Name        string       `json:"name"`
	Participant string       `json:"participant,omitempty"`
	Source      Source       `json:"source,omitempty"`
	Text        string       `json:"text,omitempty"`
	Message     string       `json:"message,omitempty"`
	Joining     *Participant `json:"-"`
}

// Event is one thing that happened. Actor did it, Participant is whom it is
// about. A "chat-deleted" event's Message holds the id alone.
type Event struct {
	Version     uint64       `json:"version"`
	At          time.Time    `json:"at"`
	Kind        string       `json:"kind"`
	Actor       string       `json:"actor,omitempty"`
	Participant string       `json:"participant,omitempty"`
	Joined      *Participant `json:"joined,omitempty"`
	Place       Place        `json:"place,omitempty"`
	Source      Source       `json:"source,omitempty"`
	Message     *Message     `json:"message,omitempty"`
	Person      string       `json:"person,omitempty"`
	Until       time.Time    `json:"until,omitzero"`
}

// Public is the event as it may leave the server: without Person and the ban's
// end, which are the library's business.
func (e Event) Public() Event {
	e.Person, e.Until = "", time.Time{}
	if e.Joined != nil {
		j := e.Joined.Public()
		e.Joined = &j
	}
	return e
}

// The kinds of events.
const (
	KindJoined          = "joined"
	KindLeft            = "left"
	KindAway            = "away"
	KindReturned        = "returned"
	KindSaid            = "said"
	KindChatDeleted     = "chat-deleted"
	KindHandRaised      = "hand-raised"
	KindHandLowered     = "hand-lowered"
	KindInvited         = "invited"
	KindInviteWithdrawn = "invite-withdrawn"
	KindDeclined        = "declined"
	KindMoved           = "moved"
	KindPublished       = "published"
	KindUnpublished     = "unpublished"
	KindPaused          = "paused"
	KindResumed         = "resumed"
	KindMuted           = "muted"
	KindAllowed         = "allowed"
	KindRemoved         = "removed"

	// KindVoid is a version that was used up by a command whose recording failed.
	// It changes nothing; it is announced so that nobody sees a gap.
	KindVoid = "void"
)

// Error is a refusal. Code is one of the Code constants and is what the wire
// carries; nothing else about the room may be read from it.
type Error struct{ Code string }

func (e *Error) Error() string { return "rooms: " + e.Code }

// Is makes errors.Is compare refusals by code.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// The codes of an [Error]. Elsewhere, room-over and internal are rooms/live's.
const (
	CodeForbidden  = "forbidden"
	CodeNotFound   = "not-found"
	CodeNotOnStage = "not-on-stage"
	CodeMuted      = "muted"
	CodeBanned     = "banned"
	CodeInvalid    = "invalid"
	CodeTooLong    = "too-long"
	CodeNotInvited = "not-invited"
	CodeAlready    = "already"
	CodeElsewhere  = "elsewhere"
	CodeRoomOver   = "room-over"
	CodeInternal   = "internal"
)

func refuse(code string) *Error { return &Error{Code: code} }
