package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
)

// Message is any message of the protocol, in either direction.
type Message interface {
	// Type is the value of the message's type field.
	Type() string
}

// Hello opens a connection: the token says who and where, Resume continues an earlier connection, Move
// takes the place over from another device.
type Hello struct {
	Token  string `json:"token"`
	Resume string `json:"resume,omitempty"`
	Move   bool   `json:"move,omitempty"`
}

// Command asks for something; exactly one Done or Error with the same ID answers it.
type Command struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Args Args   `json:"args"`
}

// Args are the arguments of a command; which are needed depends on its name.
type Args struct {
	Participant string `json:"participant,omitempty"`
	Source      string `json:"source,omitempty"`
	Text        string `json:"text,omitempty"`
	Message     string `json:"message,omitempty"`
	Mode        string `json:"mode,omitempty"`
	Part        string `json:"part,omitempty"`
	Scope       string `json:"scope,omitempty"`
	Seconds     int    `json:"seconds,omitempty"`
}

// Answer is the client's answer to the Offer of the same side and number.
type Answer struct {
	Side   string `json:"side"`
	Number int    `json:"number"`
	SDP    string `json:"sdp"`
}

// Candidate is one more address of the client (RFC 8838); an empty Candidate ends them.
type Candidate struct {
	Side      string `json:"side"`
	Candidate string `json:"candidate"`
	Mid       string `json:"mid"`
}

// Ping asks for a Pong with the same ID.
type Ping struct {
	ID string `json:"id"`
}

// Pong answers a Ping.
type Pong struct {
	ID string `json:"id"`
}

// Bye ends a connection. From a client it has no code and means leaving for good.
type Bye struct {
	Code string `json:"code,omitempty"`
}

// Welcome answers a good Hello with the whole state of the room, or, with Waiting, with nothing but oneself.
type Welcome struct {
	Resume  string `json:"resume"`
	Self    string `json:"self"`
	Room    Room   `json:"room"`
	Waiting *Lobby `json:"waiting,omitempty"`
	Limits  Limits `json:"limits"`
}

// Waiting tells somebody that they are in the lobby, and how things stand there.
type Waiting struct {
	Waiting Lobby `json:"waiting"`
}

// Lobby is what somebody who waits may know. Text is a host's word to them.
type Lobby struct {
	Hosts  bool   `json:"hosts"`
	Reason string `json:"reason"`
	Text   string `json:"text,omitempty"`
}

// Entered is the whole state of the room for somebody who has waited.
type Entered struct {
	Room Room `json:"room"`
}

// Limits tells the client the figures it must keep to.
type Limits struct {
	MessageBytes      int `json:"messageBytes"`
	CommandsPerSecond int `json:"commandsPerSecond"`
	ChatLength        int `json:"chatLength"`
}

// Done says that the command with this ID is carried out and recorded.
type Done struct {
	ID string `json:"id"`
}

// Error refuses a command, or, without ID, a message that has none. RetryAfter is in milliseconds.
type Error struct {
	ID         string `json:"id,omitempty"`
	Code       string `json:"code"`
	RetryAfter int    `json:"retryAfter,omitempty"`
}

// Event carries one thing that happened in the room.
type Event struct {
	Event RoomEvent `json:"event"`
}

// Offer is the server's offer for one of the two peer connections.
type Offer struct {
	Side   string  `json:"side"`
	Number int     `json:"number"`
	SDP    string  `json:"sdp"`
	Tracks []Track `json:"tracks"`
}

// Track says what the media section Mid of an offer carries.
type Track struct {
	Mid         string `json:"mid"`
	Participant string `json:"participant"`
	Source      string `json:"source"`
}

// Failed says that one of the peer connections broke on the server's side.
type Failed struct {
	Side string `json:"side"`
}

// Room is the state of the room in a Welcome. Settings are absent for somebody who waits.
type Room struct {
	ID           string        `json:"id"`
	Version      uint64        `json:"version"`
	Participants []Participant `json:"participants"`
	Hands        []string      `json:"hands"`
	Chat         []Chat        `json:"chat"`
	Held         []Chat        `json:"held,omitempty"`
	Settings     *Settings     `json:"settings,omitempty"`
	InCharge     string        `json:"inCharge,omitempty"`
}

// Participant is what everybody in a room may know of one of them.
type Participant struct {
	ID        string            `json:"id"`
	Name      string            `json:"name"`
	Role      string            `json:"role"`
	Place     string            `json:"place"`
	JoinedAt  time.Time         `json:"joinedAt"`
	Away      bool              `json:"away"`
	AwaySince time.Time         `json:"awaySince,omitzero"`
	Invited   bool              `json:"invited"`
	HandAt    time.Time         `json:"handAt,omitzero"`
	Spoke     bool              `json:"spoke,omitempty"`
	Known     bool              `json:"known,omitempty"`
	Waits     string            `json:"waits,omitempty"`
	Sources   map[string]Source `json:"sources"`
}

// Source is the state of one of a participant's sources.
type Source struct {
	Published bool `json:"published"`
	Paused    bool `json:"paused"`
	Muted     bool `json:"muted"`
	Granted   bool `json:"granted,omitempty"`
}

// Chat is one chat message; the text of a deleted one is empty.
type Chat struct {
	ID      string    `json:"id"`
	From    string    `json:"from"`
	Name    string    `json:"name"`
	Text    string    `json:"text"`
	At      time.Time `json:"at"`
	Deleted bool      `json:"deleted"`
}

// RoomEvent is the public form of a rooms.Event: never whose person hash it was about.
type RoomEvent struct {
	Version     uint64       `json:"version"`
	At          time.Time    `json:"at"`
	Kind        string       `json:"kind"`
	Actor       string       `json:"actor,omitempty"`
	Participant string       `json:"participant,omitempty"`
	Joined      *Participant `json:"joined,omitempty"`
	Place       string       `json:"place,omitempty"`
	Source      string       `json:"source,omitempty"`
	Message     *Chat        `json:"message,omitempty"`
	Settings    *Settings    `json:"settings,omitempty"`
	Part        string       `json:"part,omitempty"`
	Position    int          `json:"position,omitempty"`
	Text        string       `json:"text,omitempty"`
}

func (Waiting) Type() string   { return "waiting" }
func (Entered) Type() string   { return "entered" }
func (Hello) Type() string     { return "hello" }
func (Command) Type() string   { return "command" }
func (Answer) Type() string    { return "answer" }
func (Candidate) Type() string { return "candidate" }
func (Ping) Type() string      { return "ping" }
func (Pong) Type() string      { return "pong" }
func (Bye) Type() string       { return "bye" }
func (Welcome) Type() string   { return "welcome" }
func (Done) Type() string      { return "done" }
func (Error) Type() string     { return "error" }
func (Event) Type() string     { return "event" }
func (Offer) Type() string     { return "offer" }
func (Failed) Type() string    { return "failed" }

// Encode writes a message as one JSON object with its type first. Text is not escaped for HTML: it never
// lands in a page as markup, and the escapes would triple some chat messages.
func Encode(m Message) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(`{"type":"` + m.Type() + `"`)
	head := b.Len()
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(m); err != nil {
		return nil, fmt.Errorf("wire: encode %s: %w", m.Type(), err)
	}
	out := bytes.TrimRight(b.Bytes(), "\n")
	// The body was written as {...}: its opening brace becomes the comma after the type, or goes with an
	// empty body.
	if bytes.Equal(out[head:], []byte("{}")) {
		return append(out[:head], '}'), nil
	}
	out[head] = ','
	return out, nil
}
