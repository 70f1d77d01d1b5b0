package sfu_test

import (
	"fmt"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/interceptor/pkg/nack"
	"github.com/pion/logging"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"lyceum/rooms"
	"lyceum/rooms/sfu"
)

// limit bounds every wait of these tests.
const limit = 20 * time.Second

func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	end := time.After(limit)
	for !ok() {
		select {
		case <-tick.C:
		case <-end:
			t.Fatalf("waited %s in vain: %s", limit, what)
		}
	}
}

func mustOpen(t testing.TB) *sfu.Node {
	t.Helper()
	n, err := sfu.Open(sfu.Config{Addr: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	})
	return n
}

// key names what a receiver gets.
type key struct {
	participant string
	source      rooms.Source
}

// packetSeen is one packet as it arrived.
type packetSeen struct {
	rtp.Header
	number uint64 // what pump wrote into the payload
	at     time.Time
}

// clientOptions vary how a client behaves.
type clientOptions struct {
	nack bool // ask for lost packets
	tcp  bool // ICE over TCP only
	// wrap replaces the socket of the subscribe side.
	wrap func(*net.UDPConn) net.PacketConn
	// edit changes answers before they are sent.
	edit func(side sfu.Side, sdp string) string
	// track replaces the sending track.
	track func(rooms.Source) webrtc.TrackLocal
}

// client is a participant made of two pion peer connections.
type client struct {
	t       testing.TB
	name    string
	peer    *sfu.Peer
	options clientOptions
	offers  chan sfu.Offer // as many as any test makes; full fails the test
	stop    chan struct{}
	done    sync.WaitGroup

	mu       sync.Mutex
	pcs      map[sfu.Side]*webrtc.PeerConnection
	muxes    []ice.UDPMux
	byMid    map[string]key
	sending  map[rooms.Source]webrtc.TrackLocal
	seen     map[key][]packetSeen
	reports  map[key]*rtcp.SenderReport
	answered int
	failed   int
	newest   sfu.Offer
	asked    int // keyframe requests that came to the publisher
}

func newClient(t testing.TB, name string, o clientOptions) *client {
	return &client{
		t: t, name: name, options: o, offers: make(chan sfu.Offer, 1024), stop: make(chan struct{}),
		pcs: map[sfu.Side]*webrtc.PeerConnection{}, byMid: map[string]key{},
		sending: map[rooms.Source]webrtc.TrackLocal{}, seen: map[key][]packetSeen{},
		reports: map[key]*rtcp.SenderReport{},
	}
}

// join enters a room; everything ends with the test.
func join(t testing.TB, r *sfu.Room, name string, o clientOptions) *client {
	t.Helper()
	c := newClient(t, name, o)
	c.peer = r.Join(name, c)
	c.done.Go(func() {
		for {
			select {
			case <-c.stop:
				return
			case o := <-c.offers:
				c.answer(o)
			}
		}
	})
	t.Cleanup(c.close)
	return c
}

func (c *client) Offer(o sfu.Offer) {
	select {
	case c.offers <- o:
	default:
		c.t.Error("too many offers")
	}
}

func (c *client) Failed(side sfu.Side) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.failed++
	if pc := c.pcs[side]; pc != nil {
		delete(c.pcs, side)
		c.done.Go(func() { _ = pc.GracefulClose() })
	}
}

func (c *client) close() {
	c.peer.Close()
	select {
	case <-c.stop:
		return
	default:
		close(c.stop)
	}
	c.mu.Lock()
	pcs, muxes := c.pcs, c.muxes
	c.pcs = map[sfu.Side]*webrtc.PeerConnection{}
	c.mu.Unlock()
	for _, pc := range pcs {
		_ = pc.GracefulClose()
	}
	c.done.Wait()
	for _, m := range muxes {
		_ = m.Close()
	}
}

func (c *client) answer(o sfu.Offer) {
	pc := c.connection(o.Side)
	if pc == nil {
		return
	}
	c.mu.Lock()
	c.newest = o
	if o.Side == sfu.SideSubscribe {
		c.byMid = map[string]key{}
		for _, tr := range o.Tracks {
			c.byMid[tr.Mid] = key{tr.Participant, tr.Source}
		}
	}
	c.mu.Unlock()
	if err := pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: o.SDP}); err != nil {
		c.complain(fmt.Errorf("offer %d of %s: %w", o.Number, o.Side, err))
		return
	}
	if o.Side == sfu.SidePublish {
		c.attach(pc, o)
	}
	sdp, err := describe(pc)
	if err != nil {
		c.complain(err)
		return
	}
	if c.options.edit != nil {
		sdp = c.options.edit(o.Side, sdp)
	}
	if err := c.peer.Answer(o.Side, o.Number, sdp); err != nil {
		c.complain(err)
		return
	}
	c.mu.Lock()
	c.answered++
	c.mu.Unlock()
}

