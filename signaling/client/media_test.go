package client_test

import (
	"testing"
	"time"

	"go.uber.org/goleak"

	"lyceum/signaling/client"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The demo speaker is one minute of both, in step, with a place to begin every second, and small.
func TestSpeakerMedia(t *testing.T) {
	speaker := client.Speaker()
	total := 0
	for name, c := range map[string]*client.Clip{"audio": speaker.Audio, "video": speaker.Video} {
		if c.Length() != time.Minute {
			t.Errorf("%s lasts %v, want a minute", name, c.Length())
		}
		for _, f := range c.Frames {
			total += len(f)
		}
	}
	if total > 1_200_000 {
		t.Errorf("media is %d bytes, want at most 1.2 MB", total)
	}
	perSecond := int(time.Second / speaker.Video.Frame)
	for i := 0; i < len(speaker.Video.Frames); i += perSecond {
		if !speaker.Video.Key(speaker.Video.Frames[i]) {
			t.Errorf("frame %d, at second %d, is no key frame", i, i/perSecond)
		}
	}
}
