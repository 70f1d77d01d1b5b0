package client

import (
	"context"
	"fmt"
	"sync"

	"github.com/pion/webrtc/v4"
)

// Listener is media being received by WHEP.
type Listener struct {
	*Meter
	session *session
	readers sync.WaitGroup
}

// Listen receives by WHEP until Close, and counts. ctx bounds the negotiation alone.
func Listen(ctx context.Context, at WHIP) (*Listener, error) {
	s, err := newSession(at)
	if err != nil {
		return nil, err
	}
	l := &Listener{Meter: newMeter(), session: s}
	s.pc.OnTrack(func(track *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		flow := Flow{Source: keyOf(track.Kind())}
		l.readers.Go(func() { l.read(track, func() (Flow, bool) { return flow, true }) })
	})
	for _, kind := range []webrtc.RTPCodecType{webrtc.RTPCodecTypeAudio, webrtc.RTPCodecTypeVideo} {
		_, err := s.pc.AddTransceiverFromKind(kind,
			webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly})
		if err != nil {
			_ = l.close(ctx, false)
			return nil, fmt.Errorf("client: add receiver: %w", err)
		}
	}
	if err := s.negotiate(ctx); err != nil {
		_ = l.close(ctx, false)
		return nil, err
	}
	return l, nil
}

// Done is closed when the connection is over, for whatever reason.
func (l *Listener) Done() <-chan struct{} { return l.session.done }

// Close ends listening, here and on the server.
func (l *Listener) Close(ctx context.Context) error { return l.close(ctx, true) }

func (l *Listener) close(ctx context.Context, leave bool) error {
	err := l.session.close(ctx, leave)
	l.readers.Wait()
	return err
}
