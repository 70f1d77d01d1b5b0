package client

import (
	"context"
	"fmt"
	"net"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/webrtc/v4"
)

// gatherWithin bounds the wait for our own addresses: a slow interface must not hold up the rest, and what
// was found by then is enough to connect.
const gatherWithin = 2 * time.Second

// newAPI prepares pion for one client: usual codecs, the usual interceptors (reports, NACK), no multicast
// names, and with loopback no address but 127.0.0.1.
func newAPI(loopback bool) (*webrtc.API, error) {
	codecs := &webrtc.MediaEngine{}
	if err := codecs.RegisterDefaultCodecs(); err != nil {
		return nil, fmt.Errorf("client: codecs: %w", err)
	}
	chain := &interceptor.Registry{}
	if err := webrtc.RegisterDefaultInterceptors(codecs, chain); err != nil {
		return nil, fmt.Errorf("client: interceptors: %w", err)
	}
	settings := webrtc.SettingEngine{}
	settings.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	if loopback {
		settings.SetIncludeLoopbackCandidate(true)
		settings.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
		settings.SetIPFilter(net.IP.IsLoopback)
	}
	return webrtc.NewAPI(webrtc.WithMediaEngine(codecs), webrtc.WithInterceptorRegistry(chain),
		webrtc.WithSettingEngine(settings)), nil
}

// describe sets local as the description of pc and returns its SDP with the candidates found so far.
func describe(ctx context.Context, pc *webrtc.PeerConnection, local webrtc.SessionDescription) (string, error) {
	gathered := webrtc.GatheringCompletePromise(pc)
	if err := pc.SetLocalDescription(local); err != nil {
		return "", fmt.Errorf("client: local description: %w", err)
	}
	limit := time.NewTimer(gatherWithin)
	defer limit.Stop()
	select {
	case <-gathered:
	case <-limit.C:
	case <-ctx.Done():
		return "", ctx.Err()
	}
	return pc.LocalDescription().SDP, nil
}

// drain reads a sender's RTCP, without which its interceptors hear no NACK.
func drain(sender *webrtc.RTPSender) {
	buf := make([]byte, 1500)
	for {
		if _, _, err := sender.Read(buf); err != nil {
			return
		}
	}
}
