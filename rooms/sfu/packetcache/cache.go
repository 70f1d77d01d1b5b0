// Package packetcache keeps the newest packets of one publication.
//
// It is the only copy of a packet that is not on its way to somebody: fan-out
// reads from it and retransmissions are answered from it, for every subscriber
// of the publication alike. It is a ring indexed by sequence number, it copies
// in and it hands out pointers that stay good until the ring comes round. It
// also decides what is a duplicate: a number is filled once and never again,
// because a second packet under the same number would be encrypted with the
// same nonce (RFC 7714 section 8.1). It has no lock; its user holds one.
package packetcache

// Packet is one packet in the publication's own numbering.
type Packet struct {
	// Seq counts from 1 and never wraps. Zero marks an empty place.
	Seq       uint64
	Timestamp uint32
	Marker    bool
	// Codec is an index into the table of codecs the forwarder keeps.
	Codec uint8
	// Key says that the packet begins a picture that needs none before it.
	Key bool
	// Level is the audio level byte, if HasLevel.
	Level    uint8
	HasLevel bool
	Payload  []byte
}

// Cache is a ring of packets.
type Cache struct {
	places []Packet
	newest uint64
}

// New makes room for count packets with payloads of about size bytes. Larger
// payloads make their place grow once.
func New(count, size int) *Cache {
	c := &Cache{places: make([]Packet, count)}
	slab := make([]byte, count*size)
	for i := range c.places {
		c.places[i].Payload = slab[i*size : i*size : (i+1)*size]
	}
	return c
}

// Put copies p in. It refuses a number that is filled already or older than
// the ring reaches back. The returned packet belongs to the cache.
func (c *Cache) Put(p Packet) (*Packet, bool) {
	if p.Seq == 0 || p.Seq+uint64(len(c.places)) <= c.newest {
		return nil, false
	}
	place := &c.places[p.Seq%uint64(len(c.places))]
	if place.Seq >= p.Seq {
		return nil, false
	}
	payload := append(place.Payload[:0], p.Payload...)
	*place = p
	place.Payload = payload
	c.newest = max(c.newest, p.Seq)
	return place, true
}

// Get returns the packet with number seq while it is there.
func (c *Cache) Get(seq uint64) (*Packet, bool) {
	place := &c.places[seq%uint64(len(c.places))]
	if seq == 0 || place.Seq != seq {
		return nil, false
	}
	return place, true
}

// Clear forgets every packet: none can be retransmitted afterwards.
func (c *Cache) Clear() {
	for i := range c.places {
		c.places[i] = Packet{Payload: c.places[i].Payload[:0]}
	}
}
