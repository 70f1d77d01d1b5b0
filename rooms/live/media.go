package live

import (
	"lyceum/rooms"
	"lyceum/rooms/sfu"
)

// media is the media plane as live needs it. The real one is *sfu.Node; the tests
// have one that records, because "which gate was shut when" must be exact there.
type media interface {
	Room(name string) mediaRoom
}

type mediaRoom interface {
	Join(participant string, s sfu.Signal) peer
	AcceptPublisher(participant, offer string) (peer, string, error)
	AcceptSubscriber(participant, offer string) (peer, string, error)
	Close()
}

type peer interface {
	Publish(rooms.Source) error
	Unpublish(rooms.Source)
	Answer(side sfu.Side, number int, sdp string) error
	Candidate(side sfu.Side, candidate, mid string) error
	Gate(src rooms.Source, open bool)
	Close()
	Done() <-chan struct{} // closed with the peer
}

type nodeMedia struct{ node *sfu.Node }

func (n nodeMedia) Room(name string) mediaRoom { return nodeRoom{n.node.Room(name)} }

type nodeRoom struct{ *sfu.Room }

func (r nodeRoom) Join(participant string, s sfu.Signal) peer { return r.Room.Join(participant, s) }

func (r nodeRoom) AcceptPublisher(participant, offer string) (peer, string, error) {
	p, answer, err := r.Room.AcceptPublisher(participant, offer)
	if err != nil {
		return nil, "", err
	}
	return p, answer, nil
}

func (r nodeRoom) AcceptSubscriber(participant, offer string) (peer, string, error) {
	p, answer, err := r.Room.AcceptSubscriber(participant, offer)
	if err != nil {
		return nil, "", err
	}
	return p, answer, nil
}
