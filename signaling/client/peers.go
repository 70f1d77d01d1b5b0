package client

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/pion/webrtc/v4"

	"lyceum/signaling/wire"
)

// offerBacklog is how many offers may wait while one is answered. The server has at most one open per
// side, so more than this means a broken server, and the newest are dropped.
const offerBacklog = 16

// peers is the two peer connections of a [Conn]. One goroutine answers offers in order; everything below
// mu is also read by the goroutines of received tracks.
type peers struct {
	conn            *Conn
	api             *webrtc.API
	offers          backlog
	ctx             context.Context // ends with the Conn; this struct owns the goroutines under it
	stop            context.CancelFunc
	answering, work sync.WaitGroup // run; readers, players and drains

	mu     sync.Mutex
	sides  map[string]*webrtc.PeerConnection
	flows  map[string]Flow               // subscribed media section -> whose
	clips  map[string]*Clip              // own source -> what to send
	halts  map[string]context.CancelFunc // own source -> ends its player
	errors []error
}

// backlog is a bounded queue that refuses when full.
type backlog chan wire.Message

func (b backlog) put(m wire.Message) {
	select {
	case b <- m:
	default:
	}
}

func newPeers(c *Conn, loopback bool) (*peers, error) {
	api, err := newAPI(loopback)
	if err != nil {
		return nil, err
	}
	m := &peers{
		conn: c, api: api, offers: make(backlog, offerBacklog), sides: make(map[string]*webrtc.PeerConnection),
		flows: make(map[string]Flow), clips: make(map[string]*Clip), halts: make(map[string]context.CancelFunc),
	}
	m.ctx, m.stop = context.WithCancel(context.Background())
	m.answering.Go(m.run)
	return m, nil
}

func (m *peers) run() {
	for {
		select {
		case <-m.ctx.Done():
			return
		case message := <-m.offers:
			var err error
			switch message := message.(type) {
			case wire.Offer:
				err = m.answer(message)
			case wire.Failed:
				err = m.drop(message.Side)
			}
			if err != nil && m.ctx.Err() == nil {
				m.mu.Lock()
				m.errors = append(m.errors, err)
				m.mu.Unlock()
			}
		}
	}
}

// answer takes an offer of the server and sends our answer with our candidates in it.
func (m *peers) answer(o wire.Offer) error {
	pc, err := m.peer(o.Side, o.Number)
	if err != nil {
		return err
	}
	m.learn(o)
	err = pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: o.SDP})
	if err != nil {
		return fmt.Errorf("client: take offer %s %d: %w", o.Side, o.Number, err)
	}
	if o.Side == "publish" {
		if err := m.attach(pc, o.Tracks); err != nil {
			return err
		}
	}
	local, err := pc.CreateAnswer(nil)
	if err != nil {
		return fmt.Errorf("client: create answer: %w", err)
	}
	sdp, err := describe(m.ctx, pc, local)
	if err != nil {
		return err
	}
	return m.conn.Send(wire.Answer{Side: o.Side, Number: o.Number, SDP: sdp})
}

// peer is the connection of a side; an offer numbered 1 begins a new one.
func (m *peers) peer(side string, number int) (*webrtc.PeerConnection, error) {
	m.mu.Lock()
	pc := m.sides[side]
	m.mu.Unlock()
	if pc != nil && number > 1 {
		return pc, nil
	}
	if err := m.drop(side); err != nil {
		return nil, err
	}
	pc, err := m.api.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return nil, fmt.Errorf("client: peer connection: %w", err)
	}
	if side == "subscribe" {
		pc.OnTrack(func(track *webrtc.TrackRemote, receiver *webrtc.RTPReceiver) {
			mid := midOf(pc, receiver)
			m.work.Go(func() { m.conn.Meter.read(track, func() (Flow, bool) { return m.flow(mid) }) })
		})
	}
	m.mu.Lock()
	m.sides[side] = pc
	m.mu.Unlock()
	return pc, nil
}

// learn notes whose media each section of a subscription carries.
func (m *peers) learn(o wire.Offer) {
	if o.Side != "subscribe" {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	clear(m.flows)
	for _, t := range o.Tracks {
		m.flows[t.Mid] = Flow{Participant: t.Participant, Source: t.Source}
	}
}

func (m *peers) flow(mid string) (Flow, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	f, ok := m.flows[mid]
	return f, ok
}

// drop closes the connection of a side, and with the publishing one its players.
func (m *peers) drop(side string) error {
	m.mu.Lock()
	pc := m.sides[side]
	delete(m.sides, side)
	if side == "publish" {
		for source, halt := range m.halts {
			halt()
			delete(m.halts, source)
		}
	}
	m.mu.Unlock()
	if pc == nil {
		return nil
	}
	return pc.GracefulClose()
}

func (m *peers) close() {
	m.stop()
	m.answering.Wait() // after this nobody opens another
	_ = m.drop("publish")
	_ = m.drop("subscribe")
	m.work.Wait()
}

// MediaErrors is what went wrong with offers until now; tests check that it is empty.
func (c *Conn) MediaErrors() error {
	if c.media == nil {
		return nil
	}
	c.media.mu.Lock()
	defer c.media.mu.Unlock()
	return errors.Join(c.media.errors...)
}

func sectionOf(pc *webrtc.PeerConnection, mid string) *webrtc.RTPTransceiver {
	for _, t := range pc.GetTransceivers() {
		if t.Mid() == mid {
			return t
		}
	}
	return nil
}

func midOf(pc *webrtc.PeerConnection, receiver *webrtc.RTPReceiver) string {
	for _, t := range pc.GetTransceivers() {
		if t.Receiver() == receiver {
			return t.Mid()
		}
	}
	return ""
}
