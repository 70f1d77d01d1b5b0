package wire

import "lyceum/rooms"

// FromParticipant is what leaves the server of a participant: everything but the person behind it.
func FromParticipant(p rooms.Participant) Participant {
	sources := make(map[string]Source, len(p.Sources))
	for name, s := range p.Sources {
		sources[string(name)] = Source{Published: s.Published, Paused: s.Paused, Muted: s.Muted, Granted: s.Granted}
	}
	return Participant{
		ID: p.ID, Name: p.Name, Role: string(p.Role), Place: string(p.Place), JoinedAt: p.JoinedAt,
		Away: p.Away, AwaySince: p.AwaySince, Invited: p.Invited, HandAt: p.HandAt, Sources: sources,
		Spoke: p.Spoke, Known: p.Known, Waits: p.Waits,
	}
}

// FromChat is a chat message as it leaves the server; the text of a deleted one stays behind.
func FromChat(m rooms.Message) Chat {
	c := Chat{ID: m.ID, From: m.From, Name: m.Name, Text: m.Text, At: m.At, Deleted: m.Deleted}
	if c.Deleted {
		c.Text = ""
	}
	return c
}

// FromEvent is an event as it leaves the server. It has no field for the person or the end of a ban, so
// that neither can slip out.
func FromEvent(e rooms.Event) Event {
	out := RoomEvent{
		Version: e.Version, At: e.At, Kind: e.Kind, Actor: e.Actor, Participant: e.Participant,
		Place: string(e.Place), Source: string(e.Source), Part: string(e.Part), Position: e.Position, Text: e.Text,
	}
	if e.Settings != nil {
		out.Settings = FromSettings(*e.Settings)
	}
	if e.Joined != nil {
		p := FromParticipant(*e.Joined)
		out.Joined = &p
	}
	if e.Message != nil {
		m := FromChat(*e.Message)
		out.Message = &m
	}
	return Event{Event: out}
}

// FromRoom fills the room part of a Welcome; lists are never null on the wire.
func FromRoom(id string, version uint64, people []rooms.Participant, hands []string, chat []rooms.Message) Room {
	r := Room{
		ID: id, Version: version, Participants: make([]Participant, 0, len(people)),
		Hands: append([]string{}, hands...), Chat: make([]Chat, 0, len(chat)),
	}
	for _, p := range people {
		r.Participants = append(r.Participants, FromParticipant(p))
	}
	for _, m := range chat {
		r.Chat = append(r.Chat, FromChat(m))
	}
	return r
}

// Room is the command in the words of the rules. The actor is not in it: that comes from the token.
func (c Command) Room() rooms.Command {
	return rooms.Command{
		Name: c.Name, Participant: c.Args.Participant, Source: rooms.Source(c.Args.Source),
		Text: c.Args.Text, Message: c.Args.Message,
		Mode: c.Args.Mode, Part: rooms.Part(c.Args.Part), Scope: c.Args.Scope, Seconds: c.Args.Seconds,
	}
}
