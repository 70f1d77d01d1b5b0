package client

import (
	"context"
	"time"

	"github.com/pion/webrtc/v4"
	"github.com/pion/webrtc/v4/pkg/media"
)

// play sends a clip on a track until ctx ends. Frame i is due at a fixed time after start, by the monotonic
// clock, so audio and video played with the same start stay together however long they run. start is the
// beginning of a loop in the past: playing begins at the first frame still due that a receiver can begin at.
func play(ctx context.Context, c *Clip, track *webrtc.TrackLocalStaticSample, start time.Time) {
	if len(c.Frames) == 0 {
		return
	}
	i := int(time.Since(start)/c.Frame) + 1
	for c.Key != nil && !c.Key(c.Frames[i%len(c.Frames)]) {
		i++
	}
	timer := time.NewTimer(0)
	defer timer.Stop()
	<-timer.C
	for ; ; i++ {
		timer.Reset(time.Until(start.Add(time.Duration(i) * c.Frame)))
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		// An error here means that the connection is closing; its owner sees that and ends ctx.
		_ = track.WriteSample(media.Sample{Data: c.Frames[i%len(c.Frames)], Duration: c.Frame})
	}
}

// loopStart is the moment, with its monotonic reading, at which the loop that runs at now began, when loops
// begin at whole multiples of length on the wall clock.
func loopStart(now time.Time, length time.Duration) time.Time {
	if length <= 0 {
		return now
	}
	return now.Add(-time.Duration(now.UnixNano() % int64(length)))
}

// length is the loop of the media as a whole.
func (m Media) length() time.Duration {
	if m.Video != nil {
		return m.Video.Length()
	}
	if m.Audio != nil {
		return m.Audio.Length()
	}
	return 0
}
