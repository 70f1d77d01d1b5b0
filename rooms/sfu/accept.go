package sfu

import (
	"fmt"

	"github.com/pion/webrtc/v4"

	"lyceum/rooms"
)

// AcceptPublisher answers a WHIP client's offer (RFC 9725). Its first audio
// section is the microphone, its first video section the camera; others are
// not read. Both are published at once, behind shut gates. The peer closes by
// itself when the connection fails.
func (r *Room) AcceptPublisher(participant, offer string) (*Peer, string, error) {
	p := newPeer(r, participant, nil)
	p.subscribing.close()
	answer, err := r.accept(p, p.publishing, offer, func(s *side) error {
		pl := &whip{publishing: publishing{peer: p}}
		s.plan = pl
		return pl.prepare(s)
	})
	if err != nil {
		return nil, "", fmt.Errorf("sfu: accept publisher: %w", err)
	}
	return p, answer, nil
}

// AcceptSubscriber answers a WHEP client's offer. As it cannot be renegotiated,
// it has at most one audio and one video section, which follow what is
// published: see whep.
func (r *Room) AcceptSubscriber(participant, offer string) (*Peer, string, error) {
	p := newPeer(r, participant, nil)
	p.publishing.close()
	answer, err := r.accept(p, p.subscribing, offer, func(s *side) error {
		pl := &whep{peer: p}
		s.plan = pl
		return pl.prepare(s)
	})
	if err != nil {
		return nil, "", fmt.Errorf("sfu: accept subscriber: %w", err)
	}
	return p, answer, nil
}

// accept applies the offer, lets prepare look at it, and answers.
func (r *Room) accept(p *Peer, s *side, offer string, prepare func(*side) error) (answer string, err error) {
	if !r.add(p) {
		return "", ErrClosed
	}
	defer func() {
		if err != nil {
			p.Close()
		}
	}()
	if answer, err = s.accept(offer, prepare); err != nil {
		return "", err
	}
	p.start()
	return answer, nil
}

func (s *side) accept(offer string, prepare func(*side) error) (answer string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer recovered(&err)
	if s.closed {
		return "", ErrClosed
	}
	if err := checkOffer(offer); err != nil {
		return "", err
	}
	s.final = true
	if err := s.open(); err != nil {
		return "", err
	}
	if err := setRemote(s.pc, webrtc.SDPTypeOffer, offer); err != nil {
		return "", err
	}
	if err := prepare(s); err != nil {
		return "", err
	}
	answer, err = describe(s.pc, s.pc.CreateAnswer)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return answer, nil
}

// whip is the plan of a publisher that offered: there is nothing to negotiate
// any more.
type whip struct{ publishing }

func (w *whip) apply(*side) (bool, error) { return false, nil }

func (w *whip) prepare(s *side) error {
	pc := s.pc
	for _, src := range []rooms.Source{rooms.SourceMic, rooms.SourceCamera} {
		for _, t := range pc.GetTransceivers() {
			if t.Kind() == kindOf(src) {
				w.sections = append(w.sections, section{src, t})
				break
			}
		}
	}
	if len(w.sections) == 0 {
		return fmt.Errorf("%w: no section that sends", ErrMalformed)
	}
	pc.OnTrack(func(t *webrtc.TrackRemote, r *webrtc.RTPReceiver) { w.publishing.track(s, pc, t, r) })
	for _, sec := range w.sections {
		pub, err := w.peer.publication(sec.source)
		if err != nil {
			return err
		}
		w.peer.mu.Lock()
		w.peer.shown[sec.source] = true
		w.peer.mu.Unlock()
		w.peer.room.show(pub)
	}
	return nil
}
