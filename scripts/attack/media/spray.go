package main

import (
	"context"
	"encoding/hex"
	"math/rand/v2"
	"net"
	"sync/atomic"
	"time"
)

// hello is the start of a DTLS 1.2 ClientHello (RFC 6347, section 4.2.1): record, handshake, version and random.
const hello = "16feff0000000000000000007a0100006e000000000000006efefd" +
	"00000000000000000000000000000000000000000000000000000000000000000000000400ffc02b01000040"

// spray is a stranger who throws ClientHellos, STUN requests and junk at the media port from changing addresses
// until ctx ends, about 4000 packets a second; it answers how many.
func spray(ctx context.Context, server net.Addr) (sent int64) {
	opening, _ := hex.DecodeString(hello)
	random := rand.New(rand.NewPCG(5, 11)) //nolint:gosec // repeatable junk
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	var count atomic.Int64
	for {
		select {
		case <-ctx.Done():
			return count.Load()
		case <-tick.C:
		}
		socket, err := net.Dial("udp4", server.String())
		if err != nil {
			continue
		}
		for range 20 {
			packet := junk(random, 600)
			switch random.IntN(3) {
			case 0:
				packet = append(append([]byte{}, opening...), packet...)
			case 1:
				packet = stun(random, packet)
			}
			if _, err := socket.Write(packet); err == nil {
				count.Add(1)
			}
		}
		_ = socket.Close()
	}
}

// stun is a binding request (RFC 8489, section 5) with a made-up user name and the given junk for attributes.
func stun(random *rand.Rand, rest []byte) []byte {
	name := []byte("nobody:knows")
	attribute := append([]byte{0, 6, 0, byte(len(name))}, name...)
	rest = rest[:len(rest)&^3]
	length := len(attribute) + len(rest)
	head := []byte{0, 1, byte(length >> 8), byte(length), 0x21, 0x12, 0xa4, 0x42}
	for range 12 {
		head = append(head, byte(random.Uint32()))
	}
	return append(append(head, attribute...), rest...)
}
