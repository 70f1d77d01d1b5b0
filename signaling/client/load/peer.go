package load

import (
	"context"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/logging"
	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"
)

// reportEvery is the time between a receiver's reports.
const reportEvery = time.Second

// newConnection makes a cheap peer connection: one shared certificate, no
// interceptors, and for receivers a tap below ICE.
func (f *Fleet) newConnection(to *receiver) (*webrtc.PeerConnection, error) {
	codecs, err := newCodecs()
	if err != nil {
		return nil, fmt.Errorf("load: codecs: %w", err)
	}
	silent := logging.NewDefaultLoggerFactory()
	silent.DefaultLogLevel = logging.LogLevelDisabled
	s := webrtc.SettingEngine{LoggerFactory: silent}
	s.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	s.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
	var bind net.IP
	if f.loopback {
		bind = net.IPv4(127, 0, 0, 1)
		s.SetIncludeLoopbackCandidate(true)
		s.SetIPFilter(net.IP.IsLoopback)
	}
	var mux *ice.UDPMuxDefault
	if to != nil {
		t, err := newTap(to, bind)
		if err != nil {
			return nil, fmt.Errorf("load: open socket: %w", err)
		}
		mux = ice.NewUDPMuxDefault(ice.UDPMuxParams{UDPConn: t, Logger: silent.NewLogger("mux")})
		s.SetICEUDPMux(mux)
	}
	api := webrtc.NewAPI(webrtc.WithMediaEngine(codecs), webrtc.WithSettingEngine(s), webrtc.WithInterceptorRegistry(&interceptor.Registry{}))
	pc, err := api.NewPeerConnection(webrtc.Configuration{Certificates: f.certificates})
	if err != nil {
		if mux != nil {
			_ = mux.Close()
		}
		return nil, fmt.Errorf("load: make connection: %w", err)
	}
	if mux != nil {
		var once sync.Once
		pc.OnConnectionStateChange(func(st webrtc.PeerConnectionState) {
			if st == webrtc.PeerConnectionStateClosed {
				once.Do(func() { _ = mux.Close() })
			}
		})
		pc.OnTrack(func(t *webrtc.TrackRemote, _ *webrtc.RTPReceiver) { to.play(f.life, pc, t) })
	}
	return pc, nil
}

// newCodecs are Opus and VP8, with the feedback that browsers offer.
func newCodecs() (*webrtc.MediaEngine, error) {
	m := &webrtc.MediaEngine{}
	err := m.RegisterCodec(webrtc.RTPCodecParameters{PayloadType: 111, RTPCodecCapability: webrtc.RTPCodecCapability{
		MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2, SDPFmtpLine: "minptime=10;useinbandfec=1",
	}}, webrtc.RTPCodecTypeAudio)
	if err != nil {
		return nil, err
	}
	return m, m.RegisterCodec(webrtc.RTPCodecParameters{PayloadType: 96, RTPCodecCapability: webrtc.RTPCodecCapability{
		MimeType: webrtc.MimeTypeVP8, ClockRate: 90000,
		RTCPFeedback: []webrtc.RTCPFeedback{{Type: "nack"}, {Type: "nack", Parameter: "pli"}, {Type: "ccm", Parameter: "fir"}},
	}}, webrtc.RTPCodecTypeVideo)
}

// play asks for a keyframe, reports every second and checks what it is given
// until the track ends.
func (r *receiver) play(ctx context.Context, pc *webrtc.PeerConnection, t *webrtc.TrackRemote) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	if t.Kind() == webrtc.RTPCodecTypeVideo {
		_ = pc.WriteRTCP([]rtcp.Packet{&rtcp.PictureLossIndication{MediaSSRC: uint32(t.SSRC())}})
	}
	go func() {
		tick := time.NewTicker(reportEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			r.mu.Lock()
			seq := r.seq
			r.mu.Unlock()
			_ = pc.WriteRTCP([]rtcp.Packet{&rtcp.ReceiverReport{SSRC: 1, Reports: []rtcp.ReceptionReport{{
				SSRC: uint32(t.SSRC()), LastSequenceNumber: uint32(seq),
			}}}})
		}
	}()
	for {
		p, _, err := t.ReadRTP()
		if err != nil {
			return
		}
		r.decrypted(p.SSRC, p.SequenceNumber, p.Payload)
	}
}
