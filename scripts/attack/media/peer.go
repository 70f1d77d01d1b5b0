package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"regexp"
	"sync/atomic"

	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"lyceum/scripts/attack/house"
)

// wild is a track that sends whatever it is told: any SSRC, any payload type, any bytes.
type wild struct {
	kind   webrtc.RTPCodecType
	writer atomic.Pointer[webrtc.TrackLocalWriter]
	params atomic.Pointer[webrtc.RTPCodecParameters]
	ssrc   atomic.Uint32
	// seq and time are those of the newest packet; the one goroutine that attacks has them.
	seq  uint16
	time uint32
}

func (w *wild) Bind(c webrtc.TrackLocalContext) (webrtc.RTPCodecParameters, error) {
	for _, codec := range c.CodecParameters() {
		if codec.MimeType == webrtc.MimeTypeOpus || codec.MimeType == webrtc.MimeTypeVP8 {
			writer := c.WriteStream()
			w.params.Store(&codec)
			w.ssrc.Store(uint32(c.SSRC()))
			w.writer.Store(&writer)
			return codec, nil
		}
	}
	return webrtc.RTPCodecParameters{}, errors.New("media: no codec of ours")
}

func (w *wild) Unbind(webrtc.TrackLocalContext) error { return nil }
func (w *wild) ID() string                            { return w.kind.String() }
func (w *wild) RID() string                           { return "" }
func (w *wild) StreamID() string                      { return "wild" }
func (w *wild) Kind() webrtc.RTPCodecType             { return w.kind }

// write sends one packet as its header says.
func (w *wild) write(h *rtp.Header, payload []byte) error {
	_, err := (*w.writer.Load()).WriteRTP(h, payload)
	return err
}

// peer is a connection by WHIP or WHEP without any of pion's helpers on top.
type peer struct {
	pc        *webrtc.PeerConnection
	tracks    []*wild
	connected chan struct{} // closed once
	ended     chan struct{} // closed once
	packets   atomic.Int64  // received
	socket    net.PacketConn
	mux       *ice.UDPMuxDefault
}

// listening makes a peer that receives by WHEP; publishing one that sends by WHIP.
const (
	listening  = "/whep/"
	publishing = "/whip/"
)

// connect negotiates; edit may change our offer before it is sent.
func connect(ctx context.Context, h *house.House, kind, room, token string, edit func(string) string) (*peer, error) {
	p := &peer{connected: make(chan struct{}), ended: make(chan struct{})}
	if err := p.prepare(kind); err != nil {
		return nil, err
	}
	offer, err := p.pc.CreateOffer(nil)
	if err == nil {
		gathered := webrtc.GatheringCompletePromise(p.pc)
		err = p.pc.SetLocalDescription(offer)
		<-gathered
	}
	if err != nil {
		p.close()
		return nil, fmt.Errorf("media: offer: %w", err)
	}
	a, err := h.Do(ctx, "POST", kind+room, edit(p.pc.LocalDescription().SDP), map[string]string{"Authorization": "Bearer " + token, "Content-Type": "application/sdp"})
	if err == nil && a.Status != 201 {
		err = fmt.Errorf("media: %s: %d %s", kind, a.Status, a.Body)
	}
	if err == nil {
		err = p.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: a.Body})
	}
	if err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

// prepare makes the connection on a socket that we keep, to send anything else from it as well.
func (p *peer) prepare(kind string) error {
	media := &webrtc.MediaEngine{}
	if err := media.RegisterDefaultCodecs(); err != nil {
		return err
	}
	socket, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return err
	}
	p.socket = socket
	p.mux = ice.NewUDPMuxDefault(ice.UDPMuxParams{UDPConn: socket})
	settings := webrtc.SettingEngine{}
	settings.SetICEUDPMux(p.mux)
	settings.SetIncludeLoopbackCandidate(true)
	settings.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	settings.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
	settings.SetIPFilter(net.IP.IsLoopback)
	api := webrtc.NewAPI(webrtc.WithMediaEngine(media), webrtc.WithSettingEngine(settings), webrtc.WithInterceptorRegistry(&interceptor.Registry{}))
	if p.pc, err = api.NewPeerConnection(webrtc.Configuration{}); err != nil {
		return err
	}
	p.watch()
	for _, k := range []webrtc.RTPCodecType{webrtc.RTPCodecTypeAudio, webrtc.RTPCodecTypeVideo} {
		if kind == listening {
			_, err = p.pc.AddTransceiverFromKind(k, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly})
		} else {
			track := &wild{kind: k}
			p.tracks = append(p.tracks, track)
			_, err = p.pc.AddTransceiverFromTrack(track, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (p *peer) watch() {
	p.pc.OnConnectionStateChange(func(state webrtc.PeerConnectionState) {
		switch state {
		case webrtc.PeerConnectionStateConnected:
			close(p.connected)
		case webrtc.PeerConnectionStateFailed, webrtc.PeerConnectionStateClosed:
			select {
			case <-p.ended:
			default:
				close(p.ended)
			}
		}
	})
	p.pc.OnTrack(func(track *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		for {
			if _, _, err := track.ReadRTP(); err != nil {
				return
			}
			p.packets.Add(1)
		}
	})
}

func (p *peer) close() {
	if p.pc != nil {
		_ = p.pc.GracefulClose()
	}
	_ = p.mux.Close()
	_ = p.socket.Close()
}

var fingerprint = regexp.MustCompile(`a=fingerprint:sha-256 \S+`)

// wrongFingerprint changes the certificate that our offer announces.
func wrongFingerprint(sdp string) string {
	return fingerprint.ReplaceAllStringFunc(sdp, func(line string) string {
		if line[len(line)-1] == '0' {
			return line[:len(line)-1] + "1"
		}
		return line[:len(line)-1] + "0"
	})
}

func unchanged(sdp string) string { return sdp }
