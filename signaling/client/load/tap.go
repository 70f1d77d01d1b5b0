package load

import (
	"net"
	"net/netip"
)

// tap is the socket under a receiver's ICE mux. STUN, DTLS and RTCP pass; RTP
// is counted and, but for a sample, goes no further.
type tap struct {
	*net.UDPConn
	to  *receiver
	oob [128]byte
}

func newTap(to *receiver, ip net.IP) (*tap, error) {
	c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: ip})
	if err != nil {
		return nil, err
	}
	_ = c.SetReadBuffer(1 << 20) // the kernel may grant less
	stampArrivals(c)
	return &tap{UDPConn: c, to: to}, nil
}

func (t *tap) ReadFrom(b []byte) (int, net.Addr, error) {
	for {
		n, oob, _, from, err := t.ReadMsgUDPAddrPort(b, t.oob[:])
		if err != nil {
			return n, nil, err
		}
		if isRTP(b[:n]) && !t.to.packet(b[:n], arrival(t.oob[:oob])) {
			continue
		}
		return n, net.UDPAddrFromAddrPort(netip.AddrPortFrom(from.Addr().Unmap(), from.Port())), nil
	}
}

// isRTP tells RTP from STUN, DTLS and RTCP (RFC 7983 section 7, RFC 5761
// section 4).
func isRTP(b []byte) bool {
	return len(b) >= 12 && b[0]>>6 == 2 && (b[1] < 192 || b[1] > 223)
}
