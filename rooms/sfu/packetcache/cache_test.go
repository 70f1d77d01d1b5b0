package packetcache_test

import (
	"testing"

	"lyceum/rooms/sfu/packetcache"
)

func put(c *packetcache.Cache, seq uint64, payload string) bool {
	_, ok := c.Put(packetcache.Packet{Seq: seq, Payload: []byte(payload)})
	return ok
}

func payloadOf(c *packetcache.Cache, seq uint64) string {
	p, ok := c.Get(seq)
	if !ok {
		return "(none)"
	}
	return string(p.Payload)
}

// A number is filled once, kept until the ring comes round, and then gone.
func TestCache(t *testing.T) {
	cases := []struct {
		name string
		do   func(*packetcache.Cache)
		seq  uint64
		want string
	}{
		{"a packet comes back as it went in", func(c *packetcache.Cache) { put(c, 5, "five") }, 5, "five"},
		{"a number never filled has nothing", func(c *packetcache.Cache) { put(c, 5, "five") }, 4, "(none)"},
		{"a second packet under the same number is refused", func(c *packetcache.Cache) { put(c, 5, "five"); put(c, 5, "other") }, 5, "five"},
		{"a late packet fills its gap", func(c *packetcache.Cache) { put(c, 4, "a"); put(c, 6, "c"); put(c, 5, "b") }, 5, "b"},
		{"the ring's oldest makes room for the newest", func(c *packetcache.Cache) { put(c, 1, "a"); put(c, 9, "i") }, 1, "(none)"},
		{"a packet older than the ring is refused", func(c *packetcache.Cache) { put(c, 20, "t"); put(c, 12, "l") }, 12, "(none)"},
		{"the oldest still reached is kept", func(c *packetcache.Cache) { put(c, 20, "t"); put(c, 13, "m") }, 13, "m"},
		{"a payload larger than its place is kept whole", func(c *packetcache.Cache) { put(c, 3, "longer than four") }, 3, "longer than four"},
		{"nothing is left after clear", func(c *packetcache.Cache) { put(c, 3, "c"); c.Clear() }, 3, "(none)"},
		{"number zero is never a packet", func(c *packetcache.Cache) { put(c, 0, "zero") }, 0, "(none)"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			cache := packetcache.New(8, 4)
			c.do(cache)
			if got := payloadOf(cache, c.seq); got != c.want {
				t.Fatalf("got %q, want %q", got, c.want)
			}
		})
	}
}

func BenchmarkPut(b *testing.B) {
	c := packetcache.New(512, 1200)
	p := packetcache.Packet{Payload: make([]byte, 1100)}
	b.ReportAllocs()
	for b.Loop() {
		p.Seq++
		if _, ok := c.Put(p); !ok {
			b.Fatal("refused")
		}
	}
}
