package wire

import "lyceum/rooms"

// Settings are what hosts have decided about the room as a whole.
type Settings struct {
	Lobby  string            `json:"lobby"`
	Locked bool              `json:"locked"`
	Chat   ChatSettings      `json:"chat"`
	Rights map[string]string `json:"rights"`
	Frozen Frozen            `json:"frozen"`
}

// ChatSettings say who may write and how often. Seconds count in slow mode only.
type ChatSettings struct {
	Mode    string `json:"mode"`
	Seconds int    `json:"seconds"`
	Hold    bool   `json:"hold"`
}

// Frozen are the parts that a panic has stopped.
type Frozen struct {
	Chat  bool `json:"chat"`
	Stage bool `json:"stage"`
	Floor bool `json:"floor"`
}

// FromSettings are the settings as they leave the server: every source has its right spelled out.
func FromSettings(s rooms.Settings) *Settings {
	out := &Settings{
		Lobby: string(s.Lobby), Locked: s.Locked,
		Chat:   ChatSettings{Mode: string(s.Chat.Mode), Seconds: s.Chat.Seconds, Hold: s.Chat.Hold},
		Rights: map[string]string{}, Frozen: Frozen(s.Frozen),
	}
	for _, src := range rooms.Sources() {
		out.Rights[string(src)] = string(s.Right(src))
	}
	return out
}

// FromWaiting is what somebody in the lobby is told.
func FromWaiting(w rooms.Waiting) *Lobby {
	return &Lobby{Hosts: w.Hosts, Reason: w.Reason, Text: w.Text}
}
