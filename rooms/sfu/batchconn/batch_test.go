package batchconn_test

import (
	"net"
	"net/netip"
	"testing"

	"lyceum/rooms/sfu/batchconn"
)

// queue puts one packet of that size, named by its second byte, into b.
func queue(b *batchconn.Batch, to *batchconn.Address, name byte, size int) {
	slot := b.Slot()
	slot[0], slot[1] = 0x80, name
	b.Add(size, to)
}

// Each packet arrives on its own and in order, however many were joined, and
// with sizes that can be joined and such that cannot.
func TestABatchArrivesPacketByPacket(t *testing.T) {
	sizes := []int{1128, 1128, 1128, 400, 900, 900, 901, 60, 60, 60}
	for _, c := range []struct{ name, network, addr string }{
		{"an IPv4 socket", "udp4", "127.0.0.1:0"},
		{"a socket for both families", "udp", "[::]:0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			conn := mustListen(t, c.network, c.addr)
			b := conn.NewBatch()
			var to []*batchconn.Address
			var sockets []*net.UDPConn
			for range 20 { // more packets than a batch holds
				r, at := mustReceiver(t)
				to, sockets = append(to, conn.Address(at)), append(sockets, r)
			}
			for i := range to {
				for n, size := range sizes {
					queue(b, to[i], byte(n), size)
				}
			}
			b.Flush()
			b.Flush() // nothing is sent twice
			buf := make([]byte, 2000)
			for i, r := range sockets {
				for n, size := range sizes {
					got, err := r.Read(buf)
					if err != nil {
						t.Fatalf("receiver %d, packet %d: %v", i, n, err)
					}
					if got != size || buf[1] != byte(n) {
						t.Fatalf("receiver %d, packet %d: got packet %d of %d bytes, want %d bytes", i, n, buf[1], got, size)
					}
				}
			}
			if n := conn.Lost(); n != 0 {
				t.Fatalf("%d packets were lost", n)
			}
		})
	}
}

// A receiver that cannot be reached loses its own packets and nobody else's.
func TestAnUnreachableReceiverLosesOnlyItsOwn(t *testing.T) {
	conn := mustListen(t, "udp4", "127.0.0.1:0")
	b := conn.NewBatch()
	r, at := mustReceiver(t)
	here, nowhere := conn.Address(at), conn.Address(netip.MustParseAddrPort("[2001:db8::1]:9"))
	for n := range byte(4) {
		queue(b, nowhere, n, 500)
		queue(b, nowhere, n, 500)
		queue(b, here, n, 500)
	}
	b.Flush()
	buf := make([]byte, 2000)
	for n := range byte(4) {
		if _, err := r.Read(buf); err != nil || buf[1] != n {
			t.Fatalf("packet %d: got %d, %v", n, buf[1], err)
		}
	}
	if n := conn.Lost(); n != 8 {
		t.Fatalf("%d packets were lost, want 8", n)
	}
}

// A closed socket loses what is sent and does no harm.
func TestAClosedSocketLosesTheBatch(t *testing.T) {
	conn := mustListen(t, "udp4", "127.0.0.1:0")
	b := conn.NewBatch()
	_, at := mustReceiver(t)
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	queue(b, conn.Address(at), 1, 100)
	b.Flush()
	if n := conn.Lost(); n != 1 {
		t.Fatalf("%d packets were lost, want 1", n)
	}
}
