package batchconn

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync/atomic"
	"syscall"
)

// maxPacket is the largest packet that is queued, in bytes; larger ones are
// written directly.
const maxPacket = 1500

// SlotSize is the room a batch has for one packet, in bytes: what may come in
// (1500), a header extension and an authentication tag.
const SlotSize = 1536

// kernelBuffer is asked for in both directions, in bytes: a burst to some
// hundred subscribers fits in without loss.
const kernelBuffer = 4 << 20

// Conn is a UDP socket with a send ring. It implements net.PacketConn and
// ice.AddrPortReaderWriter, so that no address is allocated per packet.
type Conn struct {
	*net.UDPConn
	lost atomic.Uint64
	ring ring
	// unsegmented is set once the kernel has refused to cut messages up.
	unsegmented atomic.Bool
}

// Listen opens the socket. network is "udp", "udp4" or "udp6".
func Listen(network string, addr netip.AddrPort) (*Conn, error) {
	udp, err := net.ListenUDP(network, net.UDPAddrFromAddrPort(addr))
	if err != nil {
		return nil, fmt.Errorf("batchconn: listen %s: %w", addr, err)
	}
	// The kernel may grant less than is asked for; less still works.
	_ = udp.SetReadBuffer(kernelBuffer)
	_ = udp.SetWriteBuffer(kernelBuffer)
	c := &Conn{UDPConn: udp}
	if err := c.ring.init(c); err != nil {
		_ = udp.Close()
		return nil, fmt.Errorf("batchconn: prepare %s: %w", addr, err)
	}
	return c, nil
}

// Lost returns how many queued packets the kernel did not take.
func (c *Conn) Lost() uint64 { return c.lost.Load() }

// ReadFromAddrPort reads one packet. Errors that only say that an earlier
// packet could not be delivered are passed over: they must not end the mux.
func (c *Conn) ReadFromAddrPort(b []byte) (int, netip.AddrPort, error) {
	for {
		n, from, err := c.ReadFromUDPAddrPort(b)
		if err == nil || !errors.Is(err, syscall.ECONNREFUSED) && !errors.Is(err, syscall.ECONNRESET) {
			return n, from, err
		}
	}
}

// WriteTo is the net.PacketConn form of WriteToAddrPort.
func (c *Conn) WriteTo(b []byte, to net.Addr) (int, error) {
	if u, ok := to.(*net.UDPAddr); ok {
		return c.WriteToAddrPort(b, u.AddrPort())
	}
	return c.UDPConn.WriteTo(b, to)
}

// isRTP tells RTP from STUN, DTLS and RTCP by its first two bytes (RFC 7983
// section 7, RFC 5761 section 4).
func isRTP(b []byte) bool {
	return len(b) >= 12 && len(b) <= maxPacket && b[0]>>6 == 2 && (b[1] < 192 || b[1] > 223)
}
