package live

import (
	"context"
	"strings"

	"lyceum/rooms"
	"lyceum/rooms/token"
)

// EnterPublisher brings an encoder (WHIP, RFC 9725) into the room: its first
// audio becomes the participant's microphone, its first video the camera. Only
// roles that belong on the stage may. Errors are *rooms.Error; a description that
// cannot be used is "invalid".
func (h *Hub) EnterPublisher(ctx context.Context, c token.Claims, offer string) (MediaSeat, string, error) {
	switch c.Role {
	case rooms.RoleHost, rooms.RoleCoHost, rooms.RoleSpeaker:
	default:
		return nil, "", &rooms.Error{Code: rooms.CodeForbidden}
	}
	var seat *Seat
	var answer string
	err := h.enter(ctx, c, func(r *room) error {
		a := arrival{room: r, claims: c, quiet: true, sink: &silent{}}
		var err error
		seat, _, err = a.arrive(func() (p peer, err error) {
			p, answer, err = r.media.AcceptPublisher(c.Participant, offer)
			return p, badOffer(r, err)
		})
		if err == nil {
			seat.leaveWhenDone()
			err = r.publishOffered(c.Participant, offer)
		}
		return err
	})
	if err != nil {
		if seat != nil {
			seat.Leave(ctx)
		}
		return nil, "", err
	}
	return seat, answer, nil
}

// EnterSubscriber brings a player (WHEP) into the room: a participant named by
// the token who listens only.
func (h *Hub) EnterSubscriber(ctx context.Context, c token.Claims, offer string) (MediaSeat, string, error) {
	var seat *Seat
	var answer string
	err := h.enter(ctx, c, func(r *room) error {
		a := arrival{room: r, claims: c, listen: true, quiet: true, sink: &silent{}}
		var err error
		seat, _, err = a.arrive(func() (p peer, err error) {
			p, answer, err = r.media.AcceptSubscriber(c.Participant, offer)
			return p, badOffer(r, err)
		})
		if err == nil {
			seat.leaveWhenDone()
		}
		return err
	})
	if err != nil {
		return nil, "", err
	}
	return seat, answer, nil
}

// badOffer blames the client for a description that the media plane refuses. The
// error is not logged: it may quote the description.
func badOffer(r *room, err error) error {
	if err == nil {
		return nil
	}
	r.log.Info("media refuses an offer")
	return &rooms.Error{Code: rooms.CodeInvalid}
}

// publishOffered publishes what the offer has. A muted source is connected and
// stays silent; a host's mute is no reason to refuse the rest.
func (r *room) publishOffered(participant, offer string) error {
	for _, src := range offered(offer) {
		events, err := r.apply(participant, rooms.Command{Name: rooms.CommandPublish, Source: src})
		if isRefusal(err, rooms.CodeMuted) {
			continue
		}
		if err != nil {
			return err
		}
		// The client's own offer is the publication: nothing to ask of the media
		// plane, and nothing to record.
		r.evolve(events)
		r.announce(events, "")
	}
	return nil
}

// offered lists the sources of an offer by its media lines (RFC 8866, 5.14).
func offered(offer string) []rooms.Source {
	var sources []rooms.Source
	if strings.Contains("\n"+offer, "\nm=audio ") {
		sources = append(sources, rooms.SourceMic)
	}
	if strings.Contains("\n"+offer, "\nm=video ") {
		sources = append(sources, rooms.SourceCamera)
	}
	return sources
}

// leaveWhenDone ends the seat when its media does: such a client has no other
// connection by which it could be lost. The goroutine ends with the peer, and the
// peer at the latest with its room. Callers hold the turn, so that a closing hub,
// which needs it, waits for this goroutine too.
func (s *Seat) leaveWhenDone() {
	p := s.room.peerOf(s)
	if p == nil {
		return
	}
	s.room.hub.wait.Go(func() {
		<-p.Done()
		ctx, cancel := context.WithTimeout(context.Background(), loadWait)
		defer cancel()
		s.Leave(ctx)
	})
}
