package sfu_test

import (
	"testing"

	"github.com/pion/webrtc/v4"

	"lyceum/rooms"
)

// A camera that sends H.264, as many phones and encoders do, is forwarded as
// H.264: the receiver's packets carry the payload type that its offer gave to it.
func TestH264IsForwarded(t *testing.T) {
	const h264 = 102
	room := mustOpen(t).Room("talk")
	ada := join(t, room, "ada", clientOptions{track: func(src rooms.Source) webrtc.TrackLocal {
		track, err := webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{
			MimeType: webrtc.MimeTypeH264, ClockRate: 90000,
			SDPFmtpLine: "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
		}, string(src), "ada")
		if err != nil {
			t.Error(err)
		}
		return track
	}})
	ben := join(t, room, "ben", clientOptions{})
	ada.pump(rooms.SourceCamera)
	ada.peer.Gate(rooms.SourceCamera, true)
	ben.awaitMore("ada", rooms.SourceCamera, 20)
	for _, p := range ben.from("ada", rooms.SourceCamera) {
		if p.PayloadType != h264 {
			t.Fatalf("a packet has payload type %d, want %d", p.PayloadType, h264)
		}
	}
}
