package socket

import (
	"lyceum/rooms"
	"lyceum/rooms/sfu"
	"lyceum/signaling/wire"
)

// sink is where the room tells this connection what happens (live.Sink). Nothing in it blocks: it only puts
// into the bounded outbox.
type sink struct{ c *connection }

func (s *sink) Event(e rooms.Event) { s.put(wire.FromEvent(e)) }

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
