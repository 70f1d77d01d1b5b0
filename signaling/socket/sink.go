package socket

import (
	"lyceum/rooms"
	"lyceum/rooms/live"
	"lyceum/rooms/sfu"
	"lyceum/signaling/wire"
)

// sink is where the room tells this connection what happens (live.Sink). Nothing in it blocks: it only puts
// into the bounded outbox.
type sink struct {
	c    *connection
	room string
}

func (s *sink) Event(e rooms.Event) { s.put(wire.FromEvent(e)) }

func (s *sink) Entered(w live.Welcome) { s.put(wire.Entered{Room: roomOf(s.room, w)}) }

func (s *sink) Waiting(w rooms.Waiting) { s.put(wire.Waiting{Waiting: *wire.FromWaiting(w)}) }

func (s *sink) Offer(o sfu.Offer) {
	tracks := make([]wire.Track, 0, len(o.Tracks))
	for _, t := range o.Tracks {
		tracks = append(tracks, wire.Track{Mid: t.Mid, Participant: t.Participant, Source: string(t.Source)})
	}
	s.put(wire.Offer{Side: string(o.Side), Number: o.Number, SDP: o.SDP, Tracks: tracks})
}

func (s *sink) Failed(side sfu.Side) { s.put(wire.Failed{Side: string(side)}) }

func (s *sink) Bye(code string) { s.c.out.end(code) }

func (s *sink) put(m wire.Message) { s.c.put(m) }

// roomOf is the room part of a welcome.
func roomOf(id string, w live.Welcome) wire.Room {
	r := wire.FromRoom(id, w.Version, w.Participants, w.Hands, w.Chat)
	for _, m := range w.Held {
		r.Held = append(r.Held, wire.FromChat(m))
	}
	if w.Settings != nil {
		r.Settings = wire.FromSettings(*w.Settings)
	}
	r.InCharge = w.InCharge
	return r
}
