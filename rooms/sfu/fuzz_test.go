package sfu_test

import (
	"errors"
	"testing"

	"github.com/pion/webrtc/v4"

	"lyceum/rooms"
	"lyceum/rooms/sfu"
)

// Any answer is taken or refused; the room goes on either way.
func FuzzAnswer(f *testing.F) {
	node := mustOpen(f)
	valid := ""
	func() {
		room := node.Room("seed")
		c := newClient(f, "ada", clientOptions{})
		c.options.edit = func(_ sfu.Side, sdp string) string { valid = sdp; return sdp }
		box := newMailbox()
		c.peer = room.Join("ada", box)
		if err := c.peer.Publish(rooms.SourceMic); err != nil {
			f.Fatal(err)
		}
		c.answer(<-box.offers)
		c.close()
	}()
	f.Add(valid)
	f.Add(valid[:len(valid)/2])
	f.Add("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=ice-ufrag:aaaa\r\na=ice-pwd:bbbbbbbbbbbbbbbbbbbbbbbb\r\na=fingerprint:sha-256 00\r\n")
	f.Fuzz(func(t *testing.T, answer string) {
		box := newMailbox()
		peer := node.Room("fuzz").Join("ada", box)
		defer peer.Close()
		if err := peer.Publish(rooms.SourceMic); err != nil {
			t.Fatal(err)
		}
		o := <-box.offers
		_ = peer.Answer(o.Side, o.Number, answer)
		_ = peer.Candidate(o.Side, answer, "0")
	})
}

// Any offer of a WHIP or WHEP client is answered or refused as malformed.
func FuzzAccept(f *testing.F) {
	_, pc, offer := offerer(f, func(_ *client, pc *webrtc.PeerConnection) {
		for _, k := range []webrtc.RTPCodecType{webrtc.RTPCodecTypeAudio, webrtc.RTPCodecTypeVideo} {
			if _, err := pc.AddTransceiverFromKind(k); err != nil {
				f.Fatal(err)
			}
		}
	})
	f.Cleanup(func() { _ = pc.GracefulClose() })
	f.Add(offer)
	f.Add(offer[:len(offer)*2/3])
	f.Add("v=0\r\nm=video 9 RTP/AVP 96\r\na=mid:a\r\n")
	room := mustOpen(f).Room("fuzz")
	f.Fuzz(func(t *testing.T, offer string) {
		for _, accept := range []func(string, string) (*sfu.Peer, string, error){room.AcceptPublisher, room.AcceptSubscriber} {
			peer, _, err := accept("ada", offer)
			if err == nil {
				peer.Close()
			} else if !errors.Is(err, sfu.ErrMalformed) {
				t.Fatalf("refused with %v", err)
			}
		}
	})
}
