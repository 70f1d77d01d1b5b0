package sfu

import (
	"net/netip"
	"sync/atomic"

	"github.com/pion/webrtc/v4"

	"lyceum/rooms/sfu/batchconn"
	"lyceum/rooms/sfu/seal"
)

// route is how packets get to one subscriber past pion: encrypted here, under
// the connection's own key, to the address that ICE has chosen. ICE, DTLS and
// RTCP stay with pion.
//
// Whether a connection is written to this way is decided once, when it comes
// up: over UDP and with a key. It never changes back, since pion's encryption
// and ours count rollovers apart, and a number that both used for different
// packets would be a nonce used twice.
type route struct {
	conn *batchconn.Conn
	keys keying
	key  *seal.Key // nil: through pion
	// to is nil while ICE has no pair over UDP.
	to atomic.Pointer[batchconn.Address]
}

// follow keeps to up to date with the pair that ICE uses.
func (r *route) follow(pc *webrtc.PeerConnection) {
	pc.SCTP().Transport().ICETransport().OnSelectedCandidatePairChange(r.choose)
}

func (r *route) choose(pair *webrtc.ICECandidatePair) { r.to.Store(r.address(pair)) }

func (r *route) address(pair *webrtc.ICECandidatePair) *batchconn.Address {
	if pair == nil || pair.Local == nil || pair.Remote == nil ||
		pair.Local.Protocol != webrtc.ICEProtocolUDP || pair.Local.Typ == webrtc.ICECandidateTypeRelay {
		return nil
	}
	ip, err := netip.ParseAddr(pair.Remote.Address)
	if err != nil || ip.Zone() != "" {
		return nil
	}
	return r.conn.Address(netip.AddrPortFrom(ip, pair.Remote.Port))
}

// settle decides how the connection is written to, now that it is up.
func (r *route) settle(pc *webrtc.PeerConnection) {
	key := r.keys.key()
	if r.to.Load() == nil {
		if pair, err := pc.SCTP().Transport().ICETransport().GetSelectedCandidatePair(); err == nil {
			r.to.CompareAndSwap(nil, r.address(pair))
		}
	}
	if r.to.Load() != nil {
		r.key = key
	}
}

// outbox is what a fan-out writes to: a batch of its own, and how many packets
// went through pion and wait in the socket's ring.
type outbox struct {
	batch       *batchconn.Batch
	throughPion int
}

// shelf is where outboxes lie that nobody uses: few publications fan out at the
// same time, so all of the node share them, without a lock. When it is empty
// another is made; when it is full one is let go.
type shelf [16]atomic.Pointer[outbox]

// outbox lends one out.
func (n *Node) outbox() *outbox {
	for i := range n.outboxes {
		if o := n.outboxes[i].Swap(nil); o != nil {
			return o
		}
	}
	return &outbox{batch: n.conn.NewBatch()}
}

// send flushes an outbox and takes it back.
func (n *Node) send(o *outbox) {
	o.batch.Flush()
	if o.throughPion > 0 {
		n.conn.Flush()
		o.throughPion = 0
	}
	for i := range n.outboxes {
		if n.outboxes[i].CompareAndSwap(nil, o) {
			return
		}
	}
}
