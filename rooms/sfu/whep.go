package sfu

import (
	"fmt"

	"github.com/pion/webrtc/v4"

	"lyceum/rooms"
)

// whep is the plan of a subscriber that offered. Its two tracks keep their
// SSRCs and are attached to whatever comes first: of the publications whose
// gate is open the earliest, the picture preferably from whoever is heard.
type whep struct {
	peer         *Peer
	audio, video *subscription
}

func (w *whep) prepare(s *side) error {
	for _, t := range s.pc.GetTransceivers() {
		slot := &w.video
		if t.Kind() == webrtc.RTPCodecTypeAudio {
			slot = &w.audio
		}
		if *slot != nil {
			continue
		}
		sub := newSubscription(w.peer.room, t.Kind(), s.pc, "lyceum", "lyceum-"+t.Kind().String())
		sender, err := s.pc.AddTrack(sub)
		if err != nil {
			return fmt.Errorf("add %s: %w", t.Kind(), err)
		}
		*slot = sub
		w.peer.room.node.closing.Go(func() { sub.readRTCP(sender) })
	}
	if w.audio == nil && w.video == nil {
		return fmt.Errorf("%w: no section that receives", ErrMalformed)
	}
	return nil
}

// apply attaches the tracks anew. It never needs an offer.
func (w *whep) apply(*side) (bool, error) {
	all := w.peer.room.visible(w.peer.participant)
	var audio *publication
	if w.audio != nil {
		audio = choose(all, webrtc.RTPCodecTypeAudio, w.audio.pub.Load(), "")
		w.audio.move(audio)
	}
	if w.video != nil {
		with := ""
		if audio != nil {
			with = audio.peer.participant
		}
		w.video.move(choose(all, webrtc.RTPCodecTypeVideo, w.video.pub.Load(), with))
	}
	return false, nil
}

// choose picks one publication of a kind: the current one while it is let
// through, else the first that is, one of participant with before others and a
// camera before a screen. With all gates shut the first at all is as good.
func choose(all []*publication, kind webrtc.RTPCodecType, current *publication, with string) *publication {
	var best *publication
	score := -1
	for _, p := range all {
		if p.kind != kind {
			continue
		}
		n := 0
		if p.open.Load() {
			n += 8
			if p == current {
				n += 4
			}
		}
		if p.peer.participant == with {
			n += 2
		}
		if p.source != rooms.SourceScreen {
			n++
		}
		if n > score {
			best, score = p, n
		}
	}
	return best
}

func (w *whep) tracks() []Track { return nil }

func (w *whep) settled() {}

func (w *whep) connected(s *side) {
	for _, sub := range []*subscription{w.audio, w.video} {
		if sub != nil {
			sub.connected(s.route)
		}
	}
}

func (w *whep) lost() {
	for _, sub := range []*subscription{w.audio, w.video} {
		if sub != nil {
			sub.move(nil)
		}
	}
}
