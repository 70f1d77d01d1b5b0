package sfu

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/logging"
	"github.com/pion/webrtc/v4"

	"lyceum/rooms/sfu/batchconn"
)

// Config is what a Node needs.
type Config struct {
	// Addr is host:port for both UDP and TCP. Without a host it means every
	// address of the machine; port 0 picks a free one.
	Addr string
	// Announce are IP addresses under which the port is reached from outside,
	// when they are not this machine's own.
	Announce []string
	Log      *slog.Logger
}

// Node is the media plane of one process: one port and the rooms behind it.
type Node struct {
	log                *slog.Logger
	addr               netip.AddrPort
	conn               *batchconn.Conn
	udp                *ice.UDPMuxDefault
	tcp                *ice.TCPMuxDefault
	publish, subscribe *flavour
	config             webrtc.Configuration
	outboxes           shelf
	// closing counts peer connections on their way down and peers' loops.
	closing sync.WaitGroup

	mu     sync.Mutex
	closed bool
	rooms  map[string]*Room
	gone   Stats // the running counters of rooms that are closed
}

// certificateLife is the validity of the process's certificate. Peers check
// its fingerprint, not its dates; pion refuses its own when it has expired.
const certificateLife = 10 * 365 * 24 * time.Hour

// closeLimit bounds the wait for connections when the node closes.
const closeLimit = 3 * time.Second

// tcpWriteBuffer is how much may wait for one slow TCP receiver, in bytes: a
// large keyframe. What does not fit is dropped for that receiver alone; what
// waits it may still get after a gate was shut.
const tcpWriteBuffer = 256 << 10

// Open binds the port and starts forwarding.
func Open(c Config) (*Node, error) {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	cert, err := newCertificate(time.Now())
	if err != nil {
		return nil, fmt.Errorf("sfu: make certificate: %w", err)
	}
	conn, listener, err := listen(c.Addr)
	if err != nil {
		return nil, err
	}
	n := &Node{log: c.Log, conn: conn, addr: addrPort(conn.LocalAddr()), rooms: map[string]*Room{}}
	n.config = webrtc.Configuration{
		Certificates: []webrtc.Certificate{*cert},
		BundlePolicy: webrtc.BundlePolicyMaxBundle,
	}
	n.udp = ice.NewUDPMuxDefault(ice.UDPMuxParams{UDPConn: conn, Logger: quiet().NewLogger("udp")})
	n.tcp = ice.NewTCPMuxDefault(ice.TCPMuxParams{
		Listener: listener, Logger: quiet().NewLogger("tcp"), ReadBufferSize: 64,
		WriteBufferSize: tcpWriteBuffer, FirstStunBindTimeout: 5 * time.Second,
	})
	if err := n.prepare(c.Announce); err != nil {
		_ = n.Close()
		return nil, err
	}
	return n, nil
}

// prepare says what the connections of each side are like: they differ in codecs, header
// extensions and interceptors.
func (n *Node) prepare(announce []string) error {
	settings, err := n.settings(announce)
	if err != nil {
		return err
	}
	publishing, err := mediaEngine(true)
	if err != nil {
		return fmt.Errorf("sfu: declare codecs: %w", err)
	}
	subscribing, err := mediaEngine(false)
	if err != nil {
		return fmt.Errorf("sfu: declare codecs: %w", err)
	}
	interceptors, err := publishInterceptors()
	if err != nil {
		return fmt.Errorf("sfu: make interceptors: %w", err)
	}
	n.publish = &flavour{settings, publishing, interceptors}
	n.subscribe = &flavour{settings, subscribing, noInterceptors()}
	return nil
}

// flavour is what the connections of one side have in common.
type flavour struct {
	settings     webrtc.SettingEngine
	media        *webrtc.MediaEngine
	interceptors *interceptor.Registry
}

// open makes a connection. fit adds what is its own to its settings.
func (f *flavour) open(c webrtc.Configuration, fit func(*webrtc.SettingEngine)) (*webrtc.PeerConnection, error) {
	settings := f.settings
	fit(&settings)
	return webrtc.NewAPI(webrtc.WithSettingEngine(settings), webrtc.WithMediaEngine(f.media),
		webrtc.WithInterceptorRegistry(f.interceptors)).NewPeerConnection(c)
}

