package sfu

import (
	"fmt"

	"github.com/pion/webrtc/v4"

	"lyceum/rooms"
)

// publishing plans the connection on which a participant sends. It has one
// media section for each source that was ever published on it: sections cannot
// be taken out of a session, and one that is not published now is just not
// listed. What still arrives on it ends at the shut gate.
type publishing struct {
	peer     *Peer
	sections []section
	offered  []rooms.Source // listed in the newest offer
}

// section is one media section that receives.
type section struct {
	source      rooms.Source
	transceiver *webrtc.RTPTransceiver
}

func newPublishing(p *Peer) *side {
	return &side{peer: p, name: SidePublish, like: p.room.node.publish, plan: &publishing{peer: p}}
}

func (pl *publishing) apply(s *side) (bool, error) {
	want := pl.peer.published()
	if s.pc == nil && len(want) == 0 {
		return false, nil
	}
	if s.pc == nil {
		if err := s.open(); err != nil {
			return false, err
		}
		pc := s.pc
		pc.OnTrack(func(t *webrtc.TrackRemote, r *webrtc.RTPReceiver) { pl.track(s, pc, t, r) })
	}
	for _, src := range want {
		if pl.has(src) {
			continue
		}
		t, err := s.pc.AddTransceiverFromKind(kindOf(src), webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly})
		if err != nil {
			return false, fmt.Errorf("add section for %q: %w", src, err)
		}
		pl.sections = append(pl.sections, section{src, t})
	}
	changed := !sameSources(pl.offered, want)
	pl.offered = want
	return changed, nil
}

func (pl *publishing) has(src rooms.Source) bool {
	for _, sec := range pl.sections {
		if sec.source == src {
			return true
		}
	}
	return false
}

func (pl *publishing) tracks() []Track {
	out := []Track{}
	for _, src := range pl.offered {
		for _, sec := range pl.sections {
			if sec.source == src {
				out = append(out, Track{Mid: sec.transceiver.Mid(), Participant: pl.peer.participant, Source: src})
			}
		}
	}
	return out
}

// track reads one incoming track for the source of its media section. Tracks
// that belong to no section are not read, so nothing of them is forwarded.
func (pl *publishing) track(s *side, pc *webrtc.PeerConnection, t *webrtc.TrackRemote, r *webrtc.RTPReceiver) {
	s.mu.Lock()
	var src rooms.Source
	waiting := s.arrivals.of(uint32(t.SSRC()))
	if tr := r.RTPTransceiver(); tr != nil && s.pc == pc {
		for _, sec := range pl.sections {
			if sec.transceiver == tr {
				src = sec.source
			}
		}
	}
	s.mu.Unlock()
	if src == "" {
		return
	}
	if pub, err := pl.peer.publication(src); err == nil {
		pub.contain(pc, func() { pub.ingest(pc, t, r, waiting) })
	}
}

func (pl *publishing) connected(*side) {}

func (pl *publishing) settled() {}

func (pl *publishing) lost() { pl.sections, pl.offered = nil, nil }

func sameSources(a, b []rooms.Source) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}
