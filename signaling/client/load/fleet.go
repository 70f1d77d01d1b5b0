package load

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/pion/webrtc/v4"
)

// connectWithin bounds how long a publisher or a receiver may take.
const connectWithin = 30 * time.Second

// Target is where a fleet publishes and plays.
type Target struct {
	Publish, Play string // URLs of WHIP and WHEP
	PublishToken  string
	// PlayTokens holds one for each receiver, used once each; empty means that
	// the server wants none.
	PlayTokens []string
}

// Fleet is one publisher and its receivers.
type Fleet struct {
	target       Target
	source       *source
	http         *http.Client // its own: closing its idle connections disturbs nobody
	certificates []webrtc.Certificate
	loopback     bool
	life         context.Context // the fleet's own: it ends with Close
	end          context.CancelFunc
	sending      sync.WaitGroup

	mu        sync.Mutex
	sessions  []*session // the publisher's first
	receivers []*receiver
	begun     int // joins, failed ones too
}

// Publish starts a fleet with its publisher; it must be closed. ctx bounds the
// start alone.
func Publish(ctx context.Context, to Target, m Media) (*Fleet, error) {
	u, err := url.Parse(to.Publish)
	if err != nil {
		return nil, fmt.Errorf("load: address %q: %w", to.Publish, err)
	}
	s, err := newSource(m)
	if err != nil {
		return nil, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("load: make key: %w", err)
	}
	certificate, err := webrtc.GenerateCertificate(key)
	if err != nil {
		return nil, fmt.Errorf("load: make certificate: %w", err)
	}
	ip := net.ParseIP(u.Hostname())
	f := &Fleet{
		target: to, source: s, certificates: []webrtc.Certificate{*certificate},
		http:     &http.Client{Timeout: connectWithin, Transport: &http.Transport{MaxIdleConnsPerHost: 64}},
		loopback: u.Hostname() == "localhost" || ip != nil && ip.IsLoopback(),
	}
	f.life, f.end = context.WithCancel(context.WithoutCancel(ctx))
	if err := f.publish(ctx); err != nil {
		f.Close(ctx)
		return nil, err
	}
	return f, nil
}

func (f *Fleet) publish(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, connectWithin)
	defer cancel()
	pc, err := f.newConnection(nil)
	if err != nil {
		return err
	}
	up := make(chan struct{})
	var once sync.Once
	pc.OnConnectionStateChange(func(st webrtc.PeerConnectionState) {
		if st == webrtc.PeerConnectionStateConnected {
			once.Do(func() { close(up) })
		}
	})
	f.sessions = append(f.sessions, &session{pc: pc})
	t, err := pc.AddTransceiverFromTrack(f.source.track, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
	if err != nil {
		return fmt.Errorf("load: add track: %w", err)
	}
	f.sending.Go(func() { f.source.listen(t.Sender()) })
	s, err := f.negotiate(ctx, pc, f.target.Publish, f.target.PublishToken)
	if err != nil {
		return err
	}
	f.sessions[0] = s
	select {
	case <-up:
	case <-ctx.Done():
		return fmt.Errorf("load: publish: %w", ctx.Err())
	}
	f.sending.Go(func() { f.source.run(f.life) })
	return nil
}

// Joins is how a number of receivers came in.
type Joins struct {
	Joined, Failed int
	P50, P99       time.Duration // from the start of a join to its first packet
	Took           time.Duration // all of them
	Err            error         // the first failure
}

// Join brings count receivers in, so many at once.
func (f *Fleet) Join(ctx context.Context, count, atOnce int) Joins {
	var (
		wait  sync.WaitGroup
		mu    sync.Mutex
		out   Joins
		times []time.Duration
		slots = make(chan struct{}, max(atOnce, 1)) // full: the next join waits
		began = time.Now()
	)
	for range count {
		slots <- struct{}{}
		wait.Go(func() {
			defer func() { <-slots }()
			took, err := f.join(ctx)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				out.Failed++
				out.Err = errors.Join(out.Err, err)
				return
			}
			times = append(times, took)
		})
	}
	wait.Wait()
	out.Joined, out.Took = len(times), time.Since(began)
	slices.Sort(times)
	out.P50, out.P99 = quantile(times, .5), quantile(times, .99)
	return out
}

func (f *Fleet) join(ctx context.Context) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, connectWithin)
	defer cancel()
	token, err := f.token()
	if err != nil {
		return 0, err
	}
	r := newReceiver(f.source)
	pc, err := f.newConnection(r)
	if err != nil {
		return 0, err
	}
	if _, err := pc.AddTransceiverFromKind(f.source.kind(), webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}); err != nil {
		_ = pc.Close()
		return 0, fmt.Errorf("load: add section: %w", err)
	}
	s, err := f.negotiate(ctx, pc, f.target.Play, token)
	if err != nil {
		_ = pc.Close()
		return 0, err
	}
	f.mu.Lock()
	f.sessions = append(f.sessions, s)
	f.mu.Unlock()
	select {
	case <-r.first:
	case <-ctx.Done():
		return 0, fmt.Errorf("load: nothing was received: %w", ctx.Err())
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.receivers = append(f.receivers, r)
	return r.joined, nil
}

// token hands out the next of the receivers' tokens.
func (f *Fleet) token() (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.begun++
	if len(f.target.PlayTokens) == 0 {
		return "", nil
	}
	if f.begun > len(f.target.PlayTokens) {
		return "", fmt.Errorf("load: only %d tokens for receivers", len(f.target.PlayTokens))
	}
	return f.target.PlayTokens[f.begun-1], nil
}

// leaving is how many sessions end at the same time.
const leaving = 16

// Close ends every session, here and on the server.
func (f *Fleet) Close(ctx context.Context) {
	f.mu.Lock()
	sessions := f.sessions
	f.sessions, f.receivers = nil, nil
	f.mu.Unlock()
	f.end()
	var wait sync.WaitGroup
	slots := make(chan struct{}, leaving)
	for _, s := range sessions {
		slots <- struct{}{}
		wait.Go(func() { f.leave(ctx, s); <-slots })
	}
	wait.Wait()
	f.sending.Wait()
	f.http.CloseIdleConnections()
}
