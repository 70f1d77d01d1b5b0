package sfu

import (
	"math/bits"
	"time"

	"github.com/pion/rtcp"
)

// A subscriber may have at most resendMax packets again in each resendSpan.
// More than that is no repair but a load on everybody else.
const (
	resendMax  = 128
	resendSpan = 100 * time.Millisecond
)

// allowance counts retransmissions in fixed spans of time.
type allowance struct {
	since int64
	used  int
}

func (a *allowance) take(now int64) bool {
	if now-a.since >= int64(resendSpan) {
		a.since, a.used = now, 0
	}
	a.used++
	return a.used <= resendMax
}

// resend answers one NACK entry, up to 17 packets (RFC 4585 section 6.2.1).
// The mutex is taken for one entry, so that new packets pass in between, and
// the gate is looked at under it: once shut, nothing is sent again.
func (p *publication) resend(s *subscription, pair rtcp.NackPair) {
	now := time.Now().UnixNano()
	c := &p.room.count
	c.nacks.Add(uint64(1 + bits.OnesCount16(uint16(pair.LostPackets))))
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.open.Load() || !p.has(s) || s.fresh || s.stuck {
		return
	}
	sent, o := uint64(0), p.room.node.outbox()
	pair.Range(func(out uint16) bool {
		in, ok := s.line.Back(out)
		if !ok {
			return true
		}
		pkt, ok := p.cache.Get(in)
		if ok && s.allowance.take(now) {
			sent += uint64(s.put(pkt, now, o))
		}
		return true
	})
	c.throughPion.Add(uint64(o.throughPion))
	p.room.node.send(o)
	c.resent.Add(sent)
	c.packetsOut.Add(sent)
}

func (p *publication) has(s *subscription) bool {
	for _, have := range p.subs {
		if have == s {
			return true
		}
	}
	return false
}
