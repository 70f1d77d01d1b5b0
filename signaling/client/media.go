package client

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/pion/webrtc/v4"
	"github.com/pion/webrtc/v4/pkg/media/ivfreader"
	"github.com/pion/webrtc/v4/pkg/media/oggreader"
)

//go:embed speaker/speaker.ivf
var speakerPicture []byte

//go:embed speaker/speaker.ogg
var speakerVoice []byte

// opusFrame is the length of one packet of our Opus files.
const opusFrame = 20 * time.Millisecond

// Clip is encoded media that loops: one frame after the other, each as long as the others.
type Clip struct {
	Codec  webrtc.RTPCodecCapability
	Frame  time.Duration
	Frames [][]byte
	// Key says whether a receiver may begin at frame i; nil means at any.
	Key func(frame []byte) bool
}

// Length is how long one loop takes, to the millisecond: a twelfth of a second is no whole number of
// nanoseconds, and loops that are counted from 1970 must not drift by the rest.
func (c *Clip) Length() time.Duration {
	return (time.Duration(len(c.Frames)) * c.Frame).Round(time.Millisecond)
}

// Media is what a publication sends: a microphone, a camera, or both in step. Nil means none of it.
type Media struct {
	Audio *Clip
	Video *Clip
}

// Speaker is the demo's synthetic speaker: a picture with a running clock, and a voice. One loop is a
// minute and begins when the wall clock's second is 0, so the clock shows true seconds. The embedded files
// are checked by the tests, so a failure here is a broken build.
func Speaker() Media {
	video, err := readIVF(speakerPicture)
	if err != nil {
		panic(fmt.Sprintf("client: embedded picture: %v", err))
	}
	audio, err := readOgg(speakerVoice)
	if err != nil {
		panic(fmt.Sprintf("client: embedded voice: %v", err))
	}
	// The encoder pads the end: one packet more than the picture would put them 20 ms apart every minute.
	audio.Frames = audio.Frames[:min(len(audio.Frames), int(video.Length()/audio.Frame))]
	return Media{Audio: audio, Video: video}
}

// readIVF reads VP8 frames; the frame length comes from the file's time base.
func readIVF(data []byte) (*Clip, error) {
	r, head, err := ivfreader.NewWith(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("client: read ivf: %w", err)
	}
	if head.FourCC != "VP80" || head.TimebaseDenominator == 0 {
		return nil, fmt.Errorf("client: read ivf: codec %q is not VP8", head.FourCC)
	}
	frame := time.Second * time.Duration(head.TimebaseNumerator) / time.Duration(head.TimebaseDenominator)
	c := &Clip{
		Codec: webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8, ClockRate: 90000},
		Frame: frame,
		// RFC 6386, section 9.1: the lowest bit of a frame is 0 in a key frame.
		Key: func(frame []byte) bool { return len(frame) > 0 && frame[0]&1 == 0 },
	}
	for {
		picture, _, err := r.ParseNextFrame()
		if errors.Is(err, io.EOF) {
			return c, nil
		}
		if err != nil {
			return nil, fmt.Errorf("client: read ivf: %w", err)
		}
		c.Frames = append(c.Frames, picture)
	}
}

// readOgg reads Opus packets from a file with one packet a page (RFC 7845).
func readOgg(data []byte) (*Clip, error) {
	r, _, err := oggreader.NewWith(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("client: read ogg: %w", err)
	}
	c := &Clip{
		Codec: webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2},
		Frame: opusFrame,
	}
	for {
		packet, _, err := r.ParseNextPage()
		if errors.Is(err, io.EOF) {
			return c, nil
		}
		if err != nil {
			return nil, fmt.Errorf("client: read ogg: %w", err)
		}
		if !bytes.HasPrefix(packet, []byte("OpusTags")) {
			c.Frames = append(c.Frames, packet)
		}
	}
}