// Addr is the bound port.
func (n *Node) Addr() netip.AddrPort { return n.addr }

// Lost is how many packets to subscribers of any room the kernel did not take
// because its buffer was full, or their address could not be reached.
func (n *Node) Lost() uint64 { return n.conn.Lost() }

// Room returns the room of that name and makes it when it is new.
func (n *Node) Room(name string) *Room {
	n.mu.Lock()
	defer n.mu.Unlock()
	if r, ok := n.rooms[name]; ok {
		return r
	}
	r := newRoom(n, name)
	if n.closed {
		r.closed = true
		return r
	}
	n.rooms[name] = r
	return r
}

func (n *Node) forget(r *Room) {
	last := r.Stats()
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.rooms[r.name] == r {
		delete(n.rooms, r.name)
		n.gone.count(last)
	}
}

// Close ends every room, waits for their connections and frees the port.
func (n *Node) Close() error {
	n.mu.Lock()
	n.closed = true
	var all []*Room
	for _, r := range n.rooms {
		all = append(all, r)
	}
	n.mu.Unlock()
	for _, r := range all {
		r.Close()
	}
	var late error
	down := make(chan struct{})
	go func() { n.closing.Wait(); close(down) }()
	select {
	case <-down:
	case <-time.After(closeLimit):
		late = errors.New("connections did not end in time")
	}
	err := errors.Join(late, n.udp.Close(), n.tcp.Close())
	if err != nil {
		return fmt.Errorf("sfu: close %s: %w", n.addr, err)
	}
	return nil
}

// discard closes a peer connection in the background: pion waits for its own
// goroutines, and its callbacks must not wait for pion.
func (n *Node) discard(pc *webrtc.PeerConnection) {
	n.closing.Go(func() {
		if err := pc.GracefulClose(); err != nil {
			n.log.Debug("peer connection closed with an error", "err", err)
		}
	})
}

// listen opens UDP and TCP on the same port. A free UDP port may be taken on
// TCP, so with port 0 it tries a few.
func listen(addr string) (*batchconn.Conn, net.Listener, error) {
	want, err := net.ResolveUDPAddr("udp", addr)
	if err != nil {
		return nil, nil, fmt.Errorf("sfu: media address %q: %w", addr, err)
	}
	family := ""
	ip, ok := netip.AddrFromSlice(want.IP)
	switch ip = ip.Unmap(); {
	case !ok:
		ip = netip.IPv6Unspecified()
		if !hasIPv6() {
			family, ip = "4", netip.IPv4Unspecified()
		}
	case ip.Is4():
		family = "4"
	}
	var last error
	for range 16 {
		conn, err := batchconn.Listen("udp"+family, netip.AddrPortFrom(ip, uint16(want.Port)))
		if err != nil {
			return nil, nil, fmt.Errorf("sfu: media port: %w", err)
		}
		port := addrPort(conn.LocalAddr()).Port()
		l, err := net.ListenTCP("tcp"+family, net.TCPAddrFromAddrPort(netip.AddrPortFrom(ip, port)))
		if err == nil {
			return conn, l, nil
		}
		_ = conn.Close()
		last = fmt.Errorf("sfu: media port on tcp: %w", err)
		if want.Port != 0 {
			break
		}
	}
	return nil, nil, last
}

// hasIPv6 reports whether an IPv6 socket can be opened here.
func hasIPv6() bool {
	c, err := net.ListenUDP("udp6", &net.UDPAddr{IP: net.IPv6loopback})
	if err != nil {
		return false
	}
	_ = c.Close()
	return true
}

func addrPort(a net.Addr) netip.AddrPort {
	u, ok := a.(*net.UDPAddr)
	if !ok {
		return netip.AddrPort{}
	}
	ap := u.AddrPort()
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
}

func newCertificate(now time.Time) (*webrtc.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, err
	}
	return webrtc.NewCertificate(key, x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "lyceum"}, Issuer: pkix.Name{CommonName: "lyceum"},
		NotBefore: now.Add(-24 * time.Hour), NotAfter: now.Add(certificateLife),
	})
}

// quiet silences pion: it logs what hostile packets say, once per packet. What
// matters is counted in Stats or reported through Signal.
func quiet() logging.LoggerFactory {
	f := logging.NewDefaultLoggerFactory()
	f.DefaultLogLevel = logging.LogLevelDisabled
	return f
}
