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
// participant's own choice; Muted is a host's, and only a host lifts it. Granted
// is a host's leave to send it from the floor.
type SourceState struct {
	Published bool `json:"published"`
	Paused    bool `json:"paused"`
	Muted     bool `json:"muted"`
	Granted   bool `json:"granted,omitempty"`
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
	// Spoke: had a turn already. Known: has been in this room before.
	Spoke bool `json:"spoke,omitempty"`
	Known bool `json:"known,omitempty"`
	// Waits is what somebody in the lobby is told about why; see [Waiting].
	Waits string `json:"waits,omitempty"`
	// Word is the host's word to somebody whom they refused.
	Word string `json:"word,omitempty"`
}

// Public is the participant as others may know them: without Person. The copy
// shares nothing with p, and Sources is never nil.
func (p *Participant) Public() Participant {
	q := p.copy()
	q.Person, q.Word = "", ""
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
// their leaving: sources that stay muted, that they go to the floor although
// their role enters on the stage, and that they wait in the lobby whatever its mode.
type Standing struct {
	Muted []Source `json:"muted,omitempty"`
	Floor bool     `json:"floor,omitempty"`
	Lobby bool     `json:"lobby,omitempty"`
}

func (d Standing) empty() bool { return len(d.Muted) == 0 && !d.Floor && !d.Lobby }

// Record is what the room remembers of a person who has been inside: since when,
// when they last wrote, and whether they have spoken and been heard in the chat.
type Record struct {
	Since time.Time `json:"since"`
	Wrote time.Time `json:"wrote,omitzero"`
	Spoke bool      `json:"spoke,omitempty"`
	Heard bool      `json:"heard,omitempty"`
}

// State is what everybody in the room must agree on. Version counts events.
// Hands holds participant ids: who has not spoken first, then who raised first.
// Held are chat messages that wait for a host. Banned maps a person's key to the
// end of the ban; Standing, with entries only for people with a restriction, and
// Seen are keyed the same way. HostGone is since when no host is connected, zero
// while one is; InCharge is the co-host who then has the host's rights.
type State struct {
	Version      uint64                  `json:"version"`
	Participants map[string]*Participant `json:"participants"`
	Hands        []string                `json:"hands"`
	Chat         []Message               `json:"chat"`
	Banned       map[string]time.Time    `json:"banned"`
	Standing     map[string]Standing     `json:"standing,omitempty"`
	Seen         map[string]Record       `json:"seen,omitempty"`
	Held         []Message               `json:"held,omitempty"`
	Settings     Settings                `json:"settings"`
	HostGone     time.Time               `json:"hostGone,omitzero"`
	InCharge     string                  `json:"inCharge,omitempty"`
}

// Command is what an actor wants. Joining is read by "join" only; there Person,
// Name and Role come from the verified token.
type Command struct {
	Name        string       `json:"name"`
	Participant string       `json:"participant,omitempty"`
	Source      Source       `json:"source,omitempty"`
	Text        string       `json:"text,omitempty"`
	Message     string       `json:"message,omitempty"`
	Mode        string       `json:"mode,omitempty"`
	Part        Part         `json:"part,omitempty"`
	Scope       string       `json:"scope,omitempty"`
	Seconds     int          `json:"seconds,omitempty"`
	Joining     *Participant `json:"-"`
}

// Event is one thing that happened. Actor did it, Participant is whom it is
// about; Lobby says that they were in the lobby then, which only hosts may know.
// A "chat-deleted" event's Message holds the id alone. Settings are all of them
// after the event. Present is the evidence of a panic: who was sending. Name and By
// are the names of a removed person and of who removed them, as shown then.
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

	Lobby    bool          `json:"lobby,omitempty"`
	Scope    string        `json:"scope,omitempty"`
	Name     string        `json:"name,omitempty"`
	By       string        `json:"by,omitempty"`
	Settings *Settings     `json:"settings,omitempty"`
	Part     Part          `json:"part,omitempty"`
	Position int           `json:"position,omitempty"`
	Text     string        `json:"text,omitempty"`
	Present  []Participant `json:"present,omitempty"`
}

// Public is the event as it may leave the server: without Person, the ban's scope
// and end and the evidence, which are the library's business. Who may see it at
// all is [Event.For].
func (e Event) Public() Event {
	e.Person, e.Until, e.Scope, e.Name, e.By, e.Present = "", time.Time{}, "", "", "", nil
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
	KindLobbyMode       = "lobby-mode"
	KindAdmitted        = "admitted"
	KindDenied          = "denied"
	KindAsked           = "asked"
	KindLocked          = "locked"
	KindUnlocked        = "unlocked"
	KindPanicked        = "panicked"
	KindUnfrozen        = "unfrozen"
	KindGranted         = "granted"
	KindRevoked         = "revoked"
	KindRights          = "rights"
	KindChatMode        = "chat-mode"
	KindChatHold        = "chat-hold"
	KindHeld            = "held"
	KindDiscarded       = "discarded"
	KindStoodIn         = "stood-in"
	KindLifted          = "lifted" // staff ended the ban on Person

	// KindVoid is a version that was used up by a command whose recording failed.
	// It changes nothing; it is announced so that nobody sees a gap.
	KindVoid = "void"
)

// Error is a refusal. Code is one of the Code constants and is what the wire
// carries; nothing else about the room may be read from it. RetryAfter, of "slow",
// is how long until it would not be refused.
type Error struct {
	Code       string
	RetryAfter time.Duration
}

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
	CodeWaiting    = "waiting"
	CodeClosed     = "closed"
	CodeLocked     = "locked"
	CodeFrozen     = "frozen"
	CodeChatClosed = "chat-closed"
	CodeSlow       = "slow"
	CodeHeld       = "held"
)

func refuse(code string) *Error { return &Error{Code: code} }
