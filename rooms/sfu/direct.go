package sfu

import (
	"encoding/binary"

	"lyceum/rooms/sfu/packetcache"
	"lyceum/rooms/sfu/seal"
)

// direct writes one subscription's packets into the outbox, encrypted where
// the kernel reads them: no copy, lock or lookup on the way.
type direct struct {
	route   *route
	seal    *seal.Sealer
	ssrc    uint32
	levelID uint8 // zero: no level is sent
}

// maxOneByteID is the largest id of a one-byte header extension (RFC 8285
// section 4.2).
const maxOneByteID = 14

func newDirect(r *route, ssrc uint32, levelID uint8) *direct {
	if levelID > maxOneByteID {
		levelID = 0
	}
	return &direct{route: r, seal: r.key.Stream(ssrc), ssrc: ssrc, levelID: levelID}
}

// write queues one packet under index, its number with the rollover count.
// False means that there is no way to the subscriber.
func (d *direct) write(o *outbox, p *packetcache.Packet, pt uint8, index uint64, at uint32) bool {
	to := d.route.to.Load()
	if to == nil {
		return false
	}
	slot := o.batch.Slot()
	n := d.header(slot, p, pt, uint16(index), at)
	if n+len(p.Payload)+seal.Overhead > len(slot) {
		return false
	}
	o.batch.Add(d.seal.Seal(slot, n, p.Payload, index), to)
	return true
}

// header writes the RTP header (RFC 3550 section 5.1) and, for sound, its level
// (RFC 6464 section 3), and returns its size.
func (d *direct) header(b []byte, p *packetcache.Packet, pt uint8, seq uint16, at uint32) int {
	b[0], b[1] = 2<<6, pt
	if p.Marker {
		b[1] |= 0x80
	}
	binary.BigEndian.PutUint16(b[2:], seq)
	binary.BigEndian.PutUint32(b[4:], at)
	binary.BigEndian.PutUint32(b[8:], d.ssrc)
	if !p.HasLevel || d.levelID == 0 {
		return 12
	}
	b[0] |= 0x10
	binary.BigEndian.PutUint32(b[12:], 0xBEDE_0001) // one-byte form, one word
	b[16], b[17], b[18], b[19] = d.levelID<<4, p.Level, 0, 0
	return 20
}
