package sfu

import (
	"slices"
	"sync"
	"sync/atomic"

	"lyceum/rooms"
)

// Room is everybody who hears and sees each other.
type Room struct {
	node  *Node
	name  string
	count counters

	floor floor

	mu     sync.Mutex
	closed bool
	peers  map[*Peer]struct{}
	// published is in the order of publishing.
	published []*publication
}

// counters are the running part of Stats.
type counters struct {
	packetsIn, bytesIn, shut, packetsOut, dropped, throughPion, unheard atomic.Uint64
	nacks, resent, plis, keyframes                                      atomic.Uint64
	subscriptions                                                       atomic.Int64
}

func newRoom(n *Node, name string) *Room {
	return &Room{node: n, name: name, peers: map[*Peer]struct{}{}}
}

// Join adds a participant who is reached through s. Offers follow at once for
// what is published already, later for what comes. In a closed room the peer
// is closed from the start.
func (r *Room) Join(participant string, s Signal) *Peer {
	p := newPeer(r, participant, s)
	if !r.add(p) {
		p.Close()
		return p
	}
	p.start()
	return p
}

// add enters p unless the room is closed.
func (r *Room) add(p *Peer) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return false
	}
	r.peers[p] = struct{}{}
	r.floor.crowd.Store(int64(len(r.peers)))
	return true
}

func (r *Room) remove(p *Peer) {
	r.mu.Lock()
	delete(r.peers, p)
	r.floor.crowd.Store(int64(len(r.peers)))
	r.published = slices.DeleteFunc(r.published, func(pub *publication) bool { return pub.peer == p })
	r.mu.Unlock()
	r.wake()
}

// show lists pub for the others; hide takes it away.
func (r *Room) show(pub *publication) {
	r.mu.Lock()
	_, here := r.peers[pub.peer]
	if here && !slices.Contains(r.published, pub) {
		r.published = append(r.published, pub)
	}
	r.mu.Unlock()
	r.wake()
}

func (r *Room) hide(pub *publication) {
	r.mu.Lock()
	r.published = slices.DeleteFunc(r.published, func(p *publication) bool { return p == pub })
	r.mu.Unlock()
	r.wake()
}

// visible returns what a participant subscribes to: everything but their own.
func (r *Room) visible(participant string) []*publication {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := make([]*publication, 0, len(r.published))
	for _, p := range r.published {
		if p.peer.participant != participant {
			out = append(out, p)
		}
	}
	return out
}

// wake lets every peer compare what it has with what there is.
func (r *Room) wake() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for p := range r.peers {
		p.wake()
	}
}

// Close ends the room for everybody in it.
func (r *Room) Close() {
	r.mu.Lock()
	r.closed = true
	var all []*Peer
	for p := range r.peers {
		all = append(all, p)
	}
	r.mu.Unlock()
	for _, p := range all {
		p.Close()
	}
	r.node.forget(r)
}

// Stats returns the room's counters.
func (r *Room) Stats() Stats {
	r.mu.Lock()
	defer r.mu.Unlock()
	c := &r.count
	return Stats{
		Peers: len(r.peers), Publications: len(r.published), Subscriptions: int(c.subscriptions.Load()),
		PacketsIn: c.packetsIn.Load(), BytesIn: c.bytesIn.Load(), Shut: c.shut.Load(),
		PacketsOut: c.packetsOut.Load(), ThroughPion: c.throughPion.Load(), Dropped: c.dropped.Load(), Unheard: c.unheard.Load(),
		NACKs: c.nacks.Load(), Resent: c.resent.Load(), PLIs: c.plis.Load(), Keyframes: c.keyframes.Load(),
	}
}

// known refuses sources that do not exist.
func known(src rooms.Source) error {
	if !src.Known() {
		return ErrUnknown
	}
	return nil
}
