package rooms

import (
	"maps"
	"time"
)

// LobbyMode says who comes in without being let in by a host.
type LobbyMode string

// The lobby modes. The zero value counts as open.
const (
	LobbyOpen   LobbyMode = "open"
	LobbyAdmit  LobbyMode = "admit"
	LobbyKnown  LobbyMode = "known"
	LobbyClosed LobbyMode = "closed"
)

// Known reports whether m is one of the modes.
func (m LobbyMode) Known() bool {
	return m == LobbyOpen || m == LobbyAdmit || m == LobbyKnown || m == LobbyClosed
}

// ChatMode says who may write.
type ChatMode string

// The chat modes. The zero value counts as open.
const (
	ChatOpen  ChatMode = "open"
	ChatSlow  ChatMode = "slow"
	ChatHosts ChatMode = "hosts"
	ChatOff   ChatMode = "off"
)

// Known reports whether m is one of the modes.
func (m ChatMode) Known() bool {
	return m == ChatOpen || m == ChatSlow || m == ChatHosts || m == ChatOff
}

// Modes of chat.hold.
const (
	holdNewcomers = "newcomers"
	holdNobody    = "nobody"
)

// MaxSlow is the longest pause of a slow chat, in seconds.
const MaxSlow = 3600

// Right says who may send a source from the floor.
type Right string

// The rights. Known is everybody who was in the room when a host said so.
const (
	RightNobody   Right = "nobody"
	RightKnown    Right = "known"
	RightEveryone Right = "everyone"
)

// Part is a part of the room that a panic freezes and a host unfreezes.
type Part string

// The parts.
const (
	PartChat  Part = "chat"
	PartStage Part = "stage"
	PartFloor Part = "floor"
)

// Settings are what hosts have decided about the room as a whole.
type Settings struct {
	Lobby  LobbyMode             `json:"lobby"`
	Locked bool                  `json:"locked,omitempty"`
	Chat   ChatSettings          `json:"chat"`
	Rights map[Source]FloorRight `json:"rights,omitempty"` // absent is nobody
	Frozen Frozen                `json:"frozen"`
}

// ChatSettings say who may write and how often. Seconds count in slow mode.
type ChatSettings struct {
	Mode    ChatMode `json:"mode"`
	Seconds int      `json:"seconds,omitempty"`
	Hold    bool     `json:"hold,omitempty"` // the first message of each person waits for a host
}

// FloorRight is a right and since when it is given.
type FloorRight struct {
	Right Right     `json:"right"`
	At    time.Time `json:"at"`
}

// Frozen are the parts that a panic has stopped.
type Frozen struct {
	Chat  bool `json:"chat,omitempty"`
	Stage bool `json:"stage,omitempty"`
	Floor bool `json:"floor,omitempty"`
}

// Right is who may send the source from the floor.
func (s Settings) Right(src Source) Right {
	if r, ok := s.Rights[src]; ok {
		return r.Right
	}
	return RightNobody
}

func (s Settings) copy() Settings {
	s.Rights = maps.Clone(s.Rights)
	return s
}

// defaults are the settings of a new room: nobody on the floor may send anything.
func defaults() Settings {
	return Settings{Lobby: LobbyOpen, Chat: ChatSettings{Mode: ChatOpen}}
}

// Waiting is what somebody in the lobby may know: whether somebody is there who
// can open, why they wait, and a host's word to them.
type Waiting struct {
	Hosts  bool
	Reason string
	Text   string
}

// The reasons of a [Waiting].
const (
	WaitsNew      = "new"
	WaitsReturned = "returned"
	WaitsDenied   = "denied"
	WaitsAsked    = "asked"
)
