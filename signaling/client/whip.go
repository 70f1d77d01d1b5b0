package client

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/pion/webrtc/v4"
)

// Publication is media being sent by WHIP.
type Publication struct {
	session *session
	stop    context.CancelFunc
	players sync.WaitGroup
}

// Publish sends media by WHIP until Close, or until the connection breaks ([Publication.Done]). ctx bounds
// the negotiation alone. What cannot be published is a *[StatusError] when the server said so.
func Publish(ctx context.Context, at WHIP, m Media) (*Publication, error) {
	s, err := newSession(at)
	if err != nil {
		return nil, err
	}
	playing, stop := context.WithCancel(context.WithoutCancel(ctx))
	p := &Publication{session: s, stop: stop}
	start := loopStart(time.Now(), m.length())
	for _, c := range []*Clip{m.Audio, m.Video} {
		if c == nil {
			continue
		}
		if err := p.add(playing, c, start); err != nil {
			_ = p.close(ctx, false)
			return nil, err
		}
	}
	if err := s.negotiate(ctx); err != nil {
		_ = p.close(ctx, false)
		return nil, err
	}
	return p, nil
}

// add sends one clip on a track of its own, from when the connection stands.
func (p *Publication) add(ctx context.Context, c *Clip, start time.Time) error {
	track, err := webrtc.NewTrackLocalStaticSample(c.Codec, keyOf(kindOf(c)), "speaker")
	if err != nil {
		return fmt.Errorf("client: new track: %w", err)
	}
	sender, err := p.session.pc.AddTransceiverFromTrack(track,
		webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
	if err != nil {
		return fmt.Errorf("client: add track: %w", err)
	}
	p.players.Go(func() { drain(sender.Sender()) })
	p.players.Go(func() { play(ctx, c, track, start) })
	return nil
}

// Done is closed when the connection is over, for whatever reason.
func (p *Publication) Done() <-chan struct{} { return p.session.done }

// Close ends the publication, here and on the server, and waits until nothing of it runs.
func (p *Publication) Close(ctx context.Context) error { return p.close(ctx, true) }

func (p *Publication) close(ctx context.Context, leave bool) error {
	p.stop()
	err := p.session.close(ctx, leave)
	p.players.Wait()
	return err
}

func kindOf(c *Clip) webrtc.RTPCodecType {
	if c.Codec.MimeType == webrtc.MimeTypeOpus {
		return webrtc.RTPCodecTypeAudio
	}
	return webrtc.RTPCodecTypeVideo
}
