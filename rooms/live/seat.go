package live

import (
	"context"
	"errors"

	"lyceum/rooms"
	"lyceum/rooms/sfu"
)

// Seat is one connection of one participant. When another device takes over, or
// a host removes the person, the seat is dead: commands are refused, and Lost and
// Leave do nothing. All methods are safe for concurrent use.
type Seat struct {
	room        *room
	participant string
	sink        Sink
}

// Do gives a command as this participant. nil means that it is so and, where the
// kind of event is journalled, recorded. Errors are *rooms.Error.
func (s *Seat) Do(ctx context.Context, c rooms.Command) error {
	if !rooms.FromWire(c.Name) {
		return &rooms.Error{Code: rooms.CodeForbidden}
	}
	c.Joining = nil
	return s.room.do(ctx, s, c)
}

// Answer passes the client's answer to the offer of that number on.
func (s *Seat) Answer(side sfu.Side, number int, sdp string) error {
	p := s.room.peerOf(s)
	if p == nil {
		return &rooms.Error{Code: rooms.CodeNotFound}
	}
	return mediaRefusal(p.Answer(side, number, sdp))
}

// Candidate passes an ICE candidate of the client on.
func (s *Seat) Candidate(side sfu.Side, candidate, mid string) error {
	p := s.room.peerOf(s)
	if p == nil {
		return &rooms.Error{Code: rooms.CodeNotFound}
	}
	return mediaRefusal(p.Candidate(side, candidate, mid))
}

// mediaRefusal is what the client hears of the media plane's error. Answers to an
// offer that a newer one has overtaken are normal and not even worth that.
func mediaRefusal(err error) error {
	switch {
	case err == nil, errors.Is(err, sfu.ErrStale), errors.Is(err, sfu.ErrClosed):
		return nil
	}
	return &rooms.Error{Code: rooms.CodeInvalid}
}

// Lost says that the connection is gone without a goodbye. The participant is
// away and keeps role, place and hand; media is kept for 30 s.
func (s *Seat) Lost() { s.room.lost(s) }

// Leave says goodbye: the participant is gone from the room.
func (s *Seat) Leave(ctx context.Context) { s.room.leave(ctx, s) }

// MediaSeat is the seat of an encoder (WHIP) or a player (WHEP): it has media and
// nothing to say.
type MediaSeat interface {
	Leave(ctx context.Context)
}

// silent is the sink of a media seat: what a room tells, such a client cannot hear.
type silent struct{}

func (*silent) Event(rooms.Event)     {}
func (*silent) Entered(Welcome)       {}
func (*silent) Waiting(rooms.Waiting) {}
func (*silent) Offer(sfu.Offer)       {}
func (*silent) Failed(sfu.Side)       {}
func (*silent) Bye(string)            {}
