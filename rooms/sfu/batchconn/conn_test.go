package batchconn_test

import (
	"bytes"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/pion/ice/v4"

	"lyceum/rooms/sfu/batchconn"
)

var _ ice.AddrPortReaderWriter = (*batchconn.Conn)(nil)

const deadline = 5 * time.Second

func mustListen(t testing.TB, network, addr string) *batchconn.Conn {
	t.Helper()
	c, err := batchconn.Listen(network, netip.MustParseAddrPort(addr))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func mustReceiver(t testing.TB) (*net.UDPConn, netip.AddrPort) {
	t.Helper()
	r, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	_ = r.SetReadBuffer(1 << 20)
	_ = r.SetReadDeadline(time.Now().Add(deadline))
	return r, r.LocalAddr().(*net.UDPAddr).AddrPort()
}

func rtpPacket(n byte) []byte { return append([]byte{0x80, 96, 0, n}, make([]byte, 20)...) }

// Every packet of a batch arrives, whole and in order, from either family of socket.
func TestFlushSendsTheWholeBatch(t *testing.T) {
	for _, c := range []struct{ name, network, addr string }{
		{"an IPv4 socket", "udp4", "127.0.0.1:0"},
		{"a socket for both families", "udp", "[::]:0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			conn := mustListen(t, c.network, c.addr)
			r, to := mustReceiver(t)
			const count = 150 // more than the ring holds
			for i := range count {
				if _, err := conn.WriteToAddrPort(rtpPacket(byte(i)), to); err != nil {
					t.Fatal(err)
				}
			}
			conn.Flush()
			buf := make([]byte, 2000)
			for i := range count {
				n, err := r.Read(buf)
				if err != nil {
					t.Fatalf("packet %d: %v", i, err)
				}
				if !bytes.Equal(buf[:n], rtpPacket(byte(i))) {
					t.Fatalf("packet %d is %x", i, buf[:n])
				}
			}
			if conn.Lost() != 0 {
				t.Fatalf("%d packets counted as lost", conn.Lost())
			}
		})
	}
}

// RTCP, STUN and DTLS do not wait for a flush.
func TestOnlyRTPWaits(t *testing.T) {
	conn := mustListen(t, "udp4", "127.0.0.1:0")
	r, to := mustReceiver(t)
	rtcp := append([]byte{0x80, 200}, make([]byte, 20)...)
	if _, err := conn.WriteToAddrPort(rtcp, to); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 100)
	if n, err := r.Read(buf); err != nil || !bytes.Equal(buf[:n], rtcp) {
		t.Fatalf("got %x, %v", buf[:n], err)
	}
}

// One destination that cannot be reached costs the others nothing.
func TestABadDestinationIsSkipped(t *testing.T) {
	conn := mustListen(t, "udp4", "127.0.0.1:0")
	r, to := mustReceiver(t)
	nowhere := netip.MustParseAddrPort("127.0.0.1:0")
	_, _ = conn.WriteToAddrPort(rtpPacket(1), nowhere)
	if _, err := conn.WriteToAddrPort(rtpPacket(2), to); err != nil {
		t.Fatal(err)
	}
	conn.Flush()
	buf := make([]byte, 100)
	if n, err := r.Read(buf); err != nil || buf[3] != 2 {
		t.Fatalf("got %x, %v", buf[:n], err)
	}
}

func TestFlushAfterCloseReturns(t *testing.T) {
	conn := mustListen(t, "udp4", "127.0.0.1:0")
	_, to := mustReceiver(t)
	_, _ = conn.WriteToAddrPort(rtpPacket(1), to)
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	conn.Flush()
}

func BenchmarkWriteAndFlush(b *testing.B) {
	conn := mustListen(b, "udp4", "127.0.0.1:0")
	_, to := mustReceiver(b)
	p := append(rtpPacket(1), make([]byte, 1000)...)
	b.ReportAllocs()
	for b.Loop() {
		for range 32 {
			if _, err := conn.WriteToAddrPort(p, to); err != nil {
				b.Fatal(err)
			}
		}
		conn.Flush()
	}
}
