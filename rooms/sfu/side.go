package sfu

import (
	"fmt"
	"sync"
	"time"

	"github.com/pion/webrtc/v4"
)

const (
	// gatherLimit bounds the wait for our own candidates. They come from the
	// one port and take milliseconds.
	gatherLimit = 2 * time.Second
	// maxSDP is the longest session description taken, in bytes.
	maxSDP = 256 << 10
	// maxCandidates bounds what one connection may be made to check.
	maxCandidates = 128
	// maxFailures is how often a connection is made anew without having been
	// up in between.
	maxFailures = 4
)

// plan is what the two sides differ in. Its methods are called with the side's
// mutex held.
type plan interface {
	// apply brings the connection in line with what is wanted and reports
	// whether that needs an offer. It makes the connection when there is none.
	apply(s *side) (bool, error)
	// tracks describes the media sections of the next offer.
	tracks() []Track
	// settled is called when an offer is answered; connected and lost follow
	// the connection.
	settled()
	connected(s *side)
	lost()
}

// side is one peer connection that we offer on, and what replaces it when it
// fails. At most one offer is outstanding; what changes meanwhile goes into
// the next.
type side struct {
	peer *Peer
	name Side
	like *flavour
	plan plan

	mu         sync.Mutex
	pc         *webrtc.PeerConnection
	route      *route    // of pc
	arrivals   *arrivals // likewise
	number     int       // of the newest offer
	waiting    *Offer    // the one without an answer
	up         bool
	early      []webrtc.ICECandidateInit // came before the answer
	candidates int
	failures   int
	closed     bool
	// final marks a connection that the client offered: it cannot be made anew.
	final bool
}

// sync offers when something changed and no answer is being waited for. Only
// the peer's loop calls it.
func (s *side) sync() {
	offer, err := s.next()
	if err != nil {
		s.peer.room.node.log.Warn("negotiation failed", "side", s.name, "err", err)
		return
	}
	if offer != nil {
		s.peer.tell(func(to Signal) { to.Offer(*offer) })
	}
}

func (s *side) next() (*Offer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.waiting != nil || s.failures > maxFailures {
		return nil, nil
	}
	changed, err := s.plan.apply(s)
	if err != nil || !changed {
		return nil, err
	}
	sdp, err := describe(s.pc, s.pc.CreateOffer)
	if err != nil {
		return nil, fmt.Errorf("offer: %w", err)
	}
	s.number++
	s.waiting = &Offer{Side: s.name, Number: s.number, SDP: sdp, Tracks: s.plan.tracks()}
	return s.waiting, nil
}

// describe makes our description current and returns it with candidates.
func describe[O any](pc *webrtc.PeerConnection, create func(*O) (webrtc.SessionDescription, error)) (string, error) {
	d, err := create(nil)
	if err != nil {
		return "", err
	}
	gathered := webrtc.GatheringCompletePromise(pc)
	if err := pc.SetLocalDescription(d); err != nil {
		return "", err
	}
	limit := time.NewTimer(gatherLimit)
	defer limit.Stop()
	select {
	case <-gathered:
	case <-limit.C: // go on with what was found
	}
	return pc.LocalDescription().SDP, nil
}

// open makes the connection if there is none. Called with mu held.
func (s *side) open() error {
	if s.pc != nil {
		return nil
	}
	n := s.peer.room.node
	s.route, s.arrivals = &route{conn: n.conn}, &arrivals{}
	pc, err := s.like.open(n.config, func(e *webrtc.SettingEngine) {
		if s.name == SidePublish {
			s.arrivals.take(e)
		} else {
			s.route.keys.listen(e)
		}
	})
	if err != nil {
		return fmt.Errorf("make peer connection: %w", err)
	}
	s.route.follow(pc)
	pc.OnConnectionStateChange(func(st webrtc.PeerConnectionState) { s.changed(pc, st) })
	s.pc = pc
	return nil
}

// changed follows the connection. Pion calls it from a goroutine of its own.
func (s *side) changed(pc *webrtc.PeerConnection, st webrtc.PeerConnectionState) {
	switch st {
	case webrtc.PeerConnectionStateConnected:
		s.mu.Lock()
		if s.pc == pc {
			if !s.up {
				s.route.settle(pc)
			}
			s.up, s.failures = true, 0
			s.plan.connected(s)
		}
		s.mu.Unlock()
	case webrtc.PeerConnectionStateFailed, webrtc.PeerConnectionStateClosed:
		s.fail(pc)
	}
}

// fail gives a connection up and lets the loop make another.
func (s *side) fail(pc *webrtc.PeerConnection) {
	s.mu.Lock()
	mine, final := s.pc == pc && !s.closed, s.final
	if mine {
		s.failures++
		s.drop()
	}
	s.mu.Unlock()
	if !mine {
		return
	}
	if final {
		s.peer.Close()
		return
	}
	s.peer.tell(func(to Signal) { to.Failed(s.name) })
	s.peer.wake()
}

// drop forgets the connection. Called with mu held.
func (s *side) drop() {
	if s.pc == nil {
		return
	}
	s.plan.lost()
	s.peer.room.node.discard(s.pc)
	s.pc, s.waiting, s.up, s.early, s.candidates = nil, nil, false, nil, 0
}

func (s *side) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	s.drop()
}

func (s *side) answer(number int, sdp string) error {
	broken, err := s.takeAnswer(number, sdp)
	if broken != nil {
		s.fail(broken)
	}
	if err == nil {
		s.peer.wake() // something may have changed meanwhile
	}
	return err
}

// takeAnswer returns the connection as well when the answer left it unusable.
func (s *side) takeAnswer(number int, sdp string) (broken *webrtc.PeerConnection, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return nil, ErrClosed
	case s.waiting == nil || s.number != number:
		return nil, ErrStale
	}
	pc := s.pc
	if err := checkAnswer(s.waiting.SDP, sdp); err != nil {
		return nil, err
	}
	if err := setRemote(pc, webrtc.SDPTypeAnswer, sdp); err != nil {
		if pc.SignalingState() != webrtc.SignalingStateHaveLocalOffer {
			broken = pc
		}
		return broken, err
	}
	s.waiting = nil
	for _, c := range s.early {
		_ = addCandidate(pc, c) // one bad candidate does not spoil the others
	}
	s.early = nil
	s.plan.settled()
	if s.up {
		s.plan.connected(s)
	}
	return nil, nil
}

// setRemote hands a description from outside to pion and survives what pion
// does not.
func setRemote(pc *webrtc.PeerConnection, t webrtc.SDPType, sdp string) (err error) {
	if len(sdp) > maxSDP {
		return fmt.Errorf("%w: %d bytes", ErrMalformed, len(sdp))
	}
	defer recovered(&err)
	if err := pc.SetRemoteDescription(webrtc.SessionDescription{Type: t, SDP: sdp}); err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return nil
}

func (s *side) candidate(c webrtc.ICECandidateInit) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return ErrClosed
	case s.pc == nil:
		return ErrStale
	}
	if s.candidates++; s.candidates > maxCandidates {
		return fmt.Errorf("%w: more than %d candidates", ErrMalformed, maxCandidates)
	}
	if s.pc.RemoteDescription() == nil {
		s.early = append(s.early, c)
		return nil
	}
	return addCandidate(s.pc, c)
}

func addCandidate(pc *webrtc.PeerConnection, c webrtc.ICECandidateInit) (err error) {
	defer recovered(&err)
	if err := pc.AddICECandidate(c); err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return nil
}

// recovered turns a panic of the library over hostile input into an error.
func recovered(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("%w: %v", ErrMalformed, r)
	}
}