// complain fails the test, unless the client is on its way out.
func (c *client) complain(err error) {
	select {
	case <-c.peer.Done():
	default:
		c.t.Errorf("%s: %v", c.name, err)
	}
}

func describe(pc *webrtc.PeerConnection) (string, error) {
	answer, err := pc.CreateAnswer(nil)
	if err != nil {
		return "", err
	}
	gathered := webrtc.GatheringCompletePromise(pc)
	if err := pc.SetLocalDescription(answer); err != nil {
		return "", err
	}
	<-gathered
	return pc.LocalDescription().SDP, nil
}

// attach gives every source that is asked for its track, in section order.
func (c *client) attach(pc *webrtc.PeerConnection, o sfu.Offer) {
	for _, tr := range o.Tracks {
		c.mu.Lock()
		_, have := c.sending[tr.Source]
		c.mu.Unlock()
		if have {
			continue
		}
		track := c.newTrack(tr.Source)
		sender, err := pc.AddTrack(track)
		if err != nil {
			c.complain(err)
			return
		}
		c.mu.Lock()
		c.sending[tr.Source] = track
		c.mu.Unlock()
		c.done.Go(func() { c.countRequests(sender) })
	}
}

func (c *client) countRequests(sender *webrtc.RTPSender) {
	for {
		pkts, _, err := sender.ReadRTCP()
		if err != nil {
			return
		}
		for _, p := range pkts {
			if _, ok := p.(*rtcp.PictureLossIndication); ok {
				c.mu.Lock()
				c.asked++
				c.mu.Unlock()
			}
		}
	}
}

func (c *client) newTrack(src rooms.Source) webrtc.TrackLocal {
	if c.options.track != nil {
		return c.options.track(src)
	}
	mime := webrtc.MimeTypeVP8
	if src == rooms.SourceMic {
		mime = webrtc.MimeTypeOpus
	}
	track, err := webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: mime}, string(src), c.name)
	if err != nil {
		c.t.Error(err)
	}
	return track
}

func (c *client) connection(side sfu.Side) *webrtc.PeerConnection {
	c.mu.Lock()
	defer c.mu.Unlock()
	select {
	case <-c.stop:
		return nil
	default:
	}
	if pc := c.pcs[side]; pc != nil {
		return pc
	}
	pc := c.newConnection(side)
	c.pcs[side] = pc
	if side == sfu.SidePublish {
		c.sending = map[rooms.Source]webrtc.TrackLocal{}
	}
	return pc
}

func (c *client) newConnection(side sfu.Side) *webrtc.PeerConnection {
	m, registry := &webrtc.MediaEngine{}, &interceptor.Registry{}
	if err := m.RegisterDefaultCodecs(); err != nil {
		c.t.Fatal(err)
	}
	for _, k := range []webrtc.RTPCodecType{webrtc.RTPCodecTypeAudio, webrtc.RTPCodecTypeVideo} {
		_ = m.RegisterHeaderExtension(webrtc.RTPHeaderExtensionCapability{URI: "urn:ietf:params:rtp-hdrext:sdes:mid"}, k)
	}
	_ = m.RegisterHeaderExtension(webrtc.RTPHeaderExtensionCapability{URI: "urn:ietf:params:rtp-hdrext:ssrc-audio-level"}, webrtc.RTPCodecTypeAudio)
	if c.options.nack {
		m.RegisterFeedback(webrtc.RTCPFeedback{Type: "nack"}, webrtc.RTPCodecTypeAudio)
		g, err := nack.NewGeneratorInterceptor()
		if err != nil {
			c.t.Fatal(err)
		}
		registry.Add(g)
	}
	silent := logging.NewDefaultLoggerFactory()
	silent.DefaultLogLevel = logging.LogLevelDisabled
	s := webrtc.SettingEngine{LoggerFactory: silent}
	s.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	s.SetIncludeLoopbackCandidate(true)
	s.SetIPFilter(func(ip net.IP) bool { return ip.IsLoopback() })
	s.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
	if c.options.tcp {
		s.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeTCP4})
	}
	if c.options.wrap != nil && side == sfu.SideSubscribe {
		u, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			c.t.Fatal(err)
		}
		mux := ice.NewUDPMuxDefault(ice.UDPMuxParams{UDPConn: c.options.wrap(u), Logger: silent.NewLogger("mux")})
		c.muxes = append(c.muxes, mux)
		s.SetICEUDPMux(mux)
	}
	pc, err := webrtc.NewAPI(webrtc.WithMediaEngine(m), webrtc.WithInterceptorRegistry(registry), webrtc.WithSettingEngine(s)).
		NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		c.t.Fatal(err)
	}
	pc.OnTrack(func(t *webrtc.TrackRemote, r *webrtc.RTPReceiver) { c.receive(t, r) })
	return pc
}
