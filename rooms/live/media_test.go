package live_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"lyceum/rooms"
	"lyceum/rooms/live"
	"lyceum/rooms/sfu"
)

// recordedMedia is a media plane that only remembers what it was told.
type recordedMedia struct {
	mu    sync.Mutex
	peers map[string][]*recordedPeer // by participant, oldest first
}

func newMedia() *recordedMedia { return &recordedMedia{peers: map[string][]*recordedPeer{}} }

func (m *recordedMedia) Room(string) live.MediaRoom { return recordedRoom{m} }

type recordedRoom struct{ m *recordedMedia }

func (r recordedRoom) Close() {}

func (r recordedRoom) Join(participant string, s sfu.Signal) live.Peer {
	p := &recordedPeer{signal: s, gates: map[rooms.Source]bool{}, done: make(chan struct{})}
	r.m.mu.Lock()
	defer r.m.mu.Unlock()
	r.m.peers[participant] = append(r.m.peers[participant], p)
	return p
}

func (r recordedRoom) AcceptPublisher(participant, offer string) (live.Peer, string, error) {
	if !strings.HasPrefix(offer, "v=0") {
		return nil, "", errors.New("no description")
	}
	return r.Join(participant, nil), "v=0 answer", nil
}

func (r recordedRoom) AcceptSubscriber(participant, offer string) (live.Peer, string, error) {
	return r.AcceptPublisher(participant, offer)
}

// recordedPeer answers Publish with an offer that names the source.
type recordedPeer struct {
	signal sfu.Signal
	done   chan struct{}

	mu     sync.Mutex
	gates  map[rooms.Source]bool
	closed bool
}

func (p *recordedPeer) Publish(src rooms.Source) error {
	if p.signal == nil {
		return nil // an encoder cannot be asked
	}
	p.signal.Offer(sfu.Offer{Side: sfu.SidePublish, Number: 1, Tracks: []sfu.Track{{Source: src}}})
	return nil
}

func (p *recordedPeer) Unpublish(rooms.Source)                   {}
func (p *recordedPeer) Candidate(sfu.Side, string, string) error { return nil }
func (p *recordedPeer) Done() <-chan struct{}                    { return p.done }

func (p *recordedPeer) Answer(_ sfu.Side, number int, _ string) error {
	switch number {
	case 1:
		return nil
	case 2:
		return sfu.ErrStale
	}
	return sfu.ErrMalformed
}

func (p *recordedPeer) Gate(src rooms.Source, open bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.gates[src] = open
}

func (p *recordedPeer) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed {
		p.closed = true
		close(p.done)
	}
}

// peer is the participant's latest.
func (m *recordedMedia) peer(t *testing.T, participant string) *recordedPeer {
	t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	all := m.peers[participant]
	if len(all) == 0 {
		t.Fatalf("%s has no media", participant)
	}
	return all[len(all)-1]
}

func (p *recordedPeer) open(src rooms.Source) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.gates[src] && !p.closed
}

func (p *recordedPeer) isClosed() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.closed
}
