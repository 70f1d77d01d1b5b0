package sfu

import (
	"fmt"
	"slices"

	"github.com/pion/webrtc/v4"
)

// subscribing plans the connection on which a participant receives. Each media
// section carries one publication; when that goes, its section waits for
// another of the same kind.
type subscribing struct {
	peer *Peer
	outs []*out
}

// out is one media section that sends, or sent.
type out struct {
	transceiver *webrtc.RTPTransceiver
	sender      *webrtc.RTPSender
	pub         *publication  // nil while it is free
	sub         *subscription // likewise
	agreed      bool          // the subscriber knows that it is free
}

func newSubscribing(p *Peer) *side {
	return &side{peer: p, name: SideSubscribe, like: p.room.node.subscribe, plan: &subscribing{peer: p}}
}

func (pl *subscribing) apply(s *side) (bool, error) {
	want := pl.peer.room.visible(pl.peer.participant)
	if s.pc == nil && len(want) == 0 {
		return false, nil
	}
	if err := s.open(); err != nil {
		return false, err
	}
	changed := false
	for _, o := range pl.outs {
		if o.pub == nil || slices.Contains(want, o.pub) {
			continue
		}
		o.sub.move(nil)
		if err := s.pc.RemoveTrack(o.sender); err != nil {
			return false, fmt.Errorf("remove %s: %w", o.pub.trackID, err)
		}
		o.pub, o.sub, o.sender = nil, nil, nil
		changed = true
	}
	for _, pub := range want {
		if slices.ContainsFunc(pl.outs, func(o *out) bool { return o.pub == pub }) {
			continue
		}
		if err := pl.add(s, pub); err != nil {
			return false, fmt.Errorf("add %s: %w", pub.trackID, err)
		}
		changed = true
	}
	return changed, nil
}

// add gives pub a media section: a free one, or a new one at the end.
func (pl *subscribing) add(s *side, pub *publication) error {
	sub := newSubscription(pl.peer.room, pub.kind, s.pc, pub.streamID, pub.trackID)
	o, err := pl.reuse(s, sub)
	if err != nil {
		return err
	}
	if o == nil {
		t, err := s.pc.AddTransceiverFromTrack(sub, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
		if err != nil {
			return err
		}
		o = &out{transceiver: t, sender: t.Sender()}
		pl.outs = append(pl.outs, o)
	}
	o.pub, o.sub = pub, sub
	sub.move(pub)
	sender := o.sender
	pl.peer.room.node.closing.Go(func() { sub.readRTCP(sender) })
	return nil
}

// reuse puts sub into a section that both ends agreed to have nothing in. It
// returns nil when there is none.
func (pl *subscribing) reuse(s *side, sub *subscription) (*out, error) {
	free := func(o *out) bool { return o.pub == nil && o.agreed && o.transceiver.Kind() == sub.kind }
	if !slices.ContainsFunc(pl.outs, free) {
		return nil, nil
	}
	sender, err := s.pc.AddTrack(sub) // takes the first free section of the kind
	if err != nil {
		return nil, err
	}
	for _, o := range pl.outs {
		if o.transceiver.Sender() == sender {
			o.sender = sender
			return o, nil
		}
	}
	for _, t := range s.pc.GetTransceivers() { // it was not free after all
		if t.Sender() == sender {
			o := &out{transceiver: t, sender: sender}
			pl.outs = append(pl.outs, o)
			return o, nil
		}
	}
	return nil, fmt.Errorf("section of %s not found", sub.trackID)
}

// settled notes which empty sections both ends agreed on.
func (pl *subscribing) settled() {
	for _, o := range pl.outs {
		o.agreed = o.pub == nil
	}
}

func (pl *subscribing) tracks() []Track {
	ts := []Track{}
	for _, o := range pl.outs {
		if o.pub != nil {
			ts = append(ts, Track{Mid: o.transceiver.Mid(), Participant: o.pub.peer.participant, Source: o.pub.source})
		}
	}
	return ts
}

func (pl *subscribing) connected(s *side) {
	for _, o := range pl.outs {
		if o.sub != nil {
			o.sub.connected(s.route)
		}
	}
}

func (pl *subscribing) lost() {
	for _, o := range pl.outs {
		if o.sub != nil {
			o.sub.move(nil)
		}
	}
	pl.outs = nil
}
