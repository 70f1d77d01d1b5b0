package sfu

import (
	"fmt"
	"net"
	"net/netip"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/dtls/v3/pkg/crypto/elliptic"
	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/webrtc/v4"
)

// How long a silent peer is kept. A participant whose network is gone for 20 s
// comes back without a new connection.
const (
	iceDisconnected = 5 * time.Second
	iceFailed       = 25 * time.Second
	iceKeepalive    = 2 * time.Second
)

// settings are the same for every peer connection.
func (n *Node) settings(announce []string) (webrtc.SettingEngine, error) {
	s := webrtc.SettingEngine{LoggerFactory: quiet()}
	s.SetICEUDPMux(n.udp)
	s.SetICETCPMux(n.tcp)
	s.DisableActiveTCP(true)
	s.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	s.SetNetworkTypes(networkTypes(n.addr.Addr()))
	if ip := n.addr.Addr(); !ip.IsUnspecified() {
		s.SetIncludeLoopbackCandidate(ip.IsLoopback())
		own := net.IP(ip.AsSlice())
		s.SetIPFilter(func(ip net.IP) bool { return ip.Equal(own) })
	}
	s.SetICETimeouts(iceDisconnected, iceFailed, iceKeepalive)
	// Browsers hide their addresses behind mDNS names that are not resolved
	// here, so their first check arrives from an unknown address. Pion would
	// wait a second for something better.
	s.SetPrflxAcceptanceMinWait(0)
	s.SetSrflxAcceptanceMinWait(0)
	s.SetRelayAcceptanceMinWait(500 * time.Millisecond)
	s.SetSRTPProtectionProfiles(dtls.SRTP_AEAD_AES_128_GCM, dtls.SRTP_AEAD_AES_256_GCM, dtls.SRTP_AES128_CM_HMAC_SHA1_80)
	s.SetDTLSEllipticCurves(elliptic.X25519, elliptic.P256, elliptic.P384)
	// ICE has proved already that the peer answers at its address.
	s.SetDTLSInsecureSkipHelloVerify(true)
	s.SetDTLSRetransmissionInterval(250 * time.Millisecond)
	s.SetReceiveMTU(receiveMTU)
	// WHIP and WHEP clients start the handshake (RFC 9725 section 4.4.1).
	if err := s.SetAnsweringDTLSRole(webrtc.DTLSRoleServer); err != nil {
		return s, fmt.Errorf("sfu: set dtls role: %w", err)
	}
	if len(announce) == 0 {
		return s, nil
	}
	for _, a := range announce {
		if _, err := netip.ParseAddr(a); err != nil {
			return s, fmt.Errorf("sfu: announce %q is not an ip address: %w", a, err)
		}
	}
	err := s.SetICEAddressRewriteRules(webrtc.ICEAddressRewriteRule{
		External: announce, AsCandidateType: webrtc.ICECandidateTypeHost, Mode: webrtc.ICEAddressRewriteAppend,
	})
	if err != nil {
		return s, fmt.Errorf("sfu: announce %v: %w", announce, err)
	}
	return s, nil
}

// networkTypes are those the port can be reached over.
func networkTypes(ip netip.Addr) []webrtc.NetworkType {
	four := []webrtc.NetworkType{webrtc.NetworkTypeUDP4, webrtc.NetworkTypeTCP4}
	six := []webrtc.NetworkType{webrtc.NetworkTypeUDP6, webrtc.NetworkTypeTCP6}
	switch {
	case ip.Is4():
		return four
	case ip.IsUnspecified():
		return append(four, six...)
	}
	return six
}

// noInterceptors is pion's default turned off: without a registry of its own
// an API gets one with everything in it.
func noInterceptors() *interceptor.Registry { return &interceptor.Registry{} }
