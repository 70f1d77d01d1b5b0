package sfu

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sync"

	"github.com/pion/webrtc/v4"

	"lyceum/rooms"
)

// Peer is one participant's media.
type Peer struct {
	room        *Room
	participant string
	publishing  *side
	subscribing *side
	// ring wakes the loop. It holds one: more would only say the same again.
	ring chan struct{}
	done chan struct{}

	signal Signal // nil for WHIP and WHEP clients

	mu     sync.Mutex
	closed bool
	pubs   map[rooms.Source]*publication
	shown  map[rooms.Source]bool // published now
}

func newPeer(r *Room, participant string, s Signal) *Peer {
	p := &Peer{
		room: r, participant: participant, signal: s,
		ring: make(chan struct{}, 1), done: make(chan struct{}),
		pubs: map[rooms.Source]*publication{}, shown: map[rooms.Source]bool{},
	}
	p.publishing = newPublishing(p)
	p.subscribing = newSubscribing(p)
	return p
}

// start runs the loop that negotiates. Its owner is the peer: it ends with it.
func (p *Peer) start() {
	p.wake()
	p.room.node.closing.Go(func() {
		for {
			select {
			case <-p.done:
				return
			case <-p.ring:
				p.publishing.sync()
				p.subscribing.sync()
			}
		}
	})
}

func (p *Peer) wake() {
	select {
	case p.ring <- struct{}{}:
	default: // it will look anyway
	}
}

// Publish makes room for src and asks the participant for it with an offer.
// Nothing is forwarded before Gate opens.
func (p *Peer) Publish(src rooms.Source) error {
	pub, err := p.publication(src)
	if err != nil {
		return fmt.Errorf("sfu: publish %q: %w", src, err)
	}
	p.mu.Lock()
	p.shown[src] = true
	p.mu.Unlock()
	p.room.show(pub)
	p.wake()
	return nil
}

// Unpublish takes src away from everybody. Its gate shuts.
func (p *Peer) Unpublish(src rooms.Source) {
	p.mu.Lock()
	pub := p.pubs[src]
	delete(p.shown, src)
	p.mu.Unlock()
	if pub == nil {
		return
	}
	pub.setGate(false)
	p.room.hide(pub)
	p.wake()
}

// Gate lets src through or not; it is shut until opened. When Gate returns
// from shutting, no packet of it is forwarded any more, whichever track, SSRC
// or connection it comes from, and none is retransmitted.
func (p *Peer) Gate(src rooms.Source, open bool) {
	pub, err := p.publication(src)
	if err != nil { // closed or no such source: there is nothing to let through
		return
	}
	pub.setGate(open)
}

// publication returns the one of src and makes it when it is new.
func (p *Peer) publication(src rooms.Source) (*publication, error) {
	if err := known(src); err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, ErrClosed
	}
	pub := p.pubs[src]
	if pub == nil {
		pub = newPublication(p, src)
		p.pubs[src] = pub
	}
	return pub, nil
}

// published returns the sources that are published, in a fixed order.
func (p *Peer) published() []rooms.Source {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []rooms.Source
	for _, src := range rooms.Sources() {
		if p.shown[src] {
			out = append(out, src)
		}
	}
	return out
}

func (p *Peer) side(name Side) (*side, error) {
	switch name {
	case SidePublish:
		return p.publishing, nil
	case SideSubscribe:
		return p.subscribing, nil
	}
	return nil, ErrUnknown
}

// Answer takes the participant's answer to the offer with that number.
func (p *Peer) Answer(name Side, number int, sdp string) error {
	s, err := p.side(name)
	if err == nil {
		err = s.answer(number, sdp)
	}
	if err != nil {
		return fmt.Errorf("sfu: answer %d of %q: %w", number, name, err)
	}
	return nil
}

// Candidate takes one of the participant's ICE candidates; an empty one says
// that no more will come.
func (p *Peer) Candidate(name Side, candidate, mid string) error {
	s, err := p.side(name)
	if err == nil {
		err = s.candidate(webrtc.ICECandidateInit{Candidate: candidate, SDPMid: &mid})
	}
	if err != nil {
		return fmt.Errorf("sfu: candidate of %q: %w", name, err)
	}
	return nil
}

// Done is closed when the peer is, by Close or, for WHIP and WHEP clients,
// because their connection failed.
func (p *Peer) Done() <-chan struct{} { return p.done }

// Close ends both connections and takes everything of this participant away
// from the others. It does not wait for the network.
func (p *Peer) Close() {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return
	}
	p.closed = true
	pubs := make([]*publication, 0, len(p.pubs))
	for _, pub := range p.pubs {
		pubs = append(pubs, pub)
	}
	p.mu.Unlock()
	close(p.done)
	for _, pub := range pubs {
		pub.end()
	}
	p.publishing.close()
	p.subscribing.close()
	p.room.remove(p)
}

// tell reaches the participant, if there is a way.
func (p *Peer) tell(f func(Signal)) {
	p.mu.Lock()
	closed := p.closed
	p.mu.Unlock()
	if p.signal != nil && !closed {
		f(p.signal)
	}
}

// streamID names the media stream and track of a source in session
// descriptions. The participant's id is hashed: descriptions are lines of text
// and ids come from outside. The screen is a stream of its own, because
// browsers hold back the tracks of one stream until they are in step.
func streamID(participant string, src rooms.Source) (stream, track string) {
	sum := sha256.Sum256([]byte(participant))
	stream = hex.EncodeToString(sum[:12])
	if src == rooms.SourceScreen {
		stream += "-screen"
	}
	return stream, stream + "-" + string(src)
}
