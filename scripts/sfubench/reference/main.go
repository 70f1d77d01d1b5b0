// Command reference is the fan-out that Lyceum's media plane is measured
// against: one stream, WHIP in, WHEP out, everything left to pion, nothing
// that a product needs. As it is by default it is the measure 1.0: pion's
// default interceptors and a socket for each peer. With -best it is the
// fastest that pion's public send path allows: no interceptors and one
// sendmmsg for each incoming packet. Loopback only.
package main

import (
	"flag"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"sync"

	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"

	"lyceum/rooms/sfu/batchconn"
)

// server is the one stream and how its peers are made.
type server struct {
	api  *webrtc.API
	conn *batchconn.Conn // nil with a socket a peer

	mu   sync.Mutex
	out  *webrtc.TrackLocalStaticRTP
	from *webrtc.PeerConnection
	ssrc uint32
}

func main() {
	addr := flag.String("http", "127.0.0.1:8090", "address of WHIP and WHEP")
	best := flag.Bool("best", false, "no interceptors, one socket, one sendmmsg a packet")
	flag.Parse()
	s, err := newServer(*best)
	if err != nil {
		log.Fatal(err)
	}
	http.HandleFunc("POST /whip", s.publish)
	http.HandleFunc("POST /whep", s.play)
	log.Fatal(http.ListenAndServe(*addr, nil))
}

func newServer(best bool) (*server, error) {
	m, chain := &webrtc.MediaEngine{}, &interceptor.Registry{}
	if err := m.RegisterDefaultCodecs(); err != nil {
		return nil, err
	}
	s, settings := &server{}, webrtc.SettingEngine{}
	settings.SetIncludeLoopbackCandidate(true)
	settings.SetIPFilter(net.IP.IsLoopback)
	settings.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
	settings.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	settings.SetLite(true)
	if best {
		conn, err := batchconn.Listen("udp4", netip.MustParseAddrPort("127.0.0.1:0"))
		if err != nil {
			return nil, err
		}
		s.conn = conn
		settings.SetICEUDPMux(ice.NewUDPMuxDefault(ice.UDPMuxParams{UDPConn: conn}))
	} else if err := webrtc.RegisterDefaultInterceptors(m, chain); err != nil {
		return nil, err
	}
	s.api = webrtc.NewAPI(webrtc.WithMediaEngine(m), webrtc.WithInterceptorRegistry(chain), webrtc.WithSettingEngine(settings))
	return s, nil
}

func (s *server) publish(w http.ResponseWriter, r *http.Request) {
	pc, err := s.api.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	pc.OnTrack(func(t *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		out, err := webrtc.NewTrackLocalStaticRTP(t.Codec().RTPCodecCapability, "media", "reference")
		if err != nil {
			return
		}
		s.mu.Lock()
		s.out, s.from, s.ssrc = out, pc, uint32(t.SSRC())
		s.mu.Unlock()
		buf := make([]byte, 1500)
		for {
			n, _, err := t.Read(buf)
			if err != nil {
				return
			}
			_, _ = out.Write(buf[:n])
			if s.conn != nil {
				s.conn.Flush()
			}
		}
	})
	answer(w, r, pc)
}

func (s *server) play(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	out, from, ssrc := s.out, s.from, s.ssrc
	s.mu.Unlock()
	if out == nil {
		http.Error(w, "nothing is published", http.StatusConflict)
		return
	}
	pc, err := s.api.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	sender, err := pc.AddTrack(out)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	go func() {
		for {
			pkts, _, err := sender.ReadRTCP()
			if err != nil {
				return
			}
			for _, p := range pkts {
				if _, ok := p.(*rtcp.PictureLossIndication); ok {
					_ = from.WriteRTCP([]rtcp.Packet{&rtcp.PictureLossIndication{MediaSSRC: ssrc}})
				}
			}
		}
	}()
	answer(w, r, pc)
}

func answer(w http.ResponseWriter, r *http.Request, pc *webrtc.PeerConnection) {
	offer, err := io.ReadAll(r.Body)
	if err == nil {
		err = pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: string(offer)})
	}
	var d webrtc.SessionDescription
	if err == nil {
		d, err = pc.CreateAnswer(nil)
	}
	gathered := webrtc.GatheringCompletePromise(pc)
	if err == nil {
		err = pc.SetLocalDescription(d)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	<-gathered
	w.Header().Set("Content-Type", "application/sdp")
	w.WriteHeader(http.StatusCreated)
	_, _ = io.WriteString(w, pc.LocalDescription().SDP)
}
